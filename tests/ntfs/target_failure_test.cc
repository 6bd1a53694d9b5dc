#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "bytes/cursor.h"
#include "ntfs/image.h"
#include "ntfs/restored_object.h"
#include "ntfs/volume.h"
#include "ntfs/volume_writer.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

constexpr uint64_t kFailureImageBytes = uint64_t{8} << 20;
constexpr size_t kFileRecordBytes = 1024;
constexpr size_t kNumberPlace = 0x2C;
constexpr uint32_t kFirstOwnRecord = 24;

// An image that cannot be written any more when it is told so.
class FailingImage : public ntfs::Image {
 public:
  FailingImage(std::unique_ptr<ntfs::Image> inner, const bool& fails)
      : inner_(std::move(inner)), fails_(fails) {}

  Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    return inner_->ReadAt(offset_bytes, buffer);
  }
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    if (fails_) return Status::FromErrno(EIO, "the disk is gone");
    return inner_->WriteAt(offset_bytes, data);
  }
  Status Sync() override { return inner_->Sync(); }
  uint64_t size_bytes() const override { return inner_->size_bytes(); }

 private:
  std::unique_ptr<ntfs::Image> inner_;
  const bool& fails_;
};

class NtfsTargetFailureTest : public NtfsTest {
 protected:
  std::shared_ptr<ntfs::Volume> MountFailing(const bool& fails) {
    NtfsImage::Make(At("to"), kFailureImageBytes);
    auto image = std::make_unique<FailingImage>(Value(ntfs::OpenRawImage(At("to"), true)), fails);
    return Value(ntfs::Volume::Mount(std::move(image), "to", true));
  }

  // The file record that has the name in it is none any more.
  void SpoilRecord(const std::string& image, const std::string& name) {
    std::string bytes = BytesOfFile(At(image));
    std::string units;
    for (const char c : name) units += std::string{c, '\0'};
    size_t spoilt = 0;
    for (size_t at = bytes.find(units); at != std::string::npos; at = bytes.find(units, at + 1)) {
      const size_t record = at / kFileRecordBytes * kFileRecordBytes;
      if (bytes.compare(record, 4, "FILE") != 0) continue;
      // Directories have their entries' names in them.
      const auto* number = reinterpret_cast<const std::byte*>(&bytes[record + kNumberPlace]);
      if (LoadLe<uint32_t>(number) < kFirstOwnRecord) continue;
      bytes.replace(record, 4, "GONE");
      ++spoilt;
    }
    ASSERT_EQ(spoilt, 1u);
    std::ofstream(At(image), std::ios::binary) << bytes;
  }
};

TEST_F(NtfsTargetFailureTest, WhatIsDamagedOnTheVolumeFailsAlone) {
  NtfsImage::Make(At("from"), kFailureImageBytes);
  {
    NtfsImage image(At("from"));
    image.MakeDirectory(u"broken");
    image.MakeFile(u"broken/below", "x");
    image.MakeFile(u"later", "restored");
  }
  ArchiveImage(At("from"), At("volume"));
  NtfsImage::Make(At("to"), kFailureImageBytes);
  NtfsImage(At("to")).MakeDirectory(u"broken");
  SpoilRecord("to", "broken");
  const RestoreReport report = Value(TryRestore(At("volume"), At("to")));
  EXPECT_EQ(report.failed, 2u) << Notices();
  EXPECT_EQ(report.restored, 2u) << Notices();  // the root is one
  EXPECT_EQ(reporter_.CountOf("broken"), 1u) << Notices();
  EXPECT_EQ(reporter_.CountOf("broken/below"), 1u) << Notices();
}

TEST_F(NtfsTargetFailureTest, WhatTheImageFailsWithEndsTheRun) {
  bool fails = false;
  const std::shared_ptr<ntfs::Volume> volume = MountFailing(fails);
  ntfs::VolumeWriter writer(volume, false, reporter_);
  Metadata metadata;
  metadata.path = "file";
  ntfs::Placed placed;
  {
    const auto lock = volume->Lock();
    placed = Value(writer.Place(metadata));
  }
  auto file = std::make_unique<ntfs::RestoredObject>(writer, std::move(placed), metadata);
  const std::string bytes = RandomBytes(100'000, 1);
  EXPECT_THAT(file->WriteAt(0, AsBytes(bytes)), IsOk());
  fails = true;
  const Status failed = file->WriteAt(bytes.size(), AsBytes(bytes));
  // The library keeps a record that it cannot write.
  fails = false;
  file.reset();
  EXPECT_EQ(failed.sys_errno(), EIO);
  EXPECT_NE(failed.message().find("the disk is gone"), std::string::npos);
  // Not forgotten, though the library may have made something of it.
  EXPECT_EQ(volume->Unmount().sys_errno(), EIO);
}

TEST_F(NtfsTargetFailureTest, OnlyTheImageMakesAFailureOneOfAll) {
  const bool fails = false;
  const std::shared_ptr<ntfs::Volume> volume = MountFailing(fails);
  const auto lock = volume->Lock();
  EXPECT_EQ(volume->Judge(Status::FromErrno(EIO, "a record")).sys_errno(), 0);
  EXPECT_THAT(volume->Judge(Status::FromErrno(EIO, "a record")), HasCode(StatusCode::kDeviceError));
  EXPECT_EQ(volume->Judge(Status::FromErrno(ENOSPC, "a stream")).sys_errno(), ENOSPC);
  EXPECT_THAT(volume->Judge(OkStatus()), IsOk());
}

}  // namespace
}  // namespace tapir::test
