#include "target/windows_layer.h"

#include <algorithm>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"

namespace tapir {
namespace {

using Streams = WindowsOnPosix::Streams;

constexpr size_t kMostXattrBytes = 64u << 10;
constexpr uint32_t kArchiveBit = 0x20;
constexpr uint32_t kNormalBit = 0x80;
// What POSIX shows in its own way, or what says nothing.
constexpr uint32_t kUnremarkable = kWindowsReadOnly | kWindowsDirectory | kArchiveBit | kNormalBit |
                                   kWindowsSparse | kWindowsReparsePoint | kWindowsEncrypted;

bool IsLink(const Metadata& metadata) {
  const uint32_t tag = metadata.ntfs ? metadata.ntfs->reparse_tag() : 0;
  return tag == kReparseTagSymlink || tag == kReparseTagMountPoint;
}

bool IsEncrypted(const Metadata& metadata) {
  const NtfsMetadata& ntfs = *metadata.ntfs;
  return !ntfs.efs_metadata.empty() ||
         std::any_of(ntfs.streams.begin(), ntfs.streams.end(),
                     [](const NtfsStream& stream) { return stream.encrypted; });
}

// Why POSIX can hold nothing of it, if so.
Status CheckMeaning(const Metadata& metadata) {
  if (!metadata.ntfs || metadata.type == ObjectType::kDirectory) return OkStatus();
  if (IsEncrypted(metadata)) {
    return Unsupported("is encrypted: restore it onto an NTFS volume, or export it (--as efs-raw)");
  }
  if (metadata.ntfs->reparse_tag() == kReparseTagSis) {
    return Unsupported("is a link into the Single Instance Store, without contents of its own");
  }
  return OkStatus();
}

// Where a link leads, as POSIX writes it. A drive letter is taken for the volume's own.
std::string PosixTargetOf(const ReparseTarget& target, const std::string& path) {
  constexpr std::string_view kNtPrefix = "\\??\\";
  std::string text = target.substitute;
  if (text.starts_with(kNtPrefix)) text.erase(0, kNtPrefix.size());
  std::replace(text.begin(), text.end(), '\\', '/');
  const bool has_drive = text.size() >= 2 && text[1] == ':';
  const bool from_root = !target.relative && !text.empty() && text.front() == '/';
  if (target.relative && !(has_drive || text.starts_with('/'))) return text;
  if (!has_drive && !from_root && !text.starts_with('/')) return text;
  std::string rest = has_drive ? text.substr(2) : text;
  while (rest.starts_with('/')) rest.erase(0, 1);
  std::string up;
  for (const char c : path) {
    if (c == '/') up += "../";
  }
  std::string whole = up + rest;
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  return whole.empty() ? "." : whole;
}

}  // namespace

std::optional<std::string> LinkTargetOnPosix(const Metadata& metadata) {
  if (!IsLink(metadata)) return std::nullopt;
  const Result<ReparseTarget> target = ParseReparseTarget(AsBytes(metadata.ntfs->reparse_data));
  if (!target.ok()) return std::nullopt;
  return PosixTargetOf(*target, metadata.path);
}

struct WindowsLayer::LeftBehind {
  struct Kind {
    const char* words;
    std::atomic<uint64_t> count{0};
  };
  Kind security{"security descriptors"};
  Kind short_names{"short names"};
  Kind attributes{"sets of attributes"};
  Kind extended_attributes{"sets of extended attributes"};
  Kind object_ids{"object ids"};
  Kind reparse{"reparse points"};
  Kind encryption{"encrypted directories' keys"};
  Kind creation{"creation times"};

  std::string Words() const {
    std::string words;
    for (const Kind* kind : {&security, &short_names, &attributes, &extended_attributes,
                             &object_ids, &reparse, &encryption, &creation}) {
      if (kind->count == 0) continue;
      words += (words.empty() ? "" : ", ") + std::to_string(kind->count) + ' ' + kind->words;
    }
    return words;
  }
};

// A file with streams, or a directory with some.
class WindowsLayer::LayeredFile : public TargetFile {
 public:
  LayeredFile(WindowsLayer& layer, Metadata metadata, std::unique_ptr<TargetFile> contents)
      : layer_(layer), metadata_(std::move(metadata)), contents_(std::move(contents)) {}

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    return contents_ ? contents_->WriteAt(offset_bytes, data) : OkStatus();
  }

  Status WriteStreamAt(uint32_t number, uint64_t offset_bytes,
                       std::span<const std::byte> data) override {
    if (layer_.options_.streams == Streams::kXattrs) {
      std::string& value = xattrs_[number];
      if (offset_bytes > kMostXattrBytes) return OkStatus();
      value.resize(static_cast<size_t>(offset_bytes), '\0');
      value += AsText(data.first(std::min(data.size(), kMostXattrBytes + 1)));
      return OkStatus();
    }
    TAPIR_RETURN_IF_ERROR(OpenStream(number));
    return files_[number]->WriteAt(offset_bytes, data);
  }

  Status EndStream(uint32_t number, uint64_t size_bytes) override {
    sizes_[number] = size_bytes;
    return layer_.options_.streams == Streams::kFiles ? OpenStream(number) : OkStatus();
  }

  Status Commit(const Metadata& metadata, uint64_t size_bytes) override {
    Metadata whole = metadata;
    if (layer_.options_.streams == Streams::kXattrs) AddXattrs(whole);
    TAPIR_RETURN_IF_ERROR(contents_ ? contents_->Commit(whole, size_bytes)
                                    : layer_.inner_->MakeDirectory(whole));
    for (auto& [number, file] : files_) {
      TAPIR_RETURN_IF_ERROR(file->Commit(MetadataOf(number), sizes_[number]));
    }
    layer_.Settle(metadata);
    return OkStatus();
  }

  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override {
    return contents_ ? contents_->KeepPartial(metadata, size_bytes) : OkStatus();
  }

