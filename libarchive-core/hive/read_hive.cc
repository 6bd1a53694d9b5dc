#include "tapir/hive/read_hive.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "hive/key_cells.h"
#include "hive/library.h"
#include "tapir/windows/upcase.h"
#include "windows/hive_header.h"
#include "windows/key_path.h"

namespace tapir {
namespace {

constexpr size_t kMostWarnings = 1000;
constexpr uint64_t kMostTreeBytes = uint64_t{1} << 30;
constexpr uint64_t kMostTreeFactor = 8;
constexpr size_t kCellAlignment = 4;

// Which keys are wanted below one: all of them, or those on these paths.
struct Wanted {
  bool all = true;
  std::vector<std::u16string_view> paths;

  // What is wanted below a subkey; nothing if that itself is not.
  std::optional<Wanted> Below(std::u16string_view name) const {
    if (all) return Wanted{};
    Wanted below{false, {}};
    for (const std::u16string_view path : paths) {
      const size_t slash = path.find(u'\\');
      if (Upcase(path.substr(0, slash)) != Upcase(name)) continue;
      if (slash == std::u16string_view::npos) return Wanted{};
      below.paths.push_back(path.substr(slash + 1));
    }
    if (below.paths.empty()) return std::nullopt;
    return below;
  }
};

class HiveReader {
 public:
  HiveReader(const HiveCells& cells, const HiveLibrary& library)
      : cells_(cells),
        library_(library),
        bytes_left_(std::min(kMostTreeBytes, kMostTreeFactor * cells.bins().size())),
        seen_(cells.bins().size() / kCellAlignment) {}

  Status ReadRoot(uint32_t offset, const Wanted& wanted, RegistryKey& root);
  std::vector<std::string> TakeWarnings() { return std::move(warnings_); }

 private:
  struct Subkey {
    uint32_t offset;
    KeyCell cell;
    Wanted wanted;
  };

  Status Located(Status status) const { return std::move(status).Annotate(path_.Text()); }
  void Warn(std::string_view text) {
    if (warnings_.size() < kMostWarnings)
      warnings_.push_back(path_.Text() + ": " + std::string(text));
  }
  Status Spend(uint64_t bytes);
  Status ReadKey(KeyCell& cell, uint32_t offset, const Wanted& wanted, RegistryKey& key);
  Status ReadOwn(KeyCell& cell, uint32_t offset, bool with_values, RegistryKey& key);
  Result<std::shared_ptr<const std::string>> Security(uint32_t offset);
  Status ReadValues(const KeyCell& cell, uint32_t offset, RegistryKey& key);
  Status ReadValue(uint32_t offset, RegistryValue& value);
  Result<std::string> ReadData(uint32_t offset, const ValueCell& cell);
  Result<std::vector<Subkey>> WantedSubkeys(const KeyCell& cell, uint32_t offset,
                                            const Wanted& wanted);
  void PutInOrder(std::vector<RegistryKey>& keys);

