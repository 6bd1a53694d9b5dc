#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tapir/device/block_device.h"

namespace tapir {

using Bytes = std::vector<std::byte>;

/// Bytes that differ from place to place and from seed to seed, none of them zero.
inline Bytes Pattern(size_t size, uint64_t seed) {
  constexpr uint64_t kLowBits = 0x0101010101010101;
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    uint64_t word = random() | kLowBits;
    std::memcpy(bytes.data() + at, &word, std::min(sizeof(word), size - at));
  }
  return bytes;
}

inline void Append(Bytes& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
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
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

inline Bytes GetFile(const std::string& path) {
  Bytes bytes(std::filesystem::file_size(path));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

/// Reads to the end of data in steps of `step` bytes; fails the test on an error.
inline Bytes ReadAll(BlockDevice& device, size_t step) {
  Bytes all;
  Bytes buffer(step);
  while (true) {
    Result<ReadOutcome> outcome = device.Read(buffer);
    EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    if (!outcome.ok() || outcome->kind == ReadKind::kEndOfData) return all;
    Append(all, std::span(buffer).first(outcome->size));
  }
}

inline std::string TextOf(const Status& status) { return status.ToString(); }
template <typename T>
std::string TextOf(const Result<T>& result) {
  return result.status().ToString();
}

}  // namespace tapir

#define ASSERT_OK(expression)                                        \
  do {                                                               \
    const auto& tapir_outcome = (expression);                        \
    ASSERT_TRUE(tapir_outcome.ok()) << tapir::TextOf(tapir_outcome); \
  } while (false)

/// `expression` is a Result<WriteOutcome>, `outcome` an enumerator.
#define ASSERT_WRITE_OUTCOME(expression, outcome)                    \
  do {                                                               \
    auto tapir_outcome = (expression);                               \
    ASSERT_TRUE(tapir_outcome.ok()) << tapir::TextOf(tapir_outcome); \
    ASSERT_EQ(*tapir_outcome, tapir::WriteOutcome::outcome);         \
  } while (false)

#define ASSERT_WRITTEN(expression) ASSERT_WRITE_OUTCOME(expression, kWritten)
