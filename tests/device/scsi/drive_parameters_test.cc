#include "tests/device/scsi/drive_fixture.h"

namespace tapir::scsi {
namespace {

namespace low = tape_features_low;
namespace high = tape_features_high;

TEST(SscParameters, OfAFullDrive) {
  ModelDrive drive;
  TapeDriveParameters parameters = test::Value(drive->GetTapeDriveParameters());
  EXPECT_TRUE(parameters.compression);
  EXPECT_FALSE(parameters.ecc || parameters.data_padding || parameters.report_setmarks);
  EXPECT_EQ(parameters.max_block_bytes, 8u << 20);
  EXPECT_EQ(parameters.min_block_bytes, 1u);
  EXPECT_EQ(parameters.default_block_bytes, 64u << 10);
  EXPECT_EQ(parameters.max_partition_count, 4u);
  EXPECT_EQ(parameters.features_low,
            low::kFixed | low::kSelect | low::kInitiator | low::kEraseShort | low::kEraseLong |
                low::kEraseImmediate | low::kTapeCapacity | low::kTapeRemaining | low::kFixedBlock |
                low::kVariableBlock | low::kWriteProtect | low::kEotWarningZoneSize |
                low::kCompression | low::kGetAbsoluteBlock | low::kGetLogicalBlock |
                low::kSetEotWarningZoneSize | low::kEjectMedia | low::kCleanRequests);
  EXPECT_EQ(parameters.features_high,
            high::kLoadUnload | high::kTension | high::kLockUnlock | high::kRewindImmediate |
                high::kSetBlockSize | high::kLoadUnloadImmediate | high::kTensionImmediate |
                high::kSetCompression | high::kAbsoluteBlock | high::kAbsoluteBlockImmediate |
                high::kLogicalBlock | high::kLogicalBlockImmediate | high::kEndOfData |
                high::kRelativeBlocks | high::kFilemarks | high::kReversePosition |
                high::kWriteFilemarks | high::kWriteMarkImmediate | high::kFormat |
                high::kFormatImmediate);
}

TEST(SscParameters, OfAMinimalDrive) {
  ModelDrive drive({.profile = ModelProfile::kMinimal});
  TapeDriveParameters parameters = test::Value(drive->GetTapeDriveParameters());
  EXPECT_EQ(parameters.max_partition_count, 1u);
  EXPECT_EQ(parameters.features_low &
                (low::kFixed | low::kInitiator | low::kTapeCapacity | low::kCompression |
                 low::kSetEotWarningZoneSize | low::kCleanRequests),
            0u);
  EXPECT_EQ(parameters.features_high &
                (high::kLogicalBlockImmediate | high::kFormat | high::kSetCompression),
            0u);
  EXPECT_NE(parameters.features_low & low::kEraseShort, 0u);
  TapeMediaParameters media = test::Value(drive->GetTapeMediaParameters());
  EXPECT_EQ(media.capacity_bytes, -1);
  EXPECT_EQ(media.remaining_bytes, -1);
}

TEST(SscParameters, AreSet) {
  ModelDrive drive;
  ASSERT_OK(drive->SetTapeDriveParameters({.eot_warning_zone_bytes = 1500000}));
  TapeDriveParameters parameters = test::Value(drive->GetTapeDriveParameters());
  EXPECT_FALSE(parameters.compression);
  EXPECT_EQ(parameters.eot_warning_zone_bytes, 2000000u);
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.ecc = true}), kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.data_padding = true}), kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.report_setmarks = true}), kNotSupported);
  ModelDrive old({.profile = ModelProfile::kMinimal});
  ASSERT_OK(old->SetTapeDriveParameters({}));
  EXPECT_TAPE_ERROR(old->SetTapeDriveParameters({.compression = true}), kNotSupported);
  EXPECT_TAPE_ERROR(old->SetTapeDriveParameters({.eot_warning_zone_bytes = 1}), kNotSupported);
}

TEST(SscParameters, OfTheMedium) {
  ModelDrive drive({.capacity_bytes = 16u << 20});
  ASSERT_WRITTEN(drive->Write(Pattern(2u << 20, 1)));
  TapeMediaParameters media = test::Value(drive->GetTapeMediaParameters());
  EXPECT_EQ(media.capacity_bytes, 16 << 20);
  EXPECT_EQ(media.remaining_bytes, 14 << 20);
  EXPECT_EQ(media.block_bytes, 0u);
  EXPECT_EQ(media.partition_count, 1u);
  EXPECT_FALSE(media.write_protected);
  drive.model.medium().write_protected = true;
  EXPECT_TRUE(test::Value(drive->GetTapeMediaParameters()).write_protected);
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kWriteProtected);
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kWriteProtected);
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kLong, false), kWriteProtected);
}

