#include "jobs/format_tables.h"

#include <algorithm>
#include <array>

namespace tapir {
namespace {

using enum FieldForm;

template <size_t N, size_t M>
constexpr std::array<FieldRow, N + M> Joined(const std::array<FieldRow, N>& first,
                                             const std::array<FieldRow, M>& rest) {
  std::array<FieldRow, N + M> all{};
  std::copy(rest.begin(), rest.end(), std::copy(first.begin(), first.end(), all.begin()));
  return all;
}

constexpr std::array kBlockHeader = std::to_array<FieldRow>({
    {"magic", 8, kBytes},
    {"framing_major", 1},
    {"framing_minor", 1},
    {"header_bytes", 2},
    {"type", 1},
    {"flags", 1, kBits},
    {"reserved", 2, kReserved},
    {"block_bytes", 4},
    {"payload_bytes", 4},
    {"first_chunk", 4},
    {"volume_sequence", 4},
    {"volume_uuid", 16, kUuid},
    {"session_id", 8, kBytes},
    {"session_number", 4},
    {"marks_before", 4},
    {"block_number", 8},
    {"unit_number", 8},
    {"first_chunk_sequence", 8},
    {"last_end_object", 8},
    {"last_end_unit", 8},
    {"read_features", 8, kBits},
    {"body_checksum", 8, kChecksum},
    {"header_checksum", 8, kChecksum},
});

constexpr std::array kChunkHeader = std::to_array<FieldRow>({
    {"magic", 4, kBytes},
    {"codec", 1},
    {"kind", 1},
    {"flags", 2, kBits},
    {"stored_bytes", 4},
    {"raw_bytes", 4},
    {"sequence", 8},
    {"first_object", 8},
    {"object_count", 4},
    {"stream_number", 4},
    {"stream_offset", 8},
    {"raw_checksum", 8, kChecksum},
    {"header_checksum", 8, kChecksum},
});

constexpr std::array kLabel = std::to_array<FieldRow>({
    {"volume_uuid", 16, kUuid},
    {"set_uuid", 16, kUuid},
    {"created_seconds", 8, kSigned},
    {"created_nanoseconds", 4},
    {"volume_sequence", 4},
    {"max_block_bytes", 4},
    {"flags", 4, kBits},
    {"reserved", 8, kReserved},
});

constexpr std::array kStart = std::to_array<FieldRow>({
    {"session_id", 8, kBytes},
    {"session_number", 4},
    {"kind", 1},
    {"digests", 1, kBits},
    {"reserved", 2, kReserved},
    {"base_id", 8, kBytes},
    {"start_seconds", 8, kSigned},
    {"start_nanoseconds", 4},
    {"volume_sequence", 4},
    {"read_features", 8, kBits},
    {"append_features", 8, kBits},
    {"compatible_features", 8, kBits},
    {"previous_end_object", 8},
    {"previous_end_unit", 8},
    {"previous_end_digest", 16, kBytes},
    {"gap_first_unit", 8},
    {"gap_units", 8},
});

constexpr std::array kEnd = std::to_array<FieldRow>({
    {"session_id", 8, kBytes},
    {"session_number", 4},
    {"status", 1},
    {"flags", 1, kBits},
    {"reserved", 2, kReserved},
    {"end_seconds", 8, kSigned},
    {"end_nanoseconds", 4},
    {"volume_sequence", 4},
    {"object_count", 8},
    {"content_bytes", 8},
    {"stored_bytes", 8},
    {"start_object", 8},
    {"start_unit", 8},
    {"index_object", 8},
    {"index_unit", 8},
    {"root_object", 8},
    {"root_unit", 8},
    {"root_offset", 4},
    {"root_level", 4},
    {"root_digest", 16, kBytes},
    {"read_features", 8, kBits},
    {"append_features", 8, kBits},
    {"compatible_features", 8, kBits},
    {"previous_end_digest", 16, kBytes},
    {"chunk_count", 8},
    {"flawed_count", 8},
    {"reserved", 8, kReserved},
});

constexpr std::array kSessionEntry = std::to_array<FieldRow>({
    {"session_id", 8, kBytes},
    {"session_number", 4},
    {"kind", 1},
    {"status", 1},
    {"flags", 1, kBits},
    {"reserved", 1, kReserved},
    {"start_seconds", 8, kSigned},
    {"end_seconds", 8, kSigned},
    {"start_nanoseconds", 4},
    {"end_nanoseconds", 4},
    {"start_object", 8},
    {"start_unit", 8},
    {"end_object", 8},
    {"end_unit", 8},
    {"object_count", 8},
    {"content_bytes", 8},
    {"read_features", 8, kBits},
    {"end_digest", 16, kBytes},
});

constexpr std::array kVolumeDependency = std::to_array<FieldRow>({
    {"volume_uuid", 16, kUuid},
    {"volume_sequence", 4},
    {"reserved", 4, kReserved},
});

// SESSION_ENTRY, and where the copy is.
constexpr std::array kIndexCopy = Joined(kSessionEntry, std::to_array<FieldRow>({
                                                            {"root_object", 8},
                                                            {"root_unit", 8},
                                                            {"root_offset", 4},
                                                            {"root_level", 4},
                                                            {"root_digest", 16, kBytes},
                                                            {"volume_sequence", 4},
                                                            {"reserved", 4, kReserved},
                                                        }));

constexpr std::array kContinues = std::to_array<FieldRow>({
    {"volume_uuid", 16, kUuid},
    {"volume_sequence", 4},
    {"reserved", 4, kReserved},
    {"session_id", 8, kBytes},
    {"end_digest", 16, kBytes},
});

constexpr std::array kObjectBegin = std::to_array<FieldRow>({
    {"ordinal", 8},
    {"object_type", 1},
    {"path_encoding", 1},
    {"reserved", 2, kReserved},
    {"mode", 4},
    {"uid", 4},
    {"gid", 4},
    {"mtime_seconds", 8, kSigned},
    {"mtime_nanoseconds", 4},
    {"link_count", 4},
    {"expected_size", 8},
    {"device_major", 4},
    {"device_minor", 4},
    {"reserved", 8, kReserved},
});

constexpr std::array kData = std::to_array<FieldRow>({
    {"ordinal", 8},
    {"stream_number", 4},
    {"reserved", 4, kReserved},
    {"offset", 8},
});

constexpr std::array kReference = std::to_array<FieldRow>({
    {"ordinal", 8},
    {"stream_number", 4},
    {"target_stream", 4},
    {"target_ordinal", 8},
    {"length", 8},
});

constexpr std::array kObjectEnd = std::to_array<FieldRow>({
    {"ordinal", 8},
    {"status", 1},
    {"reserved", 7, kReserved},
});

// The SHA-256 may be absent.
constexpr std::array kStreamEnd = std::to_array<FieldRow>({
    {"stream_number", 4},
    {"digest_form", 1},
    {"reserved", 3, kReserved},
    {"size", 8},
    {"data_bytes", 8},
    {"xxh128", 16, kBytes},
    {"sha256", 32, kBytes},
});

constexpr std::array kAccessTime = std::to_array<FieldRow>({
    {"seconds", 8, kSigned},
    {"nanoseconds", 4},
    {"reserved", 4, kReserved},
});

constexpr std::array kStream = std::to_array<FieldRow>({
    {"stream_number", 4},
    {"reserved", 4, kReserved},
});

constexpr std::array kFragment = std::to_array<FieldRow>({{"offset", 8}});

constexpr std::array kNtfs = std::to_array<FieldRow>({
    {"file_attributes", 4, kBits},
    {"reserved", 4, kReserved},
    {"creation_time", 8},
    {"modification_time", 8},
    {"change_time", 8},
    {"access_time", 8},
    {"file_reference", 8},
});

constexpr std::array kNtfsStream = std::to_array<FieldRow>({
    {"stream_number", 4},
    {"flags", 4, kBits},
    {"size", 8},
    {"valid_bytes", 8},
});

constexpr std::array kSis = std::to_array<FieldRow>({
    {"role", 1},
    {"pairing", 1},
    {"reserved", 2, kReserved},
    {"file_count", 4},
});

constexpr std::array kExcludedBy = std::to_array<FieldRow>({
    {"rule", 4},
    {"reserved", 4, kReserved},
});

constexpr std::array kPolicyMatching = std::to_array<FieldRow>({
    {"wildcards", 1},
    {"reserved", 7, kReserved},
});

constexpr std::array kPolicyInput = std::to_array<FieldRow>({
    {"form", 1},
    {"reserved", 1, kReserved},
    {"flags", 2, kBits},
    {"reserved", 4, kReserved},
    {"size", 8},
    {"sha256", 32, kBytes},
});

constexpr std::array kPolicyValue = std::to_array<FieldRow>({
    {"input", 4},
    {"value_type", 4},
    {"key_bytes", 4},
    {"name_bytes", 4},
});

constexpr std::array kPolicyRule = std::to_array<FieldRow>({
    {"list", 1},
    {"state", 1},
    {"reserved", 2, kReserved},
    {"value", 4},
    {"string", 4},
    {"text_bytes", 4},
});

constexpr std::array kPolicyVariable = std::to_array<FieldRow>({
    {"name_bytes", 4},
    {"reserved", 4, kReserved},
});

constexpr std::array kPolicyDrive = std::to_array<FieldRow>({
    {"letter", 2},
    {"reserved", 2, kReserved},
    {"prefix_bytes", 4},
});

constexpr std::array kOrdinal = std::to_array<FieldRow>({{"ordinal", 8}});

constexpr std::array kShapes = std::to_array<ItemShape>({
    {ItemType::kLabel, kLabel, ItemRest::kAttributes},
    {ItemType::kStart, kStart, ItemRest::kAttributes},
    {ItemType::kEnd, kEnd, ItemRest::kAttributes},
    {ItemType::kObjectBegin, kObjectBegin, ItemRest::kAttributes},
    {ItemType::kTombstone, kObjectBegin, ItemRest::kAttributes},
    {ItemType::kExcluded, kObjectBegin, ItemRest::kAttributes},
    {ItemType::kData, kData, ItemRest::kBytes, "data"},
    {ItemType::kReference, kReference},
    {ItemType::kContents, {}, ItemRest::kBytes, "contents"},
    {ItemType::kObjectEnd, kObjectEnd, ItemRest::kAttributes},
    {ItemType::kSisReference, kOrdinal, ItemRest::kHex, "body"},
    {ItemType::kRawEncryptedStream, kOrdinal, ItemRest::kHex, "body"},
    {ItemType::kPolicyManifest, kOrdinal, ItemRest::kAttributes},
    {ItemType::kBackupStreams, kOrdinal, ItemRest::kHex, "body"},
    {ItemType::kLabelName, {}, ItemRest::kText},
    {ItemType::kWriter, {}, ItemRest::kText},
    {ItemType::kOptions, {}, ItemRest::kText},
    {ItemType::kContinues, kContinues},
    {ItemType::kSessionEntry, kSessionEntry, ItemRest::kNothing, "", true},
    {ItemType::kLabelCopy, kLabel, ItemRest::kAttributes},
    {ItemType::kVolumeDependency, kVolumeDependency, ItemRest::kNothing, "", true},
    {ItemType::kIndexCopy, kIndexCopy, ItemRest::kNothing, "", true},
    {ItemType::kStartCopy, kStart, ItemRest::kAttributes},
    {ItemType::kLeftOut, {}, ItemRest::kHex},
    {ItemType::kPath, {}, ItemRest::kText},
    {ItemType::kLinkTarget, {}, ItemRest::kText},
    {ItemType::kOwnerName, {}, ItemRest::kText},
    {ItemType::kGroupName, {}, ItemRest::kText},
    {ItemType::kHardLink, kOrdinal, ItemRest::kText, "path"},
    {ItemType::kAccessTime, kAccessTime},
    {ItemType::kOtherName, {}, ItemRest::kText, "", true},
    {ItemType::kStream, kStream, ItemRest::kText, "name", true},
    {ItemType::kEarlierName, {}, ItemRest::kText},
    {ItemType::kFragment, kFragment},
    {ItemType::kExcludedBy, kExcludedBy},
    {ItemType::kStreamEnd, kStreamEnd, ItemRest::kNothing, "", true},
    {ItemType::kWholeStream, kStreamEnd, ItemRest::kNothing, "", true},
    {ItemType::kNtfs, kNtfs},
    {ItemType::kShortName, {}, ItemRest::kText},
    {ItemType::kSecurityDescriptor, {}, ItemRest::kHex},
    {ItemType::kObjectId, {}, ItemRest::kHex},
    {ItemType::kExtendedAttributes, {}, ItemRest::kHex},
    {ItemType::kReparseData, {}, ItemRest::kHex},
    {ItemType::kEfsMetadata, {}, ItemRest::kHex},
    {ItemType::kNtfsStream, kNtfsStream, ItemRest::kNothing, "", true},
    {ItemType::kSis, kSis, ItemRest::kNames, "files"},
    {ItemType::kPolicyMatching, kPolicyMatching},
    {ItemType::kPolicyInput, kPolicyInput, ItemRest::kText, "name", true},
    {ItemType::kPolicyValue, kPolicyValue, ItemRest::kHex, "value", true},
    {ItemType::kPolicyRule, kPolicyRule, ItemRest::kText, "text", true},
    {ItemType::kPolicyVariable, kPolicyVariable, ItemRest::kText, "text", true},
    {ItemType::kPolicyProfile, {}, ItemRest::kText, "", true},
    {ItemType::kPolicyDrive, kPolicyDrive, ItemRest::kText, "paths", true},
    {ItemType::kPolicyWriter, {}, ItemRest::kText, "", true},
    {ItemType::kPolicyWarning, {}, ItemRest::kText, "", true},
});

}  // namespace

const FieldTable kBlockHeaderTable = kBlockHeader;
const FieldTable kChunkHeaderTable = kChunkHeader;

const ItemShape* FindItemShape(uint16_t type) {
  const auto* shape = std::find_if(kShapes.begin(), kShapes.end(), [&](const ItemShape& row) {
    return static_cast<uint16_t>(row.type) == type;
  });
  return shape == kShapes.end() ? nullptr : shape;
}

}  // namespace tapir
