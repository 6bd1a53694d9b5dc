#include "device/scsi/sg_transport.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "device/scsi/commands.h"
#include "tests/device/device_test_support.h"
#include "tests/support/status_matchers.h"

namespace tapir::scsi {
namespace {

TEST(SgTransport, HeadersOfRequests) {
  Bytes data(100);
  Bytes sense(96);
  Cdb cdb = Read6(false, 100);
  sg_io_hdr in = SgHeaderOf({.cdb = cdb.span(), .data_in = data, .time_limit_ms = 5000}, sense);
  EXPECT_EQ(in.interface_id, 'S');
  EXPECT_EQ(in.cmd_len, 6);
  EXPECT_EQ(in.dxfer_direction, SG_DXFER_FROM_DEV);
  EXPECT_EQ(in.dxfer_len, 100u);
  EXPECT_EQ(in.timeout, 5000u);
  EXPECT_EQ(in.mx_sb_len, 96);
  sg_io_hdr out = SgHeaderOf({.cdb = cdb.span(), .data_out = data}, sense);
  EXPECT_EQ(out.dxfer_direction, SG_DXFER_TO_DEV);
  EXPECT_EQ(out.dxferp, data.data());
  sg_io_hdr none = SgHeaderOf({.cdb = cdb.span()}, sense);
  EXPECT_EQ(none.dxfer_direction, SG_DXFER_NONE);
  EXPECT_EQ(none.dxfer_len, 0u);
}

TEST(SgTransport, RepliesInHeaders) {
  Bytes sense = Pattern(96, 1);
  sg_io_hdr header{};
  header.dxfer_len = 100;
  header.resid = 40;
  EXPECT_EQ(test::Value(SgReplyOf(header, sense, "x")).transferred, 60u);
  header.resid = 1000;
  EXPECT_EQ(test::Value(SgReplyOf(header, sense, "x")).transferred, 0u);
  header.resid = -1;
  EXPECT_EQ(test::Value(SgReplyOf(header, sense, "x")).transferred, 100u);
  header.status = scsi_status::kCheckCondition;
  header.driver_status = 0x08;
  header.sb_len_wr = 200;
  ScsiReply reply = test::Value(SgReplyOf(header, sense, "x"));
  EXPECT_EQ(reply.status, scsi_status::kCheckCondition);
  EXPECT_EQ(reply.sense_size, 96u);
  EXPECT_EQ(reply.sense[95], sense[95]);
  header.status = 0;
  EXPECT_EQ(test::Value(SgReplyOf(header, sense, "x")).status, scsi_status::kCheckCondition);
}

TEST(SgTransport, FailuresOfTheWay) {
  sg_io_hdr header{};
  header.host_status = 3;
  EXPECT_EQ(SgReplyOf(header, {}, "x").status().sys_errno(), ETIMEDOUT);
  header.host_status = 1;
  EXPECT_EQ(SgReplyOf(header, {}, "x").status().sys_errno(), ENODEV);
  header.host_status = 7;
  EXPECT_EQ(SgReplyOf(header, {}, "x").status().sys_errno(), EIO);
  header.host_status = 0;
  header.driver_status = 0x06;
  EXPECT_EQ(SgReplyOf(header, {}, "x").status().sys_errno(), ETIMEDOUT);
}

// An adapter behind the driver, which gives pieces of 32 KiB and half of what it cannot give.
struct Adapter {
  uint32_t pieces;
  uint32_t piece_bytes;  // what it takes in one piece
  uint32_t queue_bytes = 1280u << 10;
  uint32_t reserved = 0;
  int trials = 0;

  uint32_t Largest() {
    auto reserve = [&](uint32_t bytes) {
      while (bytes > pieces * (32u << 10)) bytes /= 2;
      return reserved = bytes;
    };
    auto takes = [&](uint32_t bytes) {
      ++trials;
      EXPECT_LE(bytes, reserved);
      return bytes <= pieces * piece_bytes;
    };
    uint32_t largest = LargestTransfer({.queue_bytes = queue_bytes, .certain_bytes = pieces * 4096},
                                       reserve, takes);
    EXPECT_GE(reserved, largest);
    return largest;
  }
};

TEST(SgTransport, TransfersAreAsLargeAsTheAdapterTakes) {
  // Takes single pages, as the loopback of the kernel's target does.
  EXPECT_EQ((Adapter{256, 4096}.Largest()), 1u << 20);
  // Takes the driver's pieces.
  EXPECT_EQ((Adapter{128, 32768}.Largest()), 1280u << 10);
  // More than 1 MiB would be halved to 640 KiB.
  EXPECT_EQ((Adapter{32, 32768}.Largest()), 1u << 20);
  // Just room for the check bytes of a block.
  EXPECT_EQ((Adapter{257, 4096}.Largest()), (1u << 20) + 4096);
  EXPECT_EQ((Adapter{130, 4096}.Largest()), (512u << 10) + 4096);
  // The queue says nothing.
  EXPECT_EQ((Adapter{256, 32768, 0}.Largest()), 8u << 20);
}

TEST(SgTransport, NothingIsTriedWhereItIsCertain) {
  Adapter adapter{.pieces = 2048, .piece_bytes = 4096, .queue_bytes = 120u << 10};
  EXPECT_EQ(adapter.Largest(), 120u << 10);
  EXPECT_EQ(adapter.trials, 0);
}

TEST(SgTransport, SomethingIsAlwaysTaken) {
  EXPECT_EQ((Adapter{1, 4096}.Largest()), 32u << 10);
  EXPECT_EQ((Adapter{1, 4096, 512}.Largest()), 512u);
}

TEST(SgTransport, OpensNothingElse) {
  EXPECT_THAT(SgTransport::Open("/dev/null"), test::HasCode(StatusCode::kUnsupported));
  EXPECT_EQ(SgTransport::Open("/nowhere/sg0").status().sys_errno(), ENOENT);
}

TEST(SgTransport, FindsTheNodeOfATapeNode) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "class/scsi_tape/nst0/device/scsi_generic/sg3");
  EXPECT_EQ(test::Value(FindSgNode("/dev/nst0", folder.path())), "/dev/sg3");
  EXPECT_THAT(FindSgNode("/dev/nst1", folder.path()), test::HasCode(StatusCode::kNotFound));
}

}  // namespace
}  // namespace tapir::scsi