  const HiveCells& cells_;
  const HiveLibrary& library_;
  uint64_t bytes_left_;
  std::vector<bool> seen_;  // key cells that were read, by 4 bytes
  KeyPath path_;
  std::map<uint32_t, std::shared_ptr<const std::string>> security_;
  std::vector<std::string> warnings_;
};

Status HiveReader::Spend(uint64_t bytes) {
  if (bytes > bytes_left_) return LimitExceeded("more contents than a hive of this size can have");
  bytes_left_ -= bytes;
  return OkStatus();
}

Status HiveReader::ReadRoot(uint32_t offset, const Wanted& wanted, RegistryKey& root) {
  path_.Enter(root.name);
  Result<KeyCell> cell = ReadKeyCell(cells_, offset);
  if (!cell.ok()) return Located(cell.status());
  seen_[offset / kCellAlignment] = true;
  cell->flags &= static_cast<uint16_t>(~unsigned{kKeyStays});
  return ReadKey(*cell, offset, wanted, root);
}

Status HiveReader::ReadKey(KeyCell& cell, uint32_t offset, const Wanted& wanted, RegistryKey& key) {
  if (path_.levels() > kMostHiveLevels) {
    return Located(LimitExceeded("more than 512 levels of keys"));
  }
  Status status = ReadOwn(cell, offset, wanted.all, key);
  if (!status.ok()) return Located(std::move(status));
  Result<std::vector<Subkey>> subkeys = WantedSubkeys(cell, offset, wanted);
  if (!subkeys.ok()) return Located(subkeys.status());
  // Names stand still, as the path needs it.
  key.subkeys.reserve(subkeys->size());
  for (Subkey& one : *subkeys) {
    RegistryKey& subkey = key.subkeys.emplace_back(one.cell.name);
    path_.Enter(subkey.name);
    TAPIR_RETURN_IF_ERROR(ReadKey(one.cell, one.offset, one.wanted, subkey));
    path_.Leave();
  }
  PutInOrder(key.subkeys);
  return OkStatus();
}

// What the key has beside its subkeys.
Status HiveReader::ReadOwn(KeyCell& cell, uint32_t offset, bool with_values, RegistryKey& key) {
  key.name = std::move(cell.name);
  key.last_written = cell.last_written;
  key.flags = static_cast<uint16_t>(cell.flags & ~unsigned{kKeyIsRoot | kKeyNameIsLatin1});
  key.control_flags = cell.control_flags;
  key.access_bits = cell.access_bits;
  if (cell.class_bytes > 0) {
    TAPIR_ASSIGN_OR_RETURN(const ByteSpan class_name, cells_.Cell(cell.class_name));
    if (cell.class_bytes > class_name.size()) {
      return Corrupt(CellPlace(cell.class_name) + ": a class name that is not whole");
    }
    if (cell.class_bytes % sizeof(char16_t) != 0) Warn("half a character in its class name");
    TAPIR_RETURN_IF_ERROR(Spend(cell.class_bytes));
    key.class_name = Utf16Units(class_name.first(cell.class_bytes));
  }
  TAPIR_ASSIGN_OR_RETURN(key.security, Security(cell.security));
  if ((cell.flags & kKeyHasHandle) != 0) {
    key.predefined_handle = cell.value_count;
    return OkStatus();
  }
  return with_values && cell.value_count > 0 ? ReadValues(cell, offset, key) : OkStatus();
}

Result<std::shared_ptr<const std::string>> HiveReader::Security(uint32_t offset) {
  if (offset == kNoCell) return std::shared_ptr<const std::string>();
  std::shared_ptr<const std::string>& known = security_[offset];
  if (known == nullptr) {
    TAPIR_ASSIGN_OR_RETURN(std::string descriptor, ReadSecurityCell(cells_, offset));
    TAPIR_RETURN_IF_ERROR(Spend(descriptor.size()));
    known = std::make_shared<const std::string>(std::move(descriptor));
  }
  return known;
}

Status HiveReader::ReadValues(const KeyCell& cell, uint32_t offset, RegistryKey& key) {
  if (cell.value_count > HiveLibrary::kMostValues) return LimitExceeded("more than 110,000 values");
  TAPIR_RETURN_IF_ERROR(CheckValueList(cells_, cell));
  TAPIR_RETURN_IF_ERROR(Spend(cell.value_count * sizeof(RegistryValue)));
  TAPIR_ASSIGN_OR_RETURN(const std::vector<uint32_t> values, library_.Values(offset));
  key.values.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    TAPIR_RETURN_IF_ERROR(ReadValue(values[i], key.values[i]));
  }
  return OkStatus();
}

Status HiveReader::ReadValue(uint32_t offset, RegistryValue& value) {
  TAPIR_ASSIGN_OR_RETURN(ValueCell cell, ReadValueCell(cells_, offset));
  TAPIR_RETURN_IF_ERROR(Spend(cell.name.size() * sizeof(char16_t) + cell.size));
  value.name = std::move(cell.name);
  value.type = cell.type;
  value.flags = static_cast<uint16_t>(cell.flags & ~unsigned{kValueNameIsLatin1});
  if (cell.size == 0) return OkStatus();
  Result<std::string> data = ReadData(offset, cell);
  if (!data.ok()) return data.status().Annotate("value '" + Wtf8(value.name) + "'");
  value.data = *std::move(data);
  return OkStatus();
}

Result<std::string> HiveReader::ReadData(uint32_t offset, const ValueCell& cell) {
  if (cell.is_inline) return library_.Data(offset);
  TAPIR_ASSIGN_OR_RETURN(const std::vector<ByteSpan> pieces, DataPieces(cells_, cell));
  if (cell.size <= HiveLibrary::kMostDataBytes) return library_.Data(offset);
  std::string data;
  for (const ByteSpan piece : pieces) data += AsText(piece);
  return data;
}

Result<std::vector<HiveReader::Subkey>> HiveReader::WantedSubkeys(const KeyCell& cell,
                                                                  uint32_t offset,
                                                                  const Wanted& wanted) {
  std::vector<Subkey> subkeys;
  if (cell.subkey_count == 0) return subkeys;
  if (cell.subkey_count > HiveLibrary::kMostSubkeys)
    return LimitExceeded("more than 70,000 subkeys");
  TAPIR_RETURN_IF_ERROR(CheckSubkeyList(cells_, cell));
  TAPIR_ASSIGN_OR_RETURN(const std::vector<uint32_t> offsets, library_.Subkeys(offset));
  for (const uint32_t at : offsets) {
    TAPIR_ASSIGN_OR_RETURN(KeyCell subkey, ReadKeyCell(cells_, at));
    // So there is no circle, and no key has two places.
    if (seen_[at / kCellAlignment])
      return Corrupt(CellPlace(at) + ": a subkey for the second time");
    seen_[at / kCellAlignment] = true;
    if (subkey.name.empty() || subkey.name.find(u'\\') != std::u16string::npos) {
      return Corrupt(CellPlace(at) + ": a subkey with a name that no key can have");
    }
    std::optional<Wanted> below = wanted.Below(subkey.name);
    if (!below) continue;
    TAPIR_RETURN_IF_ERROR(Spend(sizeof(RegistryKey) + subkey.name.size() * sizeof(char16_t)));
    subkeys.push_back({at, std::move(subkey), *std::move(below)});
  }
  return subkeys;
}

void HiveReader::PutInOrder(std::vector<RegistryKey>& keys) {
  const auto upper = [](const RegistryKey& key) { return Upcase(key.name); };
  const auto not_behind = std::ranges::adjacent_find(keys, std::ranges::greater_equal(), upper);
  if (not_behind == keys.end()) return;
  Warn("its subkeys do not ascend");
  std::ranges::stable_sort(keys, {}, upper);
  const auto is_same = [&](const RegistryKey& a, const RegistryKey& b) {
    return upper(a) == upper(b);
  };
  const auto doubled = std::unique(keys.begin(), keys.end(), is_same);
  if (doubled != keys.end()) Warn("subkeys of one name: the first of each is taken");
  keys.erase(doubled, keys.end());
}

Wanted WantedOf(const ReadHiveOptions& options) {
  Wanted wanted{options.subtrees.empty(), {}};
  for (const std::u16string& path : options.subtrees) {
    if (path.empty()) return {};
    wanted.paths.push_back(path);
  }
  return wanted;
}

Status CheckVersion(const HiveHeader& header) {
  if (header.major_version == 1 && header.minor_version >= kFirstMinorVersion &&
      header.minor_version <= kLastMinorVersion) {
    return OkStatus();
  }
  return Unsupported(
      fmt::format("a hive of version {}.{}", header.major_version, header.minor_version));
}

}  // namespace

