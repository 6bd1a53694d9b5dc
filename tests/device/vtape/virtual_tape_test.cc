#include "tapir/device/virtual_tape.h"

#include <gtest/gtest.h>

#include "tests/device/device_test_support.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using Kind = VirtualTapeFault::Kind;
using test::Check;
using test::Value;

class VirtualTapeTest : public testing::Test {
 protected:
  void SetUp() override { Open({.capacity_bytes = 64u << 20, .early_warning_bytes = 4u << 20}); }

  void Open(const VirtualTapeOptions& options = {}) {
    tape_.reset();
    tape_ = Value(VirtualTape::Open(path_, VirtualTape::Mode::kCreate, options));
  }
  void Write(size_t size, uint64_t seed = 1) {
    EXPECT_EQ(Value(tape_->Write(Pattern(size, seed))), WriteOutcome::kWritten);
  }
  void Mark(TapeMark mark = TapeMark::kFilemark) {
    Check(tape_->WriteTapemark(mark, 1, true).status());
  }
  /// What stands at the position: "B size", "F", "S" or "E", or the error.
  std::string Next(size_t buffer_bytes = 1u << 20) {
    Bytes buffer(buffer_bytes);
    Result<TapeRead> read = tape_->Read(buffer);
    if (!read.ok()) return std::string(TapeErrorName(TapeErrorOf(read.status())));
    switch (read->kind) {
      case TapeReadKind::kBlock: return "B " + std::to_string(read->size);
      case TapeReadKind::kFilemark: return "F";
      case TapeReadKind::kSetmark: return "S";
      case TapeReadKind::kEndOfData: return "E";
    }
    return "?";
  }
  uint64_t At() { return Value(tape_->GetTapePosition(TapePositionType::kLogical)).block; }
  TapeError Go(TapePositioning method, int64_t offset = 0, uint32_t partition = 0) {
    return TapeErrorOf(tape_->SetTapePosition(method, partition, offset, false));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "tape";
  std::unique_ptr<VirtualTape> tape_;
};

TEST_F(VirtualTapeTest, BlocksAndMarksComeBack) {
  Write(1000);
  Write(7);
  Mark();
  Write(1u << 20);
  EXPECT_EQ(At(), 4u);
  EXPECT_EQ(Go(TapePositioning::kRewind), TapeError::kNone);
  Bytes buffer(2000);
  EXPECT_EQ(Value(tape_->Read(buffer)).size, 1000u);
  buffer.resize(1000);
  EXPECT_EQ(buffer, Pattern(1000, 1));
  EXPECT_EQ(Next(), "B 7");
  EXPECT_EQ(Next(), "F");
  EXPECT_EQ(Next(), "B 1048576");
  EXPECT_EQ(Next(), "E");
  EXPECT_EQ(Next(), "E");
  EXPECT_EQ(At(), 4u);
}

TEST_F(VirtualTapeTest, StateLastsFromOneUseToTheNext) {
  Write(10);
  Mark();
  Write(20);
  Check(tape_->WriteAttribute(TapeAttribute::kBarcode, Pattern(8, 3)));
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 2), TapeError::kNone);
  Open();
  EXPECT_EQ(At(), 2u);
  EXPECT_EQ(Next(), "B 20");
  EXPECT_EQ(Value(tape_->ReadAttribute(TapeAttribute::kBarcode)), Pattern(8, 3));
  EXPECT_EQ(Value(tape_->GetTapeMediaParameters()).capacity_bytes, 64 << 20);
}

TEST_F(VirtualTapeTest, OneProcessHoldsTheDrive) {
  // The lock belongs to the process' open file, so a second open here is a second user too.
  Result<std::unique_ptr<VirtualTape>> second =
      VirtualTape::Open(path_, VirtualTape::Mode::kExisting);
  EXPECT_THAT(second, test::HasCode(StatusCode::kBusy));
}

