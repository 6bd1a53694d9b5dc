#include "tapir/windows/hive_writer.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tapir/windows/upcase.h"
#include "windows/hive_bins.h"
#include "windows/key_path.h"

namespace tapir {
namespace {

constexpr size_t kMostKeyNameUnits = 255;
constexpr size_t kMostValueNameUnits = 16383;
constexpr size_t kMostClassUnits = 32767;
constexpr size_t kMostSecurityBytes = 65535;
constexpr size_t kMostSegments = 65535;
// A list of so many takes about a page, as those of Windows do.
constexpr size_t kMostLeafKeys = 500;
constexpr size_t kMostFileNameUnits = 31;
constexpr uint32_t kHashFactor = 37;
// A segment is followed by bytes that no reader takes for data.
constexpr size_t kSegmentSpareBytes = 4;

// A name as it stands in a cell.
struct StoredName {
  std::string bytes;
  bool is_latin1 = true;
};

std::string LeBytes(std::u16string_view units) {
  std::string bytes;
  for (const char16_t unit : units) WriteCursor(bytes).U16(unit);
  return bytes;
}

StoredName StoreName(std::u16string_view name) {
  const auto fits = [](char16_t unit) { return unit <= 0xFF; };
  if (!std::ranges::all_of(name, fits)) return {LeBytes(name), false};
  StoredName stored;
  for (const char16_t unit : name) stored.bytes += static_cast<char>(unit);
  return stored;
}

uint32_t NameHash(std::u16string_view name) {
  uint32_t hash = 0;
  for (const char16_t unit : name) hash = hash * kHashFactor + Upcase(unit);
  return hash;
}

// The first characters of a name.
uint32_t NameHint(std::u16string_view name) {
  uint32_t hint = 0;
  for (size_t i = 0; i < std::min(name.size(), sizeof hint); ++i) {
    if (name[i] > 0xFF) return 0;
    hint |= uint32_t{name[i]} << (8 * i);
  }
  return hint;
}

uint32_t Larger(uint32_t so_far, size_t size) {
  return std::max(so_far, static_cast<uint32_t>(size));
}

class HiveBuilder {
 public:
  explicit HiveBuilder(const HiveDescription& description)
      : description_(description), bins_(description.last_written) {}

  Result<std::string> Build(const RegistryKey& root);

 private:
  struct SecurityCell {
    uint32_t offset = 0;
    uint32_t references = 0;
  };
  // Offset and number of entries of a list, and the largest of what is in it.
  struct PutList {
    uint32_t offset = kNoCell;
    uint32_t count = 0;
    uint32_t largest_name = 0;
    uint32_t largest_other = 0;  // data, or class names
  };
  struct LeafEntry {
    uint32_t offset;
    std::u16string_view name;
  };

  Status Refuse(std::string_view why) const {
    return InvalidArgument(path_.Text() + ": " + std::string(why));
  }
  Status CheckKey(const RegistryKey& key) const;
  Result<uint32_t> PutKey(const RegistryKey& key, uint32_t parent);
  Result<uint32_t> PutSecurity(const RegistryKey& key);
  Result<PutList> PutValues(const RegistryKey& key);
  Result<uint32_t> PutValue(const RegistryValue& value);
  Result<uint32_t> PutData(const std::string& data);
  Result<PutList> PutSubkeys(const RegistryKey& key, uint32_t parent);
  Result<uint32_t> PutLeaf(std::span<const LeafEntry> entries);
  void LinkSecurity();

