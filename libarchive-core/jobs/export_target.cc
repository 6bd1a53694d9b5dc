#include "jobs/export_target.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "jobs/restore_sink.h"
#include "tapir/target/posix_target.h"
#include "tapir/windows/backup_stream.h"

namespace tapir {
namespace {

constexpr size_t kReadStepBytes = 1u << 20;
constexpr uint32_t kReadAndWrite = 0666;

bool IsHidden(const Metadata& metadata) {
  return !metadata.ntfs && metadata.path.starts_with(kHiddenPrefix);
}

Metadata FileOf(const Metadata& object, const std::string& name) {
  Metadata file;
  file.path = name;
  file.mode = object.mode & kReadAndWrite;
  file.mtime = object.mtime;
  return file;
}

// An object that comes piece by piece.
class ExportedFile : public TargetFile {
 public:
  explicit ExportedFile(ExportTarget& target) : target_(target) {}

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    return contents_->Write(0, offset_bytes, data);
  }
  Status WriteStreamAt(uint32_t number, uint64_t offset_bytes,
                       std::span<const std::byte> data) override {
    return contents_->Write(number, offset_bytes, data);
  }
  Status EndStream(uint32_t number, uint64_t size_bytes) override {
    contents_->SetSize(number, size_bytes);
    return OkStatus();
  }
  Status Commit(const Metadata& metadata, uint64_t size_bytes) override {
    contents_->SetSize(0, size_bytes);
    return target_.Take(metadata, std::move(contents_));
  }
  Status KeepPartial(const Metadata& /*metadata*/, uint64_t /*size_bytes*/) override {
    return Unsupported("a part of an object has no export");
  }

 private:
  ExportTarget& target_;
  std::unique_ptr<ExportContents> contents_ = std::make_unique<ExportContents>();
};

// Learns where the data of the unnamed stream lie in backup streams.
class PlaceFinder : public BackupStreamVisitor {
 public:
  using Take = std::function<void(const Extent& range, uint64_t in_export)>;
  explicit PlaceFinder(Take take) : take_(std::move(take)) {}

  Status OnHeader(const BackupStreamHeader& header) override {
    if (header.id == BackupStreamId::kData) is_main_ = true;
    if (header.id == BackupStreamId::kAlternateData) is_main_ = false;
    const bool has_data =
        header.id == BackupStreamId::kData || header.id == BackupStreamId::kSparseBlock;
    if (is_main_ && has_data && header.data_bytes() > 0) {
      take_({header.block_offset, header.data_bytes()},
            header.offset + EncodeBackupStreamHeader(header).size());
    }
    return OkStatus();
  }
  Status OnData(const BackupStreamHeader&, uint64_t, std::span<const std::byte>) override {
    return OkStatus();
  }
  Status OnEnd(const BackupStreamHeader&) override { return OkStatus(); }
  void OnFinding(const Finding&) override {}

 private:
  Take take_;
  bool is_main_ = false;
};

}  // namespace

Result<std::unique_ptr<ExportTarget>> ExportTarget::Open(const ExportRequest& request,
                                                         ExportReport& report) {
  std::unique_ptr<ExportTarget> target(new ExportTarget(request, report));
  PosixTargetOptions options;
  options.directory = request.directory;
  if (request.directory.empty()) {
    if (request.file.empty()) return target;
    const size_t slash = request.file.rfind('/');
    options.directory = slash == std::string::npos ? "." : request.file.substr(0, slash + 1);
  }
  options.overwrite = request.overwrite;
  options.set_owner = false;
  options.reporter = request.reporter;
  TAPIR_ASSIGN_OR_RETURN(target->files_, PosixTarget::Open(options));
  return target;
}

std::string ExportTarget::NameOf(const std::string& path) const {
  if (takes_one()) return request_.file.substr(request_.file.rfind('/') + 1);
  // The root of a volume has no name.
  return (path == "." ? "" : path) + std::string(ExportSuffix(request_.form));
}

void ExportTarget::TellWithoutForm(const std::string& path, const std::string& why) {
  ++report_.without_form;
  request_.reporter->Report(NoticeKind::kWarning, path, why);
}

Status ExportTarget::MakeDirectory(const Metadata& metadata) {
  return Take(metadata, std::make_unique<ExportContents>());
}

