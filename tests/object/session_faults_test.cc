#include <gtest/gtest.h>

#include "object/session_writer.h"
#include "tapir/device/fault_device.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

std::vector<MemoryObject> LargeAndSmall() {
  std::vector<MemoryObject> objects = {File("a", RandomBytes(3u << 20, 1)),
                                       File("b", TextBytes(1u << 20, 2))};
  for (int i = 0; i < 100; ++i) {
    objects.push_back(File("c" + std::to_string(i), RandomBytes(4000, static_cast<uint64_t>(i))));
  }
  return objects;
}

// A label in memory and what the next session needs.
struct Medium {
  explicit Medium(bool like_tape) : memory({.like_tape = like_tape}) {
    point = Value(WriteLabel(memory, FixedLabel(256u << 10)));
    label_bytes = memory.bytes().size();
  }
  Result<WrittenSession> Write(BlockDevice& device, unsigned threads) {
    MemorySource source(LargeAndSmall(), threads > 1 ? 7 : 0);
    FixedAmbient ambient;
    SessionOptions options{.zstd_level = 1};
    options.threads = threads;
    options.io_threads = 6;
    options.ambient = &ambient;
    options.reporter = &reporter;
    return WriteSession(device, point, source, options);
  }

  MemoryDevice memory;
  CollectingReporter reporter;
  AppendPoint point;
  uint64_t label_bytes = 0;
};

uint64_t CallsOfWholeRun(DeviceCall call, bool like_tape) {
  Medium medium(like_tape);
  FaultDevice device(medium.memory);
  Check(medium.Write(device, 1).status());
  return device.calls(call);
}

TEST(SessionFaults, EachFailingWriteEndsTheSession) {
  uint64_t writes = CallsOfWholeRun(DeviceCall::kWrite, false);
  ASSERT_GT(writes, 15u);
  for (uint64_t nth = 1; nth <= writes; nth += Thinned(1)) {
    for (unsigned threads : {1u, 4u}) {
      Medium medium(false);
      FaultDevice device(medium.memory,
                         {.failures = {{.call = DeviceCall::kWrite,
                                        .nth = nth,
                                        .status = Status::FromErrno(ENOSPC, "first failure")},
                                       {.call = DeviceCall::kWrite,
                                        .nth = nth + 1,
                                        .status = DeviceError("second failure"),
                                        .lasting = true}}});
      Result<WrittenSession> written = medium.Write(device, threads);
      ASSERT_THAT(written, HasCode(StatusCode::kDeviceError)) << nth;
      EXPECT_EQ(written.status().sys_errno(), ENOSPC);
      EXPECT_EQ(device.calls(DeviceCall::kWrite), nth);
      VolumeState state = Value(ReadVolumeState(medium.memory));
      // The first END is enough.
      EXPECT_EQ(state.sessions.size(), nth == writes ? 1u : 0u) << nth;
    }
  }
}

TEST(SessionFaults, EachFailingSyncEndsTheSession) {
  uint64_t syncs = CallsOfWholeRun(DeviceCall::kSync, false);
  ASSERT_GE(syncs, 2u);
  for (uint64_t nth = 1; nth <= syncs; ++nth) {
    Medium medium(false);
    FaultDevice device(
        medium.memory,
        {.failures = {{.call = DeviceCall::kSync, .nth = nth, .status = DeviceError("no sync")}}});
    EXPECT_THAT(medium.Write(device, 2), HasCode(StatusCode::kDeviceError)) << nth;
  }
}

TEST(SessionFaults, EachFailingFilemarkEndsTheSession) {
  uint64_t marks = CallsOfWholeRun(DeviceCall::kWriteFilemarks, true);
  ASSERT_EQ(marks, 2u);
  for (uint64_t nth = 1; nth <= marks; ++nth) {
    Medium medium(true);
    FaultDevice device(medium.memory, {.failures = {{.call = DeviceCall::kWriteFilemarks,
                                                     .nth = nth,
                                                     .status = DeviceError("no mark")}}});
    EXPECT_THAT(medium.Write(device, 2), HasCode(StatusCode::kDeviceError)) << nth;
  }
}