TEST_F(VirtualTapeTest, WritingDropsWhatFollows) {
  for (int i = 0; i < 5; ++i) Write(100);
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 2), TapeError::kNone);
  Write(50);
  EXPECT_EQ(Next(), "E");
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 2), TapeError::kNone);
  EXPECT_EQ(Next(), "B 50");
}

TEST_F(VirtualTapeTest, ShortBuffersPassTheBlock) {
  Write(100);
  Write(50);
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Next(99), "invalid block length");
  EXPECT_EQ(At(), 1u);
  EXPECT_EQ(Next(), "B 50");
}

TEST_F(VirtualTapeTest, FixedBlocksMove) {
  Check(tape_->SetTapeMediaParameters(512));
  Write(2048);
  EXPECT_EQ(At(), 4u);
  Mark();
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(100, 1)).status()), TapeError::kInvalidBlockLength);
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Next(1024), "B 1024");
  EXPECT_EQ(Next(4096), "B 1024");
  EXPECT_EQ(Next(4096), "F");
}

TEST_F(VirtualTapeTest, Spacing) {
  // B B F B F F B
  Write(1);
  Write(2);
  Mark();
  Write(3);
  Mark();
  Mark();
  Write(4);
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Go(TapePositioning::kRelativeBlocks, 2), TapeError::kNone);
  EXPECT_EQ(Go(TapePositioning::kRelativeBlocks, 1), TapeError::kFilemarkDetected);
  EXPECT_EQ(At(), 3u) << "behind the mark";
  EXPECT_EQ(Go(TapePositioning::kRelativeBlocks, -1), TapeError::kFilemarkDetected);
  EXPECT_EQ(At(), 2u) << "before the mark";
  EXPECT_EQ(Go(TapePositioning::kRelativeBlocks, -3), TapeError::kBeginningOfMedia);
  EXPECT_EQ(At(), 0u);
  EXPECT_EQ(Go(TapePositioning::kFilemarks, 2), TapeError::kNone);
  EXPECT_EQ(At(), 5u);
  EXPECT_EQ(Go(TapePositioning::kFilemarks, -2), TapeError::kNone);
  EXPECT_EQ(At(), 2u);
  EXPECT_EQ(Go(TapePositioning::kFilemarks, 4), TapeError::kNoDataDetected);
  EXPECT_EQ(At(), 7u);
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Go(TapePositioning::kSequentialFilemarks, 2), TapeError::kNone);
  EXPECT_EQ(At(), 6u);
  EXPECT_EQ(Go(TapePositioning::kSetmarks, 1), TapeError::kNotSupported);
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 99), TapeError::kNoDataDetected);
  EXPECT_EQ(Go(TapePositioning::kEndOfData), TapeError::kNone);
  EXPECT_EQ(At(), 7u);
}

TEST_F(VirtualTapeTest, PseudoLogicalBlocksLeaveOutMarks) {
  Write(1);
  Mark();
  Write(2);
  Write(3);
  EXPECT_EQ(Value(tape_->GetTapePosition(TapePositionType::kPseudoLogical)).block, 3u);
  EXPECT_EQ(Go(TapePositioning::kPseudoLogicalBlock, 1), TapeError::kNone);
  EXPECT_EQ(Next(), "B 2");
}

TEST_F(VirtualTapeTest, OldProfilesHaveSetmarks) {
  path_ = folder_ / "dds";
  Open({.profile = "dds-4"});
  Write(1);
  Mark(TapeMark::kSetmark);
  Write(2);
  Mark(TapeMark::kShortFilemark);
  Check(tape_->WriteTapemark(TapeMark::kLongFilemark, 1, false).status());
  Open();
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Next(), "B 1");
  EXPECT_EQ(Next(), "S");
  EXPECT_EQ(Go(TapePositioning::kRewind), TapeError::kNone);
  EXPECT_EQ(Go(TapePositioning::kSetmarks, 1), TapeError::kNone);
  EXPECT_EQ(At(), 2u);
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Go(TapePositioning::kFilemarks, 1), TapeError::kNone) << "not reported: passed over";
  EXPECT_EQ(At(), 4u);
  Check(tape_->SetTapeDriveParameters({.report_setmarks = true, .eot_warning_zone_bytes = 4096}));
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Go(TapePositioning::kFilemarks, 1), TapeError::kSetmarkDetected);
  // Overwritten, it is a setmark no more.
  Go(TapePositioning::kLogicalBlock, 1);
  Mark();
  Go(TapePositioning::kLogicalBlock, 1);
  EXPECT_EQ(Next(), "F");
}

