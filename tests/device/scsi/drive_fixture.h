#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/scsi/ssc_drive.h"
#include "tests/device/device_test_support.h"
#include "tests/support/ssc_model/model_transport.h"
#include "tests/support/ssc_model/ssc_model.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tape_errors.h"

namespace tapir::scsi {

using test::ModelFault;
using test::ModelOptions;
using test::ModelProfile;
using test::ModelTransport;
using test::SscModel;

/// A drive over a model. The model is `model` and stays the fixture's.
struct ModelDrive {
  explicit ModelDrive(ModelOptions options = {}, bool protect_blocks = true)
      : model(options), protects(protect_blocks) {
    Open();
  }
  void Open() {
    auto way = std::make_unique<ModelTransport>(model);
    transport = way.get();
    drive = test::Value(SscDrive::Open(
        std::move(way),
        {.protect_blocks = protects, .wait = [this](uint32_t ms) { waited_ms += ms; }}));
  }
  TapeDrive* operator->() { return drive.get(); }

  /// Blocks of 1000, 1001, ... bytes, and a mark for each 0 in `what`.
  void Fill(const std::string& what) {
    uint64_t seed = 0;
    for (char c : what) {
      if (c == '0') {
        ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 1, true));
      } else {
        ASSERT_WRITTEN(drive->Write(Pattern(1000 + seed, seed)));
      }
      ++seed;
    }
  }
  uint64_t At() { return test::Value(drive->GetTapePosition(TapePositionType::kLogical)).block; }
  Status Go(uint64_t block) {
    return drive->SetTapePosition(TapePositioning::kLogicalBlock, 0, static_cast<int64_t>(block),
                                  false);
  }
  Status Move(TapePositioning method, int64_t count = 0) {
    return drive->SetTapePosition(method, 0, count, false);
  }
  Status Rewind() { return Move(TapePositioning::kRewind); }
  /// What a read meets: its bytes, or the name of what is no block.
  Bytes ReadBlock(size_t room = 65536) {
    Bytes buffer(room);
    TapeRead read = test::Value(drive->Read(buffer));
    EXPECT_EQ(read.kind, TapeReadKind::kBlock);
    buffer.resize(read.size);
    return buffer;
  }
  Result<TapeRead> Read(size_t room = 65536) {
    Bytes buffer(room);
    return drive->Read(buffer);
  }
  Status ReadStatus() { return Read().status(); }
  Status WriteStatus() { return drive->Write(Pattern(1000, 99)).status(); }
  void Fault(ModelFault fault) { model.AddFault(fault); }

  SscModel model;
  bool protects;
  uint64_t waited_ms = 0;
  ModelTransport* transport = nullptr;
  std::unique_ptr<SscDrive> drive;
};

}  // namespace tapir::scsi