TEST(SessionFaults, TheEndOfTheMediumAtEachBlock) {
  for (bool like_tape : {false, true}) {
    uint64_t writes = CallsOfWholeRun(DeviceCall::kWrite, like_tape);
    for (uint64_t nth = 1; nth <= writes; nth += Thinned(1)) {
      Medium medium(like_tape);
      FaultDevice device(medium.memory, {.end_of_medium_at_write = nth});
      EXPECT_THAT(medium.Write(device, 3), HasCode(StatusCode::kEndOfMedium)) << nth;
      EXPECT_EQ(device.calls(DeviceCall::kWrite), nth);
    }
  }
}

TEST(SessionFaults, APowerCutAtEachCallLosesNothingThatWasThere) {
  VolumeBuilder before;
  Check(before.Add({File("old", "kept")}).status());
  uint64_t calls = CallsOfWholeRun(DeviceCall::kAny, false);
  for (uint64_t nth = 1; nth <= calls; nth += Thinned(1)) {
    auto memory = MemoryDevice::FromBytes(BytesOf(before.device()));
    AppendPoint point = Value(AppendPointOf(Value(ReadVolumeState(*memory))));
    Check(memory->LocateEnd());
    uint64_t seed = nth;
    FaultDevice device(*memory, {.power_cut_at_call = nth,
                                 .on_power_cut = [&] { memory->ScatterUnsynced(seed); }});
    MemorySource source(LargeAndSmall());
    FixedAmbient ambient(1, 500);
    CollectingReporter reporter;
    SessionOptions options{.zstd_level = 1, .threads = 1, .ambient = &ambient};
    options.reporter = &reporter;
    EXPECT_FALSE(WriteSession(device, point, source, options).ok());
    VolumeState state = Value(ReadVolumeState(*memory));
    ASSERT_GE(state.sessions.size(), 1u) << nth;
    EXPECT_EQ(state.sessions[0].session_number, 1u);
    // A session that counts as ended has everything that its END names.
    VolumeDump dump = DumpVolume(*memory);
    for (size_t i = 1; i < state.sessions.size(); ++i) {
      ASSERT_EQ(dump.sessions.size(), 2u);
      EXPECT_EQ(dump.sessions[1].objects.size(), LargeAndSmall().size());
    }
    EXPECT_THAT(AppendPointOf(state), IsOk());
  }
}

// A tape keeps what a failing drive has taken; the rest is told by the last name that is there.
TEST(SessionFaults, AWriteErrorNamesWhatIsOnTheMedium) {
  std::vector<MemoryObject> objects;
  for (int i = 100; i < 160; ++i)
    objects.push_back(File("f" + std::to_string(i), RandomBytes(100'000, 1)));
  for (uint64_t n = 1; n < 20; ++n) {
    MemoryDevice memory({.like_tape = true});
    AppendPoint point = Value(WriteLabel(memory, FixedLabel(256u << 10)));
    FaultPlan plan;
    plan.failures.push_back(
        {.call = DeviceCall::kWrite, .nth = n, .status = DeviceError("bad spot"), .lasting = true});
    FaultDevice device(memory, plan);
    FixedAmbient ambient;
    CollectingReporter reporter;
    SessionOptions options;
    options.ambient = &ambient;
    options.reporter = &reporter;
    options.zstd_level = 0;
    options.dedup = false;
    MemorySource source(objects);
    Status failed = WriteSession(device, point, source, options).status();
    EXPECT_EQ(failed.code(), StatusCode::kDeviceError);
    Check(memory.Locate({}));
    VolumeDump dump = DumpVolume(memory);
    std::string last;
    for (const DumpedSession& session : dump.sessions) {
      for (const DumpedObject& object : session.objects) last = object.begin.metadata.path;
    }
    std::string wanted =
        last.empty() ? "none of its objects is on the medium" : "behind '" + last + "' is not on";
    EXPECT_NE(failed.message().find(wanted), std::string::npos) << n << ": " << failed.message();
  }
}

}  // namespace
}  // namespace tapir::test