Status ExportTarget::MakeFile(const Metadata& metadata, std::span<const std::byte> contents) {
  auto kept = std::make_unique<ExportContents>();
  TAPIR_RETURN_IF_ERROR(kept->Write(0, 0, contents));
  return Take(metadata, std::move(kept));
}

Result<std::unique_ptr<TargetFile>> ExportTarget::OpenFile(const Metadata& /*metadata*/) {
  return std::unique_ptr<TargetFile>(std::make_unique<ExportedFile>(*this));
}

Status ExportTarget::MakeNode(const Metadata& metadata) {
  std::lock_guard lock(mutex_);
  TellWithoutForm(metadata.path, WhyNotExported(request_.form, metadata));
  return OkStatus();
}

Status ExportTarget::Take(const Metadata& metadata, std::unique_ptr<ExportContents> contents) {
  std::lock_guard lock(mutex_);
  if (IsHidden(metadata)) return Hide(metadata.path, *contents);
  const std::string why = WhyNotExported(request_.form, metadata);
  const bool is_directory = metadata.type == ObjectType::kDirectory;
  if (!why.empty() && is_directory && request_.form == ExportForm::kEfsRaw) {
    ++report_.passed_over;
    return OkStatus();
  }
  if (!why.empty()) {
    TellWithoutForm(metadata.path, why);
    return OkStatus();
  }
  if (takes_one()) return Consider({metadata, std::move(contents)});
  return Write(metadata, NameOf(metadata.path), *contents);
}

// They all share one temporary file.
Status ExportTarget::Hide(const std::string& path, ExportContents& contents) {
  const auto number = static_cast<uint32_t>(hidden_.size());
  std::vector<std::byte> buffer(kReadStepBytes);
  for (const Extent& extent : contents.Extents(0)) {
    for (uint64_t done = 0; done < extent.length_bytes;) {
      const std::span<std::byte> piece = std::span(buffer).first(
          static_cast<size_t>(std::min<uint64_t>(buffer.size(), extent.length_bytes - done)));
      const uint64_t offset = extent.offset_bytes + done;
      TAPIR_RETURN_IF_ERROR(contents.Read(0, offset, piece));
      TAPIR_RETURN_IF_ERROR(hidden_contents_.Write(number, offset, piece));
      done += piece.size();
    }
  }
  hidden_[path] = number;
  return OkStatus();
}

// The object that the pattern names itself counts before what lies below it.
Status ExportTarget::Consider(Candidate candidate) {
  const std::vector<std::string>& patterns = request_.selection.patterns;
  const bool is_named = patterns.size() == 1 && patterns.front() == candidate.metadata.path;
  ++candidates_;
  if (candidates_ > 1 && !is_named) return OkStatus();
  only_is_named_ = is_named;
  only_ = std::move(candidate);
  return OkStatus();
}

Status ExportTarget::Write(const Metadata& metadata, const std::string& name,
                           ExportContents& contents) {
  const Metadata file = FileOf(metadata, name);
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<TargetFile> target, files_->OpenFile(file));
  uint64_t size = 0;
  TAPIR_RETURN_IF_ERROR(MakeExport(request_.form, metadata, contents,
                                   [&](uint64_t offset, std::span<const std::byte> bytes) {
                                     size = offset + bytes.size();
                                     return target->WriteAt(offset, bytes);
                                   }));
  TAPIR_RETURN_IF_ERROR(target->Commit(file, size));
  ++report_.exported;
  report_.export_bytes += size;
  return OkStatus();
}

Status ExportTarget::WriteOut(Candidate& candidate) {
  if (files_) {
    return Write(candidate.metadata, NameOf(candidate.metadata.path), *candidate.contents);
  }
  TAPIR_RETURN_IF_ERROR(MakeExport(request_.form, candidate.metadata, *candidate.contents,
                                   [&](uint64_t, std::span<const std::byte> bytes) {
                                     report_.export_bytes += bytes.size();
                                     return request_.output(bytes);
                                   }));
  ++report_.exported;
  return OkStatus();
}

Status ExportTarget::MakeHardLink(const std::string& primary_path, const Metadata& metadata) {
  std::lock_guard lock(mutex_);
  const std::string why = WhyNotExported(request_.form, metadata);
  if (!why.empty()) {
    TellWithoutForm(metadata.path, why);
    return OkStatus();
  }
  if (takes_one()) {
    ++candidates_;
    return OkStatus();
  }
  TAPIR_RETURN_IF_ERROR(
      files_->MakeHardLink(NameOf(primary_path), FileOf(metadata, NameOf(metadata.path))));
  ++report_.exported;
  return OkStatus();
}