Result<HiveContents> ReadHive(HiveBytes bytes, const ReadHiveOptions& options) {
  HiveRecovery recovery = RecoverHive(std::move(bytes.hive), {bytes.log, bytes.log1, bytes.log2});
  HiveContents contents;
  contents.was_stale = recovery.was_dirty && recovery.replayed.empty();
  contents.replayed = std::move(recovery.replayed);
  for (const Finding& finding : recovery.findings) {
    if (finding.severity == Severity::kInfo) continue;
    std::string text = fmt::format("{} (at byte {:#x})", finding.text, finding.offset);
    if (finding.severity != Severity::kWarning) return Corrupt(std::move(text));
    contents.warnings.push_back(std::move(text));
  }
  const ByteSpan hive = AsBytes(recovery.hive);
  const HiveHeader header = *ReadHiveHeader(hive);
  TAPIR_RETURN_IF_ERROR(CheckVersion(header));
  TAPIR_ASSIGN_OR_RETURN(const HiveCells cells, HiveCells::Of(hive));
  TAPIR_ASSIGN_OR_RETURN(const HiveLibrary library,
                         HiveLibrary::Open(hive.first(kHiveHeaderBytes + cells.bins().size())));
  contents.description = {.minor_version = header.minor_version,
                          .sequence = header.sequence_done,
                          .last_written = header.last_written,
                          .file_name = header.file_name,
                          .has_layers = (header.flags & kHiveHasLayers) != 0};
  HiveReader reader(cells, library);
  TAPIR_RETURN_IF_ERROR(reader.ReadRoot(header.root, WantedOf(options), contents.root));
  std::ranges::move(reader.TakeWarnings(), std::back_inserter(contents.warnings));
  return contents;
}

}  // namespace tapir