TEST_F(VirtualTapeTest, WarnsEarlyAndEnds) {
  const size_t block = 1u << 20;
  Bytes bytes = Pattern(block, 1);
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(Value(tape_->Write(bytes)), WriteOutcome::kWritten) << i;
  }
  for (int i = 60; i < 64; ++i) {
    ASSERT_EQ(Value(tape_->Write(bytes)), WriteOutcome::kEarlyWarning) << i;
  }
  EXPECT_EQ(Value(tape_->Write(bytes)), WriteOutcome::kEndOfMedium);
  EXPECT_EQ(At(), 64u);
  EXPECT_EQ(Value(tape_->WriteTapemark(TapeMark::kFilemark, 1, false)),
            WriteOutcome::kEarlyWarning);
  EXPECT_EQ(Value(tape_->GetTapeMediaParameters()).remaining_bytes, 0);
}

TEST_F(VirtualTapeTest, Partitions) {
  Write(100);
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 0, 2), TapeError::kDeviceNotPartitioned);
  EXPECT_EQ(TapeErrorOf(tape_->CreateTapePartition(TapePartitionMethod::kSelect, 9, 0)),
            TapeError::kInvalidParameter);
  EXPECT_EQ(TapeErrorOf(tape_->CreateTapePartition(TapePartitionMethod::kInitiator, 2, 99)),
            TapeError::kPartitionFailure);
  Check(tape_->CreateTapePartition(TapePartitionMethod::kInitiator, 2, 10));
  EXPECT_EQ(Next(), "E") << "all data is gone";
  EXPECT_EQ(Value(tape_->GetTapeMediaParameters()).capacity_bytes, 10'000'000);
  Write(11);
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 0, 2), TapeError::kNone);
  Write(22);
  Write(33);
  Open();
  TapePosition position = Value(tape_->GetTapePosition(TapePositionType::kLogical));
  EXPECT_EQ(position.partition, 2u);
  EXPECT_EQ(position.block, 2u);
  EXPECT_EQ(Go(TapePositioning::kEndOfData, 0, 1), TapeError::kNone);
  EXPECT_EQ(At(), 1u);
  Check(tape_->CreateTapePartition(TapePartitionMethod::kFixed, 0, 0));
  EXPECT_EQ(Value(tape_->GetTapeMediaParameters()).partition_count, 1u);
  EXPECT_EQ(Value(tape_->GetTapeMediaParameters()).capacity_bytes, 64 << 20);
}

TEST_F(VirtualTapeTest, ProtectionAndWorm) {
  Write(10);
  tape_->SetWriteProtected(true);
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(1, 1)).status()), TapeError::kWriteProtected);
  EXPECT_EQ(TapeErrorOf(tape_->EraseTape(TapeEraseType::kLong, false)), TapeError::kWriteProtected);
  path_ = folder_ / "worm";
  Open({.worm = true});
  Write(10);
  Write(20);
  Go(TapePositioning::kLogicalBlock, 1);
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(1, 1)).status()), TapeError::kWriteProtected);
  Go(TapePositioning::kEndOfData);
  Write(30);
}

