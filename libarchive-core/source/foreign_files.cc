#include "tapir/source/foreign_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "bytes/cursor.h"
#include "source/file_state.h"
#include "source/foreign_object.h"
#include "source/given_paths.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/efs_raw.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

using source::CheckedFile;
using source::PlacedStream;

constexpr size_t kCheckStepBytes = 1u << 20;
constexpr size_t kMostToldFindings = 10;

uint64_t NextForeignNumber() {
  static std::atomic<uint64_t> count{0};
  // Above what a device number of this machine can be, and apart from those of volume images.
  return (uint64_t{3} << 62) + ++count;
}

// Feeds the whole file to `take`, piece by piece.
template <typename Take>
Status ForEachPiece(int descriptor, Take take) {
  std::vector<std::byte> buffer(kCheckStepBytes);
  for (uint64_t offset = 0;;) {
    const ssize_t got =
        ::pread(descriptor, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::FromErrno(errno, "cannot read");
    if (got == 0) return OkStatus();
    TAPIR_RETURN_IF_ERROR(take(ByteSpan(buffer).first(static_cast<size_t>(got))));
    offset += static_cast<uint64_t>(got);
  }
}

std::string PlaceText(const Finding& finding) {
  return "byte " + std::to_string(finding.offset) + ": " + finding.text;
}

class FileChecker {
 public:
  FileChecker(const ForeignFile& given, std::string file, Reporter& reporter)
      : given_(given), reporter_(reporter) {
    checked_.form = given.form;
    checked_.file = std::move(file);
  }

  Result<CheckedFile> Check() {
    TAPIR_ASSIGN_OR_RETURN(source::GivenPath path, source::NormalisePath(given_.path));
    checked_.path = std::move(path.path);
    if (!Utf16(checked_.path)) {
      return InvalidArgument("its path is not UTF-8, as that of an object of Windows has to be");
    }
    TAPIR_ASSIGN_OR_RETURN(const Descriptor descriptor, source::OpenRegular(checked_.file));
    struct stat info;
    if (::fstat(descriptor.get(), &info) != 0) {
      return Status::FromErrno(errno, "cannot look at it");
    }
    checked_.identity = source::IdentityOf(info);
    TAPIR_RETURN_IF_ERROR(given_.form == ForeignForm::kEfsRaw ? CheckRaw(descriptor.get())
                                                              : CheckBackup(descriptor.get()));
    return std::move(checked_);
  }

 private:
  void TakeAsItIs(OpaqueRecord record) {
    PlacedStream stream;
    stream.size = checked_.identity.size;
    if (stream.size > 0) stream.ranges.push_back({0, stream.size, 0});
    checked_.streams.push_back(std::move(stream));
    checked_.record = std::move(record);
  }

  Status CheckRaw(int descriptor) {
    EfsRawValidator validator;
    TAPIR_RETURN_IF_ERROR(ForEachPiece(descriptor, [&](ByteSpan bytes) {
      validator.Feed(bytes);
      return OkStatus();
    }));
    const EfsRawSummary summary = validator.Finish();
    for (const Finding& finding : summary.findings) {
      if (finding.severity == Severity::kReject) {
        return InvalidArgument("is no raw export of an encrypted file: " + PlaceText(finding));
      }
    }
    Tell(summary.findings);
    NtfsMetadata ntfs;
    ntfs.file_attributes = kWindowsEncrypted;
    checked_.ntfs = std::make_shared<NtfsMetadata>(ntfs);
    TakeAsItIs(MakeRawExportRecord());
    return OkStatus();
  }

  Status CheckBackup(int descriptor) {
    source::BackupPlan plan;
    BackupStreamReader reader(plan, BackupStreamMode::kLenient);
    Status read = ForEachPiece(descriptor, [&](ByteSpan bytes) { return reader.Push(bytes); });
    if (read.ok()) read = reader.Finish();
    if (EndsReading(read.code())) return read;
    if (!read.ok()) return InvalidArgument(read.message());
    Tell(plan.findings());
    if (!plan.lossless()) {
      reporter_.Report(NoticeKind::kWarning, checked_.path,
                       "cannot be told as one file of a volume: kept as a file of backup streams");
      TakeAsItIs(MakeBackupRecord({.verbatim = true, .skeleton = {}}));
      return OkStatus();
    }
    checked_.streams = plan.streams();
    checked_.ntfs = std::make_shared<NtfsMetadata>(plan.ntfs());
    checked_.record = MakeBackupRecord(plan.layout());
    return OkStatus();
  }

  void Tell(const std::vector<Finding>& findings) {
    size_t told = 0;
    for (const Finding& finding : findings) {
      if (finding.severity == Severity::kInfo) continue;
      if (told++ == kMostToldFindings) break;
      reporter_.Report(NoticeKind::kWarning, checked_.path, PlaceText(finding));
    }
    if (told > kMostToldFindings) {
      reporter_.Report(NoticeKind::kWarning, checked_.path, "and more of this kind");
    }
  }

  const ForeignFile& given_;
  Reporter& reporter_;
  CheckedFile checked_;
};

class ForeignSource : public ObjectSource {
 public:
  explicit ForeignSource(std::vector<CheckedFile> files) : files_(std::move(files)) {
    const uint64_t device = NextForeignNumber();
    for (CheckedFile& file : files_) file.identity.device = device;
  }

  Result<std::optional<SourceItem>> Next() override {
    if (next_ == files_.size()) return std::optional<SourceItem>();
    CheckedFile& file = files_[next_++];
    SourceItem item;
    item.path = file.path;
    item.identity = file.identity;
    item.identity.size = file.streams.front().size;
    item.further_streams = true;
    item.object = std::make_shared<source::ForeignObject>(std::move(file));
    return std::optional(std::move(item));
  }

  Result<std::shared_ptr<SourceObject>> Reopen(const std::string&, const SourceIdentity&) override {
    return NotFound("is not looked up again");
  }

 private:
  std::vector<CheckedFile> files_;
  size_t next_ = 0;
};

}  // namespace

Result<std::unique_ptr<ObjectSource>> OpenForeignFiles(const ForeignFilesOptions& options) {
  std::vector<CheckedFile> files;
  bool any_from_root = false;
  for (const ForeignFile& given : options.files) {
    const bool from_root = given.path.starts_with('/');
    const std::string name = from_root ? given.path : options.base_directory + "/" + given.path;
    Result<CheckedFile> checked = FileChecker(given, name, *options.reporter).Check();
    if (!checked.ok()) return std::move(checked).status().Annotate("'" + given.path + "'");
    files.push_back(*std::move(checked));
    any_from_root |= from_root;
  }
  if (any_from_root) {
    options.reporter->Report(NoticeKind::kNote, "",
                             "leading '/' removed from names in the archive");
  }
  std::ranges::sort(files, [](const CheckedFile& left, const CheckedFile& right) {
    return ComparePaths(left.path, right.path) < 0;
  });
  const auto same = std::ranges::adjacent_find(files, {}, &CheckedFile::path);
  if (same != files.end()) return Exists("'" + same->path + "' is given twice");
  return std::unique_ptr<ObjectSource>(std::make_unique<ForeignSource>(std::move(files)));
}

}  // namespace tapir