  const HiveDescription& description_;
  HiveBins bins_;
  KeyPath path_;
  std::unordered_map<std::string_view, SecurityCell> security_;
  std::vector<std::string_view> security_order_;
};

Status HiveBuilder::CheckKey(const RegistryKey& key) const {
  if (path_.levels() > kMostHiveLevels) return Refuse("more than 512 levels of keys");
  if (key.name.size() > kMostKeyNameUnits) return Refuse("a name of more than 255 characters");
  if (path_.levels() > 1 && key.name.empty()) return Refuse("a key without a name");
  if (key.name.find(u'\\') != std::u16string::npos) return Refuse("a name with a backslash");
  if (key.class_name.size() > kMostClassUnits) return Refuse("a class name that is too long");
  if (key.security != nullptr && key.security->size() > kMostSecurityBytes) {
    return Refuse("a security descriptor of more than 65,535 bytes");
  }
  if ((key.flags & kKeyHasHandle) != 0 && !key.values.empty()) {
    return Refuse("values of a key that is a predefined handle");
  }
  for (size_t i = 1; i < key.subkeys.size(); ++i) {
    if (Upcase(key.subkeys[i - 1].name) >= Upcase(key.subkeys[i].name)) {
      return Refuse("the subkey '" + Wtf8(key.subkeys[i].name) +
                    "' is not behind the one before it");
    }
  }
  return OkStatus();
}

Result<uint32_t> HiveBuilder::PutKey(const RegistryKey& key, uint32_t parent) {
  path_.Enter(key.name);
  TAPIR_RETURN_IF_ERROR(CheckKey(key));
  const bool is_root = path_.levels() == 1;
  const StoredName name = StoreName(key.name);
  auto flags = static_cast<uint16_t>(key.flags & ~unsigned{kKeyIsRoot | kKeyNameIsLatin1});
  if (is_root) flags |= kKeyIsRoot | kKeyStays;
  if (name.is_latin1) flags |= kKeyNameIsLatin1;

  constexpr size_t kFieldsBytes = 76;
  TAPIR_ASSIGN_OR_RETURN(const uint32_t offset, bins_.Add(kFieldsBytes + name.bytes.size()));
  uint32_t class_at = kNoCell;
  if (!key.class_name.empty()) {
    TAPIR_ASSIGN_OR_RETURN(class_at, bins_.Add(LeBytes(key.class_name)));
  }
  TAPIR_ASSIGN_OR_RETURN(const uint32_t security, PutSecurity(key));
  TAPIR_ASSIGN_OR_RETURN(const PutList values, PutValues(key));
  TAPIR_ASSIGN_OR_RETURN(const PutList subkeys, PutSubkeys(key, offset));

  std::string cell;
  WriteCursor to(cell);
  to.Text("nk");
  to.U16(flags);
  to.U64(key.last_written);
  to.U32(key.access_bits);
  to.U32(is_root ? kNoCell : parent);
  to.U32(subkeys.count);
  to.U32(0);
  to.U32(subkeys.offset);
  to.U32(kNoCell);
  to.U32((flags & kKeyHasHandle) != 0 ? key.predefined_handle : values.count);
  to.U32(values.offset);
  to.U32(security);
  to.U32(class_at);
  to.U16(static_cast<uint16_t>(subkeys.largest_name));
  to.U16(key.control_flags);
  to.U32(subkeys.largest_other);
  to.U32(values.largest_name);
  to.U32(values.largest_other);
  to.U32(0);
  to.U16(static_cast<uint16_t>(name.bytes.size()));
  to.U16(static_cast<uint16_t>(2 * key.class_name.size()));
  to.Text(name.bytes);
  std::ranges::copy(AsBytes(cell), bins_.At(offset));
  path_.Leave();
  return offset;
}

Result<uint32_t> HiveBuilder::PutSecurity(const RegistryKey& key) {
  if (key.security == nullptr) return kNoCell;
  const auto [found, is_new] = security_.try_emplace(*key.security);
  if (is_new) {
    std::string cell;
    WriteCursor to(cell);
    to.Text("sk");
    // Reserved, then both links and the number of references, which are known at the end.
    to.Zeros(sizeof(uint16_t) + 3 * sizeof(uint32_t));
    to.U32(static_cast<uint32_t>(key.security->size()));
    to.Text(*key.security);
    TAPIR_ASSIGN_OR_RETURN(found->second.offset, bins_.Add(cell));
    security_order_.push_back(found->first);
  }
  ++found->second.references;
  return found->second.offset;
}

// The descriptors stand in a ring, in the order in which they came.
void HiveBuilder::LinkSecurity() {
  const size_t count = security_order_.size();
  const auto offset = [&](size_t i) { return security_.at(security_order_[i % count]).offset; };
  for (size_t i = 0; i < count; ++i) {
    std::byte* cell = bins_.At(offset(i));
    StoreLe(cell + 4, offset(i + 1));
    StoreLe(cell + 8, offset(i + count - 1));
    StoreLe(cell + 12, security_.at(security_order_[i]).references);
  }
}

Result<HiveBuilder::PutList> HiveBuilder::PutValues(const RegistryKey& key) {
  PutList put;
  if (key.values.empty()) return put;
  put.count = static_cast<uint32_t>(key.values.size());
  TAPIR_ASSIGN_OR_RETURN(put.offset, bins_.Add(key.values.size() * sizeof(uint32_t)));
  for (size_t i = 0; i < key.values.size(); ++i) {
    const RegistryValue& value = key.values[i];
    TAPIR_ASSIGN_OR_RETURN(const uint32_t at, PutValue(value));
    StoreLe(bins_.At(put.offset) + i * sizeof at, at);
    put.largest_name = Larger(put.largest_name, 2 * value.name.size());
    put.largest_other = Larger(put.largest_other, value.data.size());
  }
  return put;
}

Result<uint32_t> HiveBuilder::PutValue(const RegistryValue& value) {
  const std::string which = "value '" + Wtf8(value.name.substr(0, kMostKeyNameUnits)) + "': ";
  if (value.name.size() > kMostValueNameUnits) {
    return Refuse(which + "a name of more than 16,383 characters");
  }
  if (value.data.size() > kMostSegments * kSegmentBytes) return Refuse(which + "too much data");
  const bool is_tombstone = (value.flags & kValueIsTombstone) != 0;
  if (is_tombstone && !value.data.empty()) return Refuse(which + "data of a value that is none");
  const StoredName name = StoreName(value.name);
  auto flags = static_cast<uint16_t>(value.flags & ~unsigned{kValueNameIsLatin1});
  if (name.is_latin1 && !name.bytes.empty()) flags |= kValueNameIsLatin1;

  std::string cell;
  WriteCursor to(cell);
  to.Text("vk");
  to.U16(static_cast<uint16_t>(name.bytes.size()));
  if (is_tombstone) {
    to.U32(0);
    to.U32(kNoCell);
  } else if (value.data.size() <= kMostInlineBytes) {
    to.U32(static_cast<uint32_t>(value.data.size()) | kInlineData);
    to.Text(value.data);
    to.Zeros(kMostInlineBytes - value.data.size());
  } else {
    TAPIR_ASSIGN_OR_RETURN(const uint32_t data, PutData(value.data));
    to.U32(static_cast<uint32_t>(value.data.size()));
    to.U32(data);
  }
  to.U32(value.type);
  to.U16(flags);
  to.U16(0);
  to.Text(name.bytes);
  return bins_.Add(cell);
}

Result<uint32_t> HiveBuilder::PutData(const std::string& data) {
  if (data.size() <= kSegmentBytes || description_.minor_version < kBigDataVersion) {
    return bins_.Add(data);
  }
  std::string list;
  for (size_t at = 0; at < data.size(); at += kSegmentBytes) {
    std::string segment = data.substr(at, kSegmentBytes);
    segment.resize(segment.size() + kSegmentSpareBytes);
    // Some programs join segments in the order of their places, not of the list.
    TAPIR_ASSIGN_OR_RETURN(const uint32_t offset, bins_.AddBehind(segment));
    WriteCursor(list).U32(offset);
  }
  TAPIR_ASSIGN_OR_RETURN(const uint32_t list_at, bins_.Add(list));
  std::string cell;
  WriteCursor to(cell);
  to.Text("db");
  to.U16(static_cast<uint16_t>(list.size() / sizeof(uint32_t)));
  to.U32(list_at);
  to.U32(0);
  return bins_.Add(cell);
}

Result<HiveBuilder::PutList> HiveBuilder::PutSubkeys(const RegistryKey& key, uint32_t parent) {
  PutList put;
  if (key.subkeys.empty()) return put;
  std::vector<LeafEntry> entries;
  for (const RegistryKey& subkey : key.subkeys) {
    TAPIR_ASSIGN_OR_RETURN(const uint32_t offset, PutKey(subkey, parent));
    entries.push_back({offset, subkey.name});
    put.largest_name = Larger(put.largest_name, 2 * subkey.name.size());
    put.largest_other = Larger(put.largest_other, 2 * subkey.class_name.size());
  }
  put.count = static_cast<uint32_t>(entries.size());
  std::string leaves;
  for (size_t at = 0; at < entries.size(); at += kMostLeafKeys) {
    const size_t count = std::min(kMostLeafKeys, entries.size() - at);
    TAPIR_ASSIGN_OR_RETURN(put.offset, PutLeaf(std::span(entries).subspan(at, count)));
    WriteCursor(leaves).U32(put.offset);
  }
  if (entries.size() <= kMostLeafKeys) return put;
  const size_t leaf_count = leaves.size() / sizeof(uint32_t);
  if (leaf_count > std::numeric_limits<uint16_t>::max()) return Refuse("too many subkeys");
  std::string cell;
  WriteCursor to(cell);
  to.Text("ri");
  to.U16(static_cast<uint16_t>(leaf_count));
  to.Text(leaves);
  TAPIR_ASSIGN_OR_RETURN(put.offset, bins_.Add(cell));
  return put;
}

Result<uint32_t> HiveBuilder::PutLeaf(std::span<const LeafEntry> entries) {
  const bool hashes = description_.minor_version >= kHashLeafVersion;
  std::string cell;
  WriteCursor to(cell);
  to.Text(hashes ? "lh" : "lf");
  to.U16(static_cast<uint16_t>(entries.size()));
  for (const LeafEntry& entry : entries) {
    to.U32(entry.offset);
    to.U32(hashes ? NameHash(entry.name) : NameHint(entry.name));
  }
  return bins_.Add(cell);
}

Result<std::string> HiveBuilder::Build(const RegistryKey& root) {
  HiveHeader header;
  TAPIR_ASSIGN_OR_RETURN(header.root, PutKey(root, kNoCell));
  LinkSecurity();
  header.sequence_begun = header.sequence_done = description_.sequence;
  header.last_written = description_.last_written;
  header.minor_version = description_.minor_version;
  header.file_name = description_.file_name;
  if (header.file_name.size() > kMostFileNameUnits) {
    header.file_name.erase(0, header.file_name.size() - kMostFileNameUnits);
  }
  if (description_.has_layers) header.flags |= kHiveHasLayers;
  return bins_.Finish(std::move(header));
}

}  // namespace

Result<std::string> BuildHive(const RegistryKey& root, const HiveDescription& description) {
  if (description.minor_version < kFirstMinorVersion ||
      description.minor_version > kLastMinorVersion) {
    return InvalidArgument("a hive of version 1." + std::to_string(description.minor_version));
  }
  return HiveBuilder(description).Build(root);
}

}  // namespace tapir