 private:
  std::string NameOf(uint32_t number) const {
    for (const FurtherStream& stream : metadata_.further_streams) {
      if (stream.number == number) return stream.name;
    }
    return std::to_string(number);
  }

  Metadata MetadataOf(uint32_t number) const {
    Metadata stream;
    stream.path = metadata_.path + ':' + NameOf(number);
    stream.mode = 0644;
    stream.mtime = metadata_.mtime;
    return stream;
  }

  Status OpenStream(uint32_t number) {
    if (files_.contains(number)) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(files_[number], layer_.inner_->OpenFile(MetadataOf(number)));
    return OkStatus();
  }

  void AddXattrs(Metadata& whole) {
    for (const auto& [number, size] : sizes_) {
      const std::string name = NameOf(number);
      if (size > kMostXattrBytes) {
        layer_.reporter_.Report(NoticeKind::kWarning, metadata_.path,
                                "stream '" + name + "' is left behind: too long for an xattr");
        continue;
      }
      std::string value = std::move(xattrs_[number]);
      value.resize(static_cast<size_t>(size), '\0');
      whole.xattrs.push_back({"user." + name, std::move(value)});
    }
    std::sort(whole.xattrs.begin(), whole.xattrs.end(),
              [](const Xattr& left, const Xattr& right) { return left.name < right.name; });
  }

  WindowsLayer& layer_;
  Metadata metadata_;
  std::unique_ptr<TargetFile> contents_;
  std::map<uint32_t, std::unique_ptr<TargetFile>> files_;
  std::map<uint32_t, std::string> xattrs_;
  std::map<uint32_t, uint64_t> sizes_;
};

WindowsLayer::WindowsLayer(std::unique_ptr<ObjectTarget> inner, const WindowsOnPosix& options,
                           Reporter& reporter)
    : inner_(std::move(inner)),
      options_(options),
      reporter_(reporter),
      left_behind_(std::make_unique<LeftBehind>()) {}

WindowsLayer::~WindowsLayer() = default;

Status WindowsLayer::MakeLink(const Metadata& metadata) {
  const std::optional<std::string> link_target = LinkTargetOnPosix(metadata);
  if (!link_target) return Unsupported("where this link leads cannot be read");
  Metadata link = metadata;
  link.type = ObjectType::kSymlink;
  link.link_target = *link_target;
  TAPIR_RETURN_IF_ERROR(inner_->MakeNode(link));
  Settle(metadata);
  return OkStatus();
}

Status WindowsLayer::MakeDirectory(const Metadata& metadata) {
  if (IsLink(metadata)) return MakeLink(metadata);
  TAPIR_RETURN_IF_ERROR(inner_->MakeDirectory(metadata));
  Settle(metadata);
  return OkStatus();
}

Status WindowsLayer::MakeFile(const Metadata& metadata, std::span<const std::byte> contents) {
  TAPIR_RETURN_IF_ERROR(CheckMeaning(metadata));
  if (IsLink(metadata)) return MakeLink(metadata);
  TAPIR_RETURN_IF_ERROR(inner_->MakeFile(metadata, contents));
  Settle(metadata);
  return OkStatus();
}

Result<std::unique_ptr<TargetFile>> WindowsLayer::OpenFile(const Metadata& metadata) {
  if (!metadata.ntfs) return inner_->OpenFile(metadata);
  TAPIR_RETURN_IF_ERROR(CheckMeaning(metadata));
  std::unique_ptr<TargetFile> contents;
  if (metadata.type == ObjectType::kRegular) {
    TAPIR_ASSIGN_OR_RETURN(contents, inner_->OpenFile(metadata));
  }
  return std::unique_ptr<TargetFile>(
      std::make_unique<LayeredFile>(*this, metadata, std::move(contents)));
}

Status WindowsLayer::MakeHardLink(const std::string& primary_path, const Metadata& metadata) {
  return inner_->MakeHardLink(primary_path, metadata);
}

// Notes what an object that is there now lacks.
void WindowsLayer::Settle(const Metadata& metadata) {
  if (!metadata.ntfs) return;
  if (!options_.metadata) return Count(metadata);
  const std::lock_guard lock(mutex_);
  const Status kept = sidecars_.Add(metadata);
  if (sidecar_failure_.ok()) sidecar_failure_ = kept;
}

void WindowsLayer::Count(const Metadata& metadata) {
  const NtfsMetadata& ntfs = *metadata.ntfs;
  LeftBehind& left = *left_behind_;
  ++left.creation.count;
  if (!ntfs.security_descriptor.empty()) ++left.security.count;
  if (!ntfs.short_name.empty()) ++left.short_names.count;
  if ((ntfs.file_attributes & ~kUnremarkable) != 0) ++left.attributes.count;
  if (!ntfs.extended_attributes.empty()) ++left.extended_attributes.count;
  if (!ntfs.object_id.empty()) ++left.object_ids.count;
  if (!ntfs.efs_metadata.empty()) ++left.encryption.count;
  if (!ntfs.reparse_data.empty() && !IsLink(metadata)) ++left.reparse.count;
}

Status WindowsLayer::Finish() {
  TAPIR_RETURN_IF_ERROR(sidecar_failure_);
  TAPIR_RETURN_IF_ERROR(sidecars_.Write(*inner_, reporter_));
  const std::string words = left_behind_->Words();
  if (!words.empty()) {
    reporter_.Report(NoticeKind::kWarning, {},
                     "left behind, as POSIX has no place for them: " + words +
                         " (--windows-metadata keeps them in files)");
  }
  return inner_->Finish();
}

}  // namespace tapir
