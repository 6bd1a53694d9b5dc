#include "jobs/held_back_target.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "jobs/folded_path.h"
#include "tapir/jobs/hive_update.h"

namespace tapir {
namespace {

bool IsRefused(const Status& status) {
  const int error = status.sys_errno();
  return error == EBUSY || error == ETXTBSY || error == EACCES || error == EPERM;
}

// The staged file has no short name: the one that is in use has it.
Metadata StagedMetadata(const Metadata& metadata, const std::string& staged) {
  Metadata under_way = metadata;
  under_way.path = staged;
  if (metadata.ntfs && !metadata.ntfs->short_name.empty()) {
    auto nameless = std::make_shared<NtfsMetadata>(*metadata.ntfs);
    nameless->short_name.clear();
    under_way.ntfs = std::move(nameless);
  }
  return under_way;
}

/// A hive whose bytes stay in memory.
class KeptFile final : public TargetFile {
 public:
  KeptFile(HeldBackTarget& target, std::u16string folded)
      : target_(target), folded_(std::move(folded)) {}

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    if (offset_bytes > kMostHiveBytes || data.size() > kMostHiveBytes - offset_bytes) {
      return LimitExceeded("a hive of more than 1 GiB");
    }
    if (bytes_.size() < offset_bytes + data.size()) bytes_.resize(offset_bytes + data.size());
    std::memcpy(bytes_.data() + offset_bytes, data.data(), data.size());
    return OkStatus();
  }
  Status Commit(const Metadata& /*metadata*/, uint64_t size_bytes) override {
    if (size_bytes > kMostHiveBytes) return LimitExceeded("a hive of more than 1 GiB");
    bytes_.resize(size_bytes);
    return target_.Keep(folded_, std::move(bytes_));
  }
  Status KeepPartial(const Metadata& /*metadata*/, uint64_t /*size_bytes*/) override {
    return Unsupported("a part of a hive is none");
  }

 private:
  HeldBackTarget& target_;
  std::u16string folded_;
  std::string bytes_;
};

/// A file of the target itself.
class PassedOnFile : public TargetFile {
 public:
  PassedOnFile(HeldBackTarget& target, std::unique_ptr<TargetFile> file)
      : target_(target), file_(std::move(file)) {}

  void TakeRecords(const std::vector<OpaqueRecord>& records) override {
    file_->TakeRecords(records);
  }
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    return file_->WriteAt(offset_bytes, data);
  }
  Status WriteStreamAt(uint32_t number, uint64_t offset_bytes,
                       std::span<const std::byte> data) override {
    return file_->WriteStreamAt(number, offset_bytes, data);
  }
  Status EndStream(uint32_t number, uint64_t size_bytes) override {
    return file_->EndStream(number, size_bytes);
  }

 protected:
  HeldBackTarget& target_;
  std::unique_ptr<TargetFile> file_;
};

/// A file below the staging directory.
class FileInStaging final : public PassedOnFile {
 public:
  FileInStaging(HeldBackTarget& target, std::unique_ptr<TargetFile> file, StagedFile staged)
      : PassedOnFile(target, std::move(file)), staged_(std::move(staged)) {}

  Status Commit(const Metadata& metadata, uint64_t size_bytes) override {
    TAPIR_RETURN_IF_ERROR(file_->Commit(StagedMetadata(metadata, staged_.staged), size_bytes));
    target_.AddStaged(metadata.path, std::move(staged_));
    return OkStatus();
  }
  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override {
    return file_->KeepPartial(StagedMetadata(metadata, staged_.staged), size_bytes);
  }

 private:
  StagedFile staged_;
};

/// A file whose place may turn out to be refused when it is complete: then it stays beside it.
class FileBesideItsPlace final : public PassedOnFile {
 public:
  using PassedOnFile::PassedOnFile;

  Status Commit(const Metadata& metadata, uint64_t size_bytes) override {
    Status placed = file_->Commit(metadata, size_bytes);
    const size_t name_bytes = metadata.path.size() - (metadata.path.rfind('/') + 1);
    const bool has_room = name_bytes + kBesideSuffix.size() <= kLongestNameBytes;
    if (!IsRefused(placed) || !has_room) return placed;
    if (!file_->KeepPartial(metadata, size_bytes).ok()) return placed;
    StagedFile staged;
    staged.staged = metadata.path + std::string(kBesideSuffix);
    if (metadata.ntfs) staged.short_name = metadata.ntfs->short_name;
    target_.AddStaged(metadata.path, std::move(staged));
    return OkStatus();
  }
  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override {
    return file_->KeepPartial(metadata, size_bytes);
  }

 private:
  // As targets name what KeepPartial keeps.
  static constexpr std::string_view kBesideSuffix = ".tapir-partial";
  static constexpr size_t kLongestNameBytes = 255;
};

}  // namespace

bool HeldBackTarget::IsHive(const std::string& path) const {
  return !files_.hives.empty() && files_.hives.contains(FoldedPath(path));
}

bool HeldBackTarget::IsPending(const std::string& path) const {
  return std::any_of(files_.pending.begin(), files_.pending.end(),
                     [&](const PathPattern& pattern) { return pattern.MatchesOrIsAbove(path); });
}

StagedFile HeldBackTarget::Stage(const Metadata& metadata) {
  StagedFile file;
  file.staged = files_.staging_directory + "/" + std::to_string(++staged_count_);
  if (metadata.ntfs) file.short_name = metadata.ntfs->short_name;
  return file;
}

