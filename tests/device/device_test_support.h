#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tapir/device/block_device.h"

namespace tapir {

using Bytes = std::vector<std::byte>;

/// Bytes that differ from place to place and from seed to seed.
inline Bytes Pattern(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random() >> 56);
  return bytes;
}

/// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tapir-device-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline void PutFile(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  for (std::byte b : bytes) file.put(static_cast<char>(b));
}

inline Bytes GetFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Reads to the end of data in steps of `step` bytes; fails the test on an error.
inline Bytes ReadAll(BlockDevice& device, size_t step) {
  Bytes all;
  Bytes buffer(step);
  while (true) {
    Result<ReadOutcome> outcome = device.Read(buffer);
    EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    if (!outcome.ok() || outcome->kind == ReadKind::kEndOfData) return all;
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(outcome->size));
  }
}

}  // namespace tapir

#define ASSERT_OK(expression)                                        \
  do {                                                               \
    const auto& tapir_outcome = (expression);                        \
    ASSERT_TRUE(tapir_outcome.ok()) << tapir::TextOf(tapir_outcome); \
  } while (false)

/// The expression is a Result<WriteOutcome>.
#define ASSERT_WRITTEN(expression)                                   \
  do {                                                               \
    auto tapir_outcome = (expression);                               \
    ASSERT_TRUE(tapir_outcome.ok()) << tapir::TextOf(tapir_outcome); \
    ASSERT_EQ(*tapir_outcome, tapir::WriteOutcome::kWritten);        \
  } while (false)

namespace tapir {
inline std::string TextOf(const Status& status) { return status.ToString(); }
template <typename T>
std::string TextOf(const Result<T>& result) {
  return result.status().ToString();
}
}  // namespace tapir
