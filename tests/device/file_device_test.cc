#include "tapir/device/file_device.h"

#include <gtest/gtest.h>

#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

std::unique_ptr<FileDevice> MustOpen(const std::string& path, OpenMode mode,
                                     const FileDeviceOptions& options = {}) {
  Result<std::unique_ptr<FileDevice>> device = FileDevice::Open(path, mode, options);
  EXPECT_TRUE(device.ok()) << device.status().ToString();
  return device.ok() ? *std::move(device) : nullptr;
}

TEST(FileDevice, WritesBlocksEndToEndAndReadsThemInAnySteps) {
  TemporaryFolder folder;
  const size_t sizes[] = {4096, 1u << 20, 8192, 3u << 20, 65536, 4096, 8u << 20, 1u << 20};
  for (bool direct : {true, false}) {
    std::string path = folder / (direct ? "direct" : "cached");
    FileDeviceOptions options{.direct_io = direct, .read_ahead_bytes = 4u << 20};
    auto writer = MustOpen(path, OpenMode::kCreate, options);
    Bytes all;
    for (size_t size : sizes) {
      Bytes block = Pattern(size, all.size());
      ASSERT_WRITTEN(writer->Write(block));
      all.insert(all.end(), block.begin(), block.end());
      ASSERT_EQ(writer->position().offset_bytes, all.size());
      ASSERT_EQ(writer->LengthBytes(), static_cast<int64_t>(all.size()));
    }
    ASSERT_EQ(writer->position().object, std::size(sizes));
    ASSERT_OK(writer->Sync());
    EXPECT_TRUE(GetFile(path) == all);
    for (size_t step : {size_t{100}, size_t{4096}, size_t{999'999}, size_t{32} << 20}) {
      auto reader = MustOpen(path, OpenMode::kRead, options);
      EXPECT_TRUE(ReadAll(*reader, step) == all) << step;
    }
  }
}

}  // namespace
}  // namespace tapir
