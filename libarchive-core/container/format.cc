#include "container/format.h"

#include "bytes/checksum.h"

namespace tapir {

std::string FormatUuid(const Uuid& uuid) {
  std::string text = ToHex(uuid);
  for (size_t at : {20u, 16u, 12u, 8u}) text.insert(at, 1, '-');
  return text;
}

std::string FormatSessionId(const SessionId& id) { return ToHex(id); }

std::string_view BlockTypeName(uint8_t type) {
  switch (static_cast<BlockType>(type)) {
    case BlockType::kLabel: return "label";
    case BlockType::kStart: return "start";
    case BlockType::kData: return "data";
    case BlockType::kIndex: return "index";
    case BlockType::kEnd: return "end";
  }
  return "unknown";
}

std::string_view ChunkKindName(uint8_t kind) {
  switch (static_cast<ChunkKind>(kind)) {
    case ChunkKind::kRecords: return "records";
    case ChunkKind::kData: return "data";
    case ChunkKind::kLeaf: return "leaf";
    case ChunkKind::kInner: return "inner";
    case ChunkKind::kStart: return "start";
    case ChunkKind::kEnd: return "end";
    case ChunkKind::kLabel: return "label";
    case ChunkKind::kPolicy: return "policy";
    case ChunkKind::kLeafCopy: return "leaf copy";
    case ChunkKind::kInnerCopy: return "inner copy";
  }
  return "unknown";
}

std::string_view ItemTypeName(uint16_t type) {
  switch (static_cast<ItemType>(type)) {
    case ItemType::kLabel: return "LABEL";
    case ItemType::kStart: return "START";
    case ItemType::kEnd: return "END";
    case ItemType::kObjectBegin: return "OBJECT_BEGIN";
    case ItemType::kData: return "DATA";
    case ItemType::kObjectEnd: return "OBJECT_END";
    case ItemType::kTombstone: return "TOMBSTONE";
    case ItemType::kExcluded: return "EXCLUDED";
    case ItemType::kReference: return "REFERENCE";
    case ItemType::kWhole: return "WHOLE";
    case ItemType::kContents: return "CONTENTS";
    case ItemType::kSisReference: return "SIS_REFERENCE";
    case ItemType::kRawEncryptedStream: return "RAW_ENCRYPTED_STREAM";
    case ItemType::kPolicyManifest: return "POLICY_MANIFEST";
    case ItemType::kBackupStreams: return "BACKUP_STREAMS";
    case ItemType::kLabelName: return "LABEL_NAME";
    case ItemType::kWriter: return "WRITER";
    case ItemType::kOptions: return "OPTIONS";
    case ItemType::kContinues: return "CONTINUES";
    case ItemType::kSessionEntry: return "SESSION_ENTRY";
    case ItemType::kLabelCopy: return "LABEL_COPY";
    case ItemType::kVolumeDependency: return "VOLUME_DEPENDENCY";
    case ItemType::kIndexCopy: return "INDEX_COPY";
    case ItemType::kStartCopy: return "START_COPY";
    case ItemType::kLeftOut: return "LEFT_OUT";
    case ItemType::kPath: return "PATH";
    case ItemType::kLinkTarget: return "LINK_TARGET";
    case ItemType::kOwnerName: return "OWNER_NAME";
    case ItemType::kGroupName: return "GROUP_NAME";
    case ItemType::kXattr: return "XATTR";
    case ItemType::kHardLink: return "HARD_LINK";
    case ItemType::kAccessTime: return "ACCESS_TIME";
    case ItemType::kOtherName: return "OTHER_NAME";
    case ItemType::kStream: return "STREAM";
    case ItemType::kEarlierName: return "EARLIER_NAME";
    case ItemType::kFragment: return "FRAGMENT";
    case ItemType::kExcludedBy: return "EXCLUDED_BY";
    case ItemType::kStreamEnd: return "STREAM_END";
    case ItemType::kWholeStream: return "WHOLE_STREAM";
    case ItemType::kNtfs: return "NTFS";
    case ItemType::kShortName: return "SHORT_NAME";
    case ItemType::kSecurityDescriptor: return "SECURITY_DESCRIPTOR";
    case ItemType::kObjectId: return "OBJECT_ID";
    case ItemType::kExtendedAttributes: return "EXTENDED_ATTRIBUTES";
    case ItemType::kReparseData: return "REPARSE_DATA";
    case ItemType::kEfsMetadata: return "EFS_METADATA";
    case ItemType::kNtfsStream: return "NTFS_STREAM";
    case ItemType::kSis: return "SIS";
    case ItemType::kPolicyMatching: return "POLICY_MATCHING";
    case ItemType::kPolicyInput: return "POLICY_INPUT";
    case ItemType::kPolicyValue: return "POLICY_VALUE";
    case ItemType::kPolicyRule: return "POLICY_RULE";
    case ItemType::kPolicyVariable: return "POLICY_VARIABLE";
    case ItemType::kPolicyProfile: return "POLICY_PROFILE";
    case ItemType::kPolicyDrive: return "POLICY_DRIVE";
    case ItemType::kPolicyWriter: return "POLICY_WRITER";
    case ItemType::kPolicyWarning: return "POLICY_WARNING";
  }
  return "unknown";
}

}  // namespace tapir