TEST(SscParameters, CapacityByTheLogWhereThereIsNoMemory) {
  ModelDrive drive({.capacity_bytes = 16u << 20});
  drive.Fault({.opcode = opcode::kReadAttribute, .times = 100, .sense = 0x020410});
  TapeMediaParameters media = test::Value(drive->GetTapeMediaParameters());
  EXPECT_EQ(media.capacity_bytes, 16 << 20);
  EXPECT_EQ(media.remaining_bytes, 16 << 20);
}

TEST(SscParameters, BlockSizes) {
  ModelDrive drive({.max_block_bytes = 4096});
  EXPECT_TAPE_ERROR(drive->SetTapeMediaParameters(4097), kInvalidParameter);
  ASSERT_OK(drive->SetTapeMediaParameters(512));
  EXPECT_EQ(test::Value(drive->GetTapeMediaParameters()).block_bytes, 512u);
  drive.Fault({.opcode = opcode::kModeSelect6, .sense = 0x013700});
  EXPECT_TAPE_ERROR(drive->SetTapeMediaParameters(1024), kInvalidParameter);
  drive.Open();
  EXPECT_EQ(test::Value(drive->GetTapeMediaParameters()).block_bytes, 512u);
  EXPECT_FALSE(test::Value(drive->Identify()).protects_blocks);
  ASSERT_OK(drive->SetTapeMediaParameters(0));
  EXPECT_TRUE(test::Value(drive->Identify()).protects_blocks);
}

TEST(SscParameters, Identity) {
  ModelDrive drive;
  TapeIdentity identity = test::Value(drive->Identify());
  EXPECT_EQ(identity.vendor, "TAPIR");
  EXPECT_EQ(identity.product, "MODEL-DRIVE");
  EXPECT_EQ(identity.revision, "1.00");
  EXPECT_EQ(identity.serial_number, "MODEL00001");
  EXPECT_EQ(identity.way, "a model");
  EXPECT_EQ(identity.density_code, 0x5E);
  EXPECT_TRUE(identity.protects_blocks);
  EXPECT_EQ(identity.max_protected_bytes, 0xFFFFFFu - 4) << "the check has four bytes";
  EXPECT_FALSE(identity.worm);
  EXPECT_EQ(drive->name(), "model");
  ModelDrive odd({.profile = ModelProfile::kTgt});
  EXPECT_FALSE(test::Value(odd->Identify()).worm) << "it says so of every medium";
  ModelDrive without({.block_protection = false});
  EXPECT_FALSE(test::Value(without->Identify()).protects_blocks);
  EXPECT_EQ(test::Value(without->Identify()).max_protected_bytes, 0u);
  without.Fill("1");
  ASSERT_OK(without.Rewind());
  EXPECT_TRUE(without.ReadBlock() == Pattern(1000, 0));
}

TEST(SscPrepare, LoadAndUnload) {
  for (bool immediate : {false, true}) {
    ModelDrive drive;
    drive.Fill("11");
    ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, immediate));
    EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNoMediaInDrive);
    EXPECT_TAPE_ERROR(drive.Read(), kNoMediaInDrive);
    EXPECT_TAPE_ERROR(drive->GetTapeMediaParameters(), kNoMediaInDrive);
    ASSERT_OK(drive->PrepareTape(TapePreparation::kLoad, immediate));
    EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
    EXPECT_EQ(drive.At(), 1u);
    ASSERT_OK(drive->PrepareTape(TapePreparation::kTension, immediate));
    EXPECT_EQ(drive.At(), 0u);
  }
}

TEST(SscPrepare, OnlyItsOwnChangeOfMediumIsPassedOver) {
  ModelDrive drive;
  drive.Fill("1");
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLoad, true));
  ASSERT_OK(drive->GetTapeStatus());
  drive.model.AddAttention(0x2800);
  EXPECT_TAPE_ERROR(drive.Read(), kMediaChanged);
}

TEST(SscPrepare, Locking) {
  ModelDrive drive;
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLock, false));
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kUnload, false), kUnableToUnloadMedia);
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnlock, false));
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kLock, true), kNotSupported);
  drive.Fault({.opcode = opcode::kPreventAllow, .sense = 0x055302});
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kLock, false), kUnableToLockMedia);
}

