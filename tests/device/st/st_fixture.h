#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "device/st/st_drive.h"
#include "tests/device/st/fake_st.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tape_errors.h"

namespace tapir::st {

class StDriveTest : public testing::Test {
 protected:
  StDriveTest() { Open(); }
  void Open() {
    drive.reset();
    drive = test::Value(StDrive::Open("/dev/nst0", std::make_unique<FakeCalls>(fake), "/sys",
                                      [this](uint32_t ms) { waited_ms += ms; }));
  }
  /// A block for each letter, a mark for each 0.
  void Fill(const std::string& what) {
    for (char c : what) {
      if (c == '0') {
        ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 1, true));
      } else {
        ASSERT_WRITTEN(Put(c));
      }
    }
  }
  Result<WriteOutcome> Put(char c) { return drive->Write(Pattern(1000, static_cast<uint64_t>(c))); }
  /// What the next reads meet, as Fill has it, and '.' for the end of data.
  std::string Meet(size_t reads) {
    std::string met;
    for (size_t i = 0; i < reads; ++i) {
      Bytes buffer(4096);
      TapeRead read = test::Value(drive->Read(buffer));
      buffer.resize(read.size);
      char block = '?';
      for (char c = 'a'; c <= 'z'; ++c) {
        if (buffer == Pattern(1000, static_cast<uint64_t>(c))) block = c;
      }
      met += read.kind == TapeReadKind::kEndOfData  ? '.'
             : read.kind == TapeReadKind::kFilemark ? '0'
                                                    : block;
    }
    return met;
  }
  Status ReadStatus(size_t room = 4096) {
    Bytes buffer(room);
    return drive->Read(buffer).status();
  }
  Status Move(TapePositioning method, int64_t count = 0, uint32_t partition = 0) {
    return drive->SetTapePosition(method, partition, count, false);
  }
  Status Rewind() { return Move(TapePositioning::kRewind); }
  Status Go(int64_t block) { return Move(TapePositioning::kLogicalBlock, block); }
  uint64_t At() { return test::Value(drive->GetTapePosition(TapePositionType::kLogical)).block; }
  bool Did(int operation) {
    for (const auto& [done, count] : fake.operations) {
      if (done == operation) return true;
    }
    return false;
  }

  FakeSt fake;
  uint64_t waited_ms = 0;
  std::unique_ptr<StDrive> drive;
};

}  // namespace tapir::st