TEST_F(VirtualTapeTest, LoadingLockingErasing) {
  Write(10);
  Write(20);
  Check(tape_->PrepareTape(TapePreparation::kLock, false));
  EXPECT_EQ(TapeErrorOf(tape_->PrepareTape(TapePreparation::kUnload, false)),
            TapeError::kUnableToUnloadMedia);
  Check(tape_->PrepareTape(TapePreparation::kUnlock, false));
  Check(tape_->PrepareTape(TapePreparation::kUnload, false));
  EXPECT_EQ(Next(), "no media in drive");
  EXPECT_EQ(TapeErrorOf(tape_->GetTapeStatus()), TapeError::kNoMediaInDrive);
  Check(tape_->PrepareTape(TapePreparation::kLoad, false));
  EXPECT_EQ(Next(), "B 10");
  Check(tape_->EraseTape(TapeEraseType::kShort, false));
  EXPECT_EQ(Next(), "E");
  Check(tape_->PrepareTape(TapePreparation::kFormat, false));
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Next(), "E");
}

TEST_F(VirtualTapeTest, Faults) {
  for (int i = 0; i < 6; ++i) Write(100);
  tape_->AddFault({Kind::kBadBlock, 1, 1});
  tape_->AddFault({Kind::kReset, 1, 3});
  tape_->AddFault({Kind::kWriteError, 1, 6});
  tape_->AddFault({Kind::kShortWrite, 1, 7});
  tape_->AddFault({Kind::kReadOnly, 1, 9});
  Go(TapePositioning::kRewind);
  EXPECT_EQ(Next(), "B 100");
  EXPECT_EQ(Next(), "checksum error");
  EXPECT_EQ(At(), 2u) << "behind the bad block";
  EXPECT_EQ(Next(), "B 100");
  EXPECT_EQ(Next(), "bus reset");
  EXPECT_EQ(Next(), "input or output error") << "the position is not known";
  EXPECT_EQ(Go(TapePositioning::kRelativeBlocks, 1), TapeError::kIoDevice);
  EXPECT_EQ(Go(TapePositioning::kLogicalBlock, 6), TapeError::kNone);
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(100, 1)).status()), TapeError::kIoDevice);
  EXPECT_EQ(At(), 6u) << "nothing is recorded";
  Write(100);
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(100, 1)).status()), TapeError::kIoDevice);
  Go(TapePositioning::kLogicalBlock, 7);
  EXPECT_EQ(Next(), "B 50");
  Write(100);
  EXPECT_EQ(TapeErrorOf(tape_->Write(Pattern(100, 1)).status()), TapeError::kWriteProtected);
}

TEST_F(VirtualTapeTest, ACutImageLosesOnlyWhatIsCut) {
  Write(100);
  Mark();
  Write(200);
  tape_.reset();
  const auto whole = std::filesystem::file_size(path_);
  for (uint64_t cut = whole - 1; cut > whole - 208; --cut) {
    std::filesystem::resize_file(path_, cut);
    Open();
    Go(TapePositioning::kEndOfData);
    ASSERT_EQ(At(), 2u) << cut;
  }
  Write(300);
  Open();
  Go(TapePositioning::kLogicalBlock, 1);
  EXPECT_EQ(Next(), "F");
  EXPECT_EQ(Next(), "B 300");
  EXPECT_EQ(Next(), "E");
}

TEST_F(VirtualTapeTest, TheVolumeChangeReferenceCountsUp) {
  auto reference = [this] {
    return Value(tape_->ReadAttribute(TapeAttribute::kVolumeChangeReference));
  };
  Bytes first = reference();
  EXPECT_EQ(reference(), first);
  Write(10);
  Write(10);
  Bytes second = reference();
  EXPECT_NE(second, first);
  EXPECT_EQ(reference(), second);
}

TEST_F(VirtualTapeTest, UnknownLinesOfTheSideFileStay) {
  tape_.reset();
  const std::string side = path_ + ".side";
  std::string text;
  {
    std::ifstream file(side);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::ofstream(side) << text.substr(0, text.rfind("end")) << "colour blue\nend\n";
  Open();
  tape_.reset();
  std::ifstream file(side);
  text.assign(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("colour blue"), std::string::npos);
  std::ofstream(side) << "something else\n";
  EXPECT_THAT(VirtualTape::Open(path_, VirtualTape::Mode::kExisting),
              test::HasCode(StatusCode::kCorrupt));
}

}  // namespace
}  // namespace tapir
