#include "tests/conformance/vector_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tapir::test {

void ExpectIsVector(const std::string& name, const std::vector<std::byte>& bytes) {
  const std::filesystem::path path =
      std::filesystem::path(TAPIR_SOURCE_DIR) / "format-spec" / "vectors" / (name + ".tapir");
  if (const char* rewrite = std::getenv("TAPIR_REWRITE"); rewrite != nullptr) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  std::ifstream file(path, std::ios::binary);
  const std::string stored{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(stored.size(), bytes.size()) << path;
  for (size_t at = 0; at < bytes.size(); ++at) {
    ASSERT_EQ(std::byte(stored[at]), bytes[at]) << path << " differs at byte " << at;
  }
}

}  // namespace tapir::test