// Where stream 0 lies in what was exported under the path.
Status ExportTarget::FindPlaces(const std::string& path) {
  if (placed_path_ == path) return OkStatus();
  if (!files_ || takes_one() || request_.form != ExportForm::kBackupStream) {
    return NotFound("contents of another export cannot be read back");
  }
  places_.clear();
  PlaceFinder finder([this](const Extent& range, uint64_t in_export) {
    places_.push_back({range, in_export});
  });
  BackupStreamReader reader(finder, BackupStreamMode::kLenient);
  std::vector<std::byte> buffer(kReadStepBytes);
  for (uint64_t offset = 0;;) {
    TAPIR_ASSIGN_OR_RETURN(const DataRead read, files_->ReadBack(NameOf(path), offset, buffer));
    if (read.size == 0) break;
    if (read.offset_bytes != offset) return Internal("an export has holes");
    TAPIR_RETURN_IF_ERROR(reader.Push(std::span(buffer).first(read.size)));
    offset += read.size;
  }
  placed_path_ = path;
  return OkStatus();
}

// A place in no export.
std::vector<ExportTarget::Place> ExportTarget::HiddenPlaces(uint32_t number) const {
  std::vector<Place> places;
  for (const Extent& range : hidden_contents_.Extents(number)) places.push_back({range, 0});
  return places;
}

Result<DataRead> ExportTarget::ReadBack(const std::string& path, uint64_t offset_bytes,
                                        std::span<std::byte> buffer) {
  std::lock_guard lock(mutex_);
  const auto hidden = hidden_.find(path);
  const bool is_hidden = hidden != hidden_.end();
  if (!is_hidden) TAPIR_RETURN_IF_ERROR(FindPlaces(path));
  const std::vector<Place> places = is_hidden ? HiddenPlaces(hidden->second) : places_;
  const auto found = std::partition_point(places.begin(), places.end(), [&](const Place& place) {
    return place.range.offset_bytes + place.range.length_bytes <= offset_bytes;
  });
  if (found == places.end()) return DataRead{};
  const uint64_t begin = std::max(offset_bytes, found->range.offset_bytes);
  const uint64_t into = begin - found->range.offset_bytes;
  const auto size =
      static_cast<size_t>(std::min<uint64_t>(buffer.size(), found->range.length_bytes - into));
  if (is_hidden) {
    TAPIR_RETURN_IF_ERROR(hidden_contents_.Read(hidden->second, begin, buffer.first(size)));
    return DataRead{begin, size};
  }
  TAPIR_ASSIGN_OR_RETURN(
      const DataRead read,
      files_->ReadBack(NameOf(path), found->in_export + into, buffer.first(size)));
  return DataRead{begin, read.size};
}

Status ExportTarget::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (hidden_.contains(path)) return OkStatus();
  placed_path_.clear();
  if (!takes_one()) return files_->Remove(NameOf(path));
  if (only_ && only_->metadata.path == path) {
    only_.reset();
    --candidates_;
  }
  return OkStatus();
}

// What concerns the object alone is counted and told.
Status ExportTarget::Settle(const std::string& path, const Status& status) {
  if (status.code() == StatusCode::kExists) {
    ++report_.kept;
    request_.reporter->Report(NoticeKind::kWarning, path,
                              "not exported: '" + request_.file + "' is there already");
    return OkStatus();
  }
  if (status.code() == StatusCode::kInvalidArgument) {
    ++report_.failed;
    request_.reporter->Report(NoticeKind::kFailure, path, status.message());
    return OkStatus();
  }
  return status;
}

Status ExportTarget::Finish() {
  const bool stopped = request_.cancelled != nullptr && request_.cancelled->load();
  if (stopped) only_.reset();
  if (only_ && candidates_ > 1 && !only_is_named_) {
    return InvalidArgument(
        "several objects are selected, and there is one place for an export: "
        "give -C DIR, or a pattern that names one");
  }
  if (only_) TAPIR_RETURN_IF_ERROR(Settle(only_->metadata.path, WriteOut(*only_)));
  return files_ ? files_->Finish() : OkStatus();
}

}  // namespace tapir