void HeldBackTarget::AddStaged(const std::string& path, StagedFile file) {
  reporter_.Report(NoticeKind::kNote, path, "staged as '" + file.staged + "'");
  const std::lock_guard lock(mutex_);
  outcome_.staged.insert_or_assign(path, std::move(file));
}

Status HeldBackTarget::Keep(const std::u16string& folded, std::string bytes) {
  const std::lock_guard lock(mutex_);
  outcome_.kept[folded] = std::move(bytes);
  return OkStatus();
}

std::string HeldBackTarget::PlaceNow(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = outcome_.staged.find(path);
  return found == outcome_.staged.end() ? path : found->second.staged;
}

Status HeldBackTarget::MakeDirectory(const Metadata& metadata) {
  return target_->MakeDirectory(metadata);
}

Status HeldBackTarget::MakeFile(const Metadata& metadata, std::span<const std::byte> contents) {
  if (IsHive(metadata.path)) {
    return Keep(FoldedPath(metadata.path),
                std::string(reinterpret_cast<const char*>(contents.data()), contents.size()));
  }
  if (IsPending(metadata.path)) return MakeStaged(metadata, contents);
  Status made = target_->MakeFile(metadata, contents);
  return IsRefused(made) ? MakeStaged(metadata, contents) : made;
}

Status HeldBackTarget::MakeStaged(const Metadata& metadata, std::span<const std::byte> contents) {
  StagedFile staged = Stage(metadata);
  TAPIR_RETURN_IF_ERROR(target_->MakeFile(StagedMetadata(metadata, staged.staged), contents));
  AddStaged(metadata.path, std::move(staged));
  return OkStatus();
}

Result<std::unique_ptr<TargetFile>> HeldBackTarget::OpenFile(const Metadata& metadata) {
  if (metadata.type == ObjectType::kDirectory) return target_->OpenFile(metadata);
  if (IsHive(metadata.path)) {
    return std::unique_ptr<TargetFile>(
        std::make_unique<KeptFile>(*this, FoldedPath(metadata.path)));
  }
  if (IsPending(metadata.path)) return OpenStaged(metadata);
  Result<std::unique_ptr<TargetFile>> file = target_->OpenFile(metadata);
  if (file.ok()) {
    return std::unique_ptr<TargetFile>(
        std::make_unique<FileBesideItsPlace>(*this, *std::move(file)));
  }
  return IsRefused(file.status()) ? OpenStaged(metadata) : std::move(file);
}

Result<std::unique_ptr<TargetFile>> HeldBackTarget::OpenStaged(const Metadata& metadata) {
  StagedFile staged = Stage(metadata);
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<TargetFile> file,
                         target_->OpenFile(StagedMetadata(metadata, staged.staged)));
  return std::unique_ptr<TargetFile>(
      std::make_unique<FileInStaging>(*this, std::move(file), std::move(staged)));
}

Status HeldBackTarget::MakeNode(const Metadata& metadata) { return target_->MakeNode(metadata); }

Status HeldBackTarget::MakeHardLink(const std::string& primary_path, const Metadata& metadata) {
  if (IsHive(metadata.path) || IsHive(primary_path)) {
    return Unsupported("a hive that is a hard link");
  }
  const std::string primary = PlaceNow(primary_path);
  Status linked;
  if (!IsPending(metadata.path)) {
    linked = target_->MakeHardLink(primary, metadata);
    if (!IsRefused(linked)) return linked;
  }
  StagedFile staged = Stage(metadata);
  TAPIR_RETURN_IF_ERROR(target_->MakeHardLink(primary, StagedMetadata(metadata, staged.staged)));
  AddStaged(metadata.path, std::move(staged));
  return OkStatus();
}

Status HeldBackTarget::AdoptName(const Metadata& metadata) {
  const std::lock_guard lock(mutex_);
  const auto found = outcome_.staged.find(metadata.path);
  if (found != outcome_.staged.end()) {
    if (metadata.ntfs) found->second.short_name = metadata.ntfs->short_name;
    return OkStatus();
  }
  return IsHive(metadata.path) ? OkStatus() : target_->AdoptName(metadata);
}

Result<DataRead> HeldBackTarget::ReadBack(const std::string& path, uint64_t offset_bytes,
                                          std::span<std::byte> buffer) {
  if (!IsHive(path)) return target_->ReadBack(PlaceNow(path), offset_bytes, buffer);
  const std::lock_guard lock(mutex_);
  const auto found = outcome_.kept.find(FoldedPath(path));
  if (found == outcome_.kept.end()) return NotFound("'" + path + "' was not restored");
  const std::string& bytes = found->second;
  const uint64_t begin = std::min<uint64_t>(offset_bytes, bytes.size());
  const size_t size = std::min<size_t>(buffer.size(), bytes.size() - begin);
  std::memcpy(buffer.data(), bytes.data() + begin, size);
  return DataRead{begin, size};
}

Result<std::vector<std::string>> HeldBackTarget::NamesIn(const std::string& directory) {
  return target_->NamesIn(directory);
}

Status HeldBackTarget::Remove(const std::string& path) {
  std::string staged;
  {
    const std::lock_guard lock(mutex_);
    if (IsHive(path) && outcome_.kept.erase(FoldedPath(path)) > 0) return OkStatus();
    const auto found = outcome_.staged.find(path);
    if (found != outcome_.staged.end()) {
      staged = found->second.staged;
      outcome_.staged.erase(found);
    }
  }
  return target_->Remove(staged.empty() ? path : staged);
}

}  // namespace tapir