TEST(SscPrepare, FormattingGoesToTheBeginningFirst) {
  for (bool immediate : {false, true}) {
    ModelDrive drive;
    ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kSelect, 2, 0));
    ASSERT_OK(drive->SetTapePosition(TapePositioning::kLogicalBlock, 2, 0, false));
    drive.Fill("11");
    ASSERT_OK(drive->PrepareTape(TapePreparation::kFormat, immediate));
    EXPECT_EQ(drive.model.medium().partitions.size(), 1u);
    EXPECT_EQ(drive.At(), 0u);
    EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData);
  }
}

TEST(SscPrepare, ErasingFromThePosition) {
  for (bool immediate : {false, true}) {
    for (TapeEraseType type : {TapeEraseType::kShort, TapeEraseType::kLong}) {
      ModelDrive drive;
      drive.Fill("111");
      ASSERT_OK(drive.Go(1));
      ASSERT_OK(drive->EraseTape(type, immediate));
      ASSERT_OK(drive.Move(TapePositioning::kEndOfData));
      EXPECT_EQ(drive.At(), 1u);
    }
  }
}

TEST(SscMarks, ImmediateAndNone) {
  ModelDrive drive;
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 2, true));
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 0, false));
  EXPECT_EQ(drive.At(), 2u);
  EXPECT_EQ(drive.model.medium().partitions[0].MarksBefore(2), 2u);
}

Bytes Text(std::string_view text) {
  ByteSpan bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

TEST(SscMemory, AttributesAreReadAndWritten) {
  ModelDrive drive;
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kBarcode), kNoDataDetected);
  ASSERT_OK(drive->WriteAttribute(TapeAttribute::kBarcode, Text("TAPE01L8")));
  EXPECT_EQ(test::Value(drive->ReadAttribute(TapeAttribute::kBarcode)),
            Text("TAPE01L8                        "));
  ASSERT_OK(drive->WriteAttribute(TapeAttribute::kUserTextLabel, Text("label")));
  Bytes label = test::Value(drive->ReadAttribute(TapeAttribute::kUserTextLabel));
  EXPECT_EQ(label.size(), 160u);
  EXPECT_EQ(label[5], std::byte{0});
  ASSERT_OK(drive->WriteAttribute(TapeAttribute::kVolumeCoherency, Pattern(70, 1)));
  EXPECT_EQ(test::Value(drive->ReadAttribute(TapeAttribute::kVolumeCoherency)), Pattern(70, 1));
  ASSERT_OK(drive->WriteAttribute(TapeAttribute::kBarcode, {}));
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kBarcode), kNoDataDetected);
  EXPECT_EQ(test::Value(drive->ReadAttribute(TapeAttribute::kSerialNumber)).size(), 32u);
}

TEST(SscMemory, OnlyWhatHostsMayWriteAndWhatFits) {
  ModelDrive drive;
  EXPECT_TAPE_ERROR(drive->WriteAttribute(TapeAttribute::kLoadCount, Pattern(8, 1)),
                    kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->WriteAttribute(TapeAttribute::kApplicationVendor, Pattern(9, 1)),
                    kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->WriteAttribute(TapeAttribute::kVolumeCoherency, Pattern(65536, 1)),
                    kInvalidParameter);
  EXPECT_TRUE(drive.model.medium().attributes.empty());
  drive.Fault({.opcode = opcode::kReadAttribute, .sense = 0x020410});
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kBarcode), kNotSupported);
}

TEST(SscMemory, AttributesBelongToPartitions) {
  ModelDrive drive;
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kSelect, 2, 0));
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kLogicalBlock, 2, 0, false));
  ASSERT_OK(drive->WriteAttribute(TapeAttribute::kVolumeCoherency, Pattern(10, 1)));
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kLogicalBlock, 1, 0, false));
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kVolumeCoherency), kNoDataDetected);
}

TEST(SscMemory, Alerts) {
  ModelDrive drive;
  EXPECT_TRUE(test::Value(drive->ReadAlerts()).empty());
  drive.model.SetAlert(3);
  drive.model.SetAlert(20);
  EXPECT_EQ(test::Value(drive->ReadAlerts()), (std::vector<uint8_t>{3, 20}));
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kDeviceRequiresCleaning);
  EXPECT_TRUE(test::Value(drive->ReadAlerts()).empty());
  ASSERT_OK(drive->GetTapeStatus());
}

}  // namespace
}  // namespace tapir::scsi
