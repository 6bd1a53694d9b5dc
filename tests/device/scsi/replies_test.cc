#include "device/scsi/replies.h"

#include <gtest/gtest.h>

#include "bytes/big_endian.h"
#include "device/scsi/commands.h"
#include "device/scsi/mode_pages.h"
#include "tests/support/ssc_model/ssc_model.h"
#include "tests/support/test_bytes.h"

namespace tapir::scsi {
namespace {

using test::SscModel;
using Bytes = std::vector<std::byte>;

std::string Hex(const Cdb& cdb) {
  std::string text;
  for (std::byte byte : cdb.span()) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    text += kDigits[std::to_integer<size_t>(byte) >> 4];
    text += kDigits[std::to_integer<size_t>(byte) & 15];
  }
  return text;
}

TEST(Commands, LookAsTheStandardSays) {
  EXPECT_EQ(Hex(TestUnitReady()), "000000000000");
  EXPECT_EQ(Hex(RequestSense(252)), "03000000FC00");
  EXPECT_EQ(Hex(InquiryPage(0x83, 0x1234)), "120183123400");
  EXPECT_EQ(Hex(Rewind(true)), "010100000000");
  EXPECT_EQ(Hex(FormatMedium(FormatKind::kPartition, true)), "040101000000");
  EXPECT_EQ(Hex(ReadBlockLimits()), "050000000000");
  EXPECT_EQ(Hex(Read6(false, 0x123456)), "080012345600");
  EXPECT_EQ(Hex(Write6(true, 2)), "0A0100000200");
  EXPECT_EQ(Hex(WriteFilemarks6(1, true)), "100100000100");
  EXPECT_EQ(Hex(WriteFilemarks16(2, false)), "80000000000000000000000000000200");
  EXPECT_EQ(Hex(Space6(SpaceCode::kFilemarks, -2)), "1101FFFFFE00");
  EXPECT_EQ(Hex(Space16(SpaceCode::kBlocks, -1)), "91000000FFFFFFFFFFFFFFFF00000000");
  EXPECT_EQ(Hex(ModeSense6(0x0A, 0xF0, 0, 255)), "1A000AF0FF00");
  EXPECT_EQ(Hex(ModeSense10(0x11, 0, 1, 0x0100)), "5A005100000000010000");
  EXPECT_EQ(Hex(ModeSelect6(12)), "151000000C00");
  EXPECT_EQ(Hex(ModeSelect10(0x0102)), "55100000000000010200");
  EXPECT_EQ(Hex(Erase6(true, true)), "190300000000");
  EXPECT_EQ(Hex(LoadUnload({.load = true, .retension = true, .immediate = true})), "1B0100000300");
  EXPECT_EQ(Hex(PreventAllow(true)), "1E0000000100");
  EXPECT_EQ(Hex(Locate10(0x01020304, true, 1, true)), "2B030001020304000100");
  EXPECT_EQ(Hex(Locate16(LocateTo::kEndOfData, 5, true, 1, false)),
            "921A0001000000000000000500000000");
  EXPECT_EQ(Hex(ReadPositionLong()), "34060000000000000000");
  EXPECT_EQ(Hex(ReportDensity(true, 512)), "44010000000000020000");
  EXPECT_EQ(Hex(LogSense(0x2E, 512)), "4D006E00000000020000");
  EXPECT_EQ(Hex(ReadAttributes(1, 0x0806, 512)), "8C000000000000010806000002000000");
  EXPECT_EQ(Hex(WriteAttributes(1, 16)), "8D010000000000010000000000100000");
  EXPECT_EQ(Hex(ReportSupportedCommands(4096)), "A30C80000000000010000000");
  EXPECT_EQ(Hex(AllowOverwrite(OverwriteAt::kPosition, 1, 2)), "82000101000000000000000200000000");
}

// What the model answers, cut to what it moved.
Bytes Answer(SscModel& model, const Cdb& cdb) {
  Bytes data(65535);
  test::ModelReply reply = model.Execute(cdb.span(), {}, data);
  if (!reply.sense.empty()) reply = model.Execute(cdb.span(), {}, data);
  data.resize(reply.length);
  return data;
}

TEST(Replies, OfADriveThatSaysAll) {
  SscModel model;
  model.SetAlert(20);
  model.SetAlert(64);
  InquiryData inquiry = ParseInquiry(Answer(model, Inquiry(96))).value();
  EXPECT_EQ(inquiry.device_type, kSequentialAccess);
  EXPECT_EQ(inquiry.vendor + "|" + inquiry.product + "|" + inquiry.revision,
            "TAPIR|MODEL-DRIVE|1.00");
  EXPECT_EQ(ParseSerialNumber(Answer(model, InquiryPage(0x80, 96))), "MODEL00001");
  EXPECT_EQ(ParseDesignators(Answer(model, InquiryPage(0x83, 96))),
            std::vector<std::string>{"TAPIR  1"});
  EXPECT_TRUE(ParseWormCapable(Answer(model, InquiryPage(0xB0, 96))));
  EXPECT_EQ(ParseBlockLimits(Answer(model, ReadBlockLimits()))->max_bytes, 8u << 20);
  EXPECT_TRUE(ParseShortPosition(Answer(model, ReadPositionShort()))->beginning);
  EXPECT_TRUE(ParseLongPosition(Answer(model, ReadPositionLong()))->known);
  std::vector<Density> densities = ParseDensities(Answer(model, ReportDensity(false, 512)));
  ASSERT_EQ(densities.size(), 1u);
  EXPECT_EQ(densities[0].name, "U-8");
  EXPECT_EQ(densities[0].capacity_mb, 12000000u);
  EXPECT_TRUE(densities[0].writable && densities[0].is_default);
  EXPECT_EQ(ParseTapeAlert(Answer(model, LogSense(0x2E, 512))), (std::vector<uint8_t>{20, 64}));
  ErrorCounters counters = ParseErrorCounters(Answer(model, LogSense(0x02, 512)), 0x02);
  EXPECT_EQ(counters.corrected, 7u);
  EXPECT_EQ(counters.uncorrected, 1u);
  EXPECT_EQ(counters.bytes_processed, 0u);
  EXPECT_EQ(ParseCapacityLog(Answer(model, LogSense(0x31, 512)), 0).maximum, 64u);
  EXPECT_FALSE(ParseCapacityLog(Answer(model, LogSense(0x31, 512)), 2).maximum);
  EXPECT_EQ(LogNumber(ParseLogPage(Answer(model, LogSense(0x17, 512)), 0x17), 0), 0u);
  EXPECT_TRUE(ParseLogPage(Answer(model, LogSense(0x17, 512)), 0x0C).empty());
}

TEST(Replies, SupportedCommandsWithTimeLimits) {
  SscModel model;
  bool found = false;
  for (const SupportedCommand& command :
       ParseSupportedCommands(Answer(model, ReportSupportedCommands(65535)))) {
    if (command.opcode == opcode::kErase6) {
      EXPECT_EQ(command.recommended_s, 36000u);
      EXPECT_EQ(command.nominal_s, 60u);
    }
    if (command.opcode != opcode::kMaintenanceIn) continue;
    EXPECT_EQ(command.service_action, 0x0C);
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST(Replies, AttributesSurviveEncoding) {
  std::string list = EncodeAttribute(
      {.id = 0x0806, .format = AttributeFormat::kAscii, .value = AsBytes("TAPE0001")});
  std::vector<Attribute> attributes = ParseAttributes(AsBytes(list));
  ASSERT_EQ(attributes.size(), 1u);
  EXPECT_EQ(attributes[0].id, 0x0806);
  EXPECT_EQ(attributes[0].format, AttributeFormat::kAscii);
  EXPECT_EQ(AsText(attributes[0].value), "TAPE0001");
  list.pop_back();
  EXPECT_TRUE(ParseAttributes(AsBytes(list)).empty());
}

TEST(Replies, ModePagesBothWays) {
  SscModel model;
  ModeReply six = ParseModeSense6(Answer(model, ModeSense6(0x0F, 0, 0, 255)), 0x0F, 0).value();
  ModeReply ten = ParseModeSense10(Answer(model, ModeSense10(0x0F, 0, 0, 512)), 0x0F, 0).value();
  EXPECT_EQ(six.page, ten.page);
  EXPECT_EQ(six.density_code, 0x5E);
  EXPECT_EQ(ten.buffered_mode, 0x10);
  EXPECT_TRUE(ParseCompression(six.page)->enabled);
  ModeReply other = ParseModeSense6(Answer(model, ModeSense6(0x0F, 0, 0, 255)), 0x10, 0).value();
  EXPECT_TRUE(other.page.empty());
  SetCompression(six.page, false);
  std::string list = EncodeModeSelect10(six, {.block_bytes = 4096, .page = six.page});
  test::ModelReply reply =
      model.Execute(ModeSelect10(static_cast<uint16_t>(list.size())).span(), AsBytes(list), {});
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(model.block_bytes(), 4096u);
}

TEST(Replies, PartitionSizesInUnitsThatFit) {
  Bytes current(16);
  auto at = [](const std::string& page, size_t place) {
    return LoadBe<uint16_t>(AsBytes(page).data() + place);
  };
  std::string fine = EncodePartitions(current, PartitionWay::kInitiator, 2, 65534);
  EXPECT_EQ(static_cast<uint8_t>(fine[4]), 0x30);
  EXPECT_EQ(at(fine, 8), 65534);
  EXPECT_EQ(at(fine, 10), 0xFFFF);
  std::string coarse = EncodePartitions(current, PartitionWay::kInitiator, 2, 65535);
  EXPECT_EQ(static_cast<uint8_t>(coarse[4]), 0x38);
  EXPECT_EQ(coarse[6], 9);
  EXPECT_EQ(at(coarse, 8), 66);
}

// Every parser, on every prefix of answers and on noise; a sanitizer watches the bounds.
void ParseAll(ByteSpan bytes) {
  ParseInquiry(bytes);
  ParseSerialNumber(bytes);
  ParseDesignators(bytes);
  ParseWormCapable(bytes);
  ParseBlockLimits(bytes);
  ParseShortPosition(bytes);
  ParseLongPosition(bytes);
  EXPECT_LE(ParseDensities(bytes).size(), bytes.size() / 52);
  EXPECT_LE(ParseSupportedCommands(bytes).size(), bytes.size() / 8);
  EXPECT_LE(ParseAttributes(bytes).size(), bytes.size() / 5);
  EXPECT_LE(ParseTapeAlert(bytes).size(), 64u);
  ParseErrorCounters(bytes, 0x02);
  ParseCapacityLog(bytes, 1);
  if (auto mode = ParseModeSense6(bytes, 0x11, 0)) ParsePartitions(mode->page);
  if (auto mode = ParseModeSense10(bytes, 0x0A, 0xF0)) ParseProtection(mode->page);
}

TEST(Replies, HostileLengthsStayInBounds) {
  SscModel model;
  for (const Cdb& cdb : {InquiryPage(0x83, 96), ReportDensity(false, 512), LogSense(0x2E, 512),
                         ReportSupportedCommands(65535), ReadAttributes(0, 0, 512),
                         ModeSense6(0x11, 0, 0, 255), ModeSense10(0x0A, 0xF0, 0, 512)}) {
    Bytes answer = Answer(model, cdb);
    for (size_t size = 0; size <= answer.size(); ++size) {
      Bytes cut(answer.begin(), answer.begin() + static_cast<ptrdiff_t>(size));
      ParseAll(cut);
      for (std::byte& byte : cut) {
        std::byte kept = std::exchange(byte, std::byte{0xFF});
        if (size < 80) ParseAll(cut);
        byte = kept;
      }
    }
  }
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    ParseAll(AsBytes(test::RandomBytes(seed % 200, seed)));
  }
}

}  // namespace
}  // namespace tapir::scsi
