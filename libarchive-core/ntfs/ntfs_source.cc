#include "tapir/ntfs/ntfs_source.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "ntfs/directories.h"
#include "ntfs/sis_pass.h"
#include "ntfs/tree_walk.h"
#include "ntfs/volume_object.h"
#include "object/matcher.h"
#include "tapir/object/path_pattern.h"
#include "tapir/windows/reparse_data.h"
#include "windows/file_time.h"

namespace tapir {
namespace {

using ntfs::FoundName;
using ntfs::ObjectRecord;
using ntfs::SisPass;
using ntfs::StreamRecord;
using ntfs::TreeWalk;
using ntfs::Volume;
using ntfs::VolumeObject;

// An object of which there is a name and no record.
class UnreadableObject : public SourceObject {
 public:
  UnreadableObject(FoundName found, Status failure)
      : found_(std::move(found)), failure_(std::move(failure)) {}

  Status Open(Metadata& metadata, std::vector<std::string>& /*warnings*/) override {
    metadata.path = found_.path;
    metadata.path_encoding = PathEncoding::kWtf8;
    metadata.type = found_.is_directory ? ObjectType::kDirectory : ObjectType::kRegular;
    return failure_;
  }
  Result<size_t> ReadAt(uint64_t, std::span<std::byte>) override { return failure_; }
  Result<std::vector<Extent>> Extents(uint64_t) override { return failure_; }
  ObjectStatus Close() override { return ObjectStatus::kUnreadable; }

 private:
  FoundName found_;
  Status failure_;
};

std::vector<PathPattern> Patterns(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

bool AnyMatches(const std::vector<PathPattern>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const PathPattern& pattern) { return pattern.MatchesOrIsAbove(path); });
}

uint64_t NextVolumeNumber() {
  static std::atomic<uint64_t> count{0};
  // Above what a device number of this machine can be.
  return (uint64_t{1} << 63) + ++count;
}

class ImageSource final : public NtfsSource {
 public:
  ImageSource(std::shared_ptr<Volume> volume, NtfsSourceOptions options)
      : options_(std::move(options)),
        excludes_(Patterns(options_.excludes)),
        volume_(volume),
        walk_(
            std::move(volume),
            [this](const std::string& path, const std::string& text) {
              options_.reporter->Report(NoticeKind::kWarning, path, text);
            },
            [this](const std::string& path) { return Keep(path); }),
        directories_(*volume_),
        device_(NextVolumeNumber()) {}

  std::string label() const override { return volume_->label(); }
  void SetPrefix(const std::string& component) override { walk_.SetRoot(component); }
  uint64_t left_out_count() const override { return left_out_; }

  Result<std::optional<SourceItem>> Next() override {
    if (!std::exchange(begun_, true)) TAPIR_RETURN_IF_ERROR(LookForStore());
    for (;;) {
      std::optional<FoundName> found = walk_.Next();
      if (!found) return std::optional<SourceItem>();
      SisMembership sis;
      if (sis_) sis = sis_->MembershipOf(found->path);
      const bool unneeded = sis_ && !found->is_directory && sis_->IsInStore(found->path) &&
                            sis.role == SisRole::kNone;
      if (unneeded) continue;
      const std::string path = found->path;
      SourceItem item = MakeItem(*std::move(found), sis);
      if (sis.pairing == SisPairing::kOrphan && !sis_) TellStoreIsMissing(path);
      return std::optional(std::move(item));
    }
  }

  Result<SourceItem> Find(const std::string& path) override {
    FoundName found;
    found.path = path;
    {
      const auto lock = volume_->Lock();
      TAPIR_ASSIGN_OR_RETURN(const ntfs::Found there, directories_.Find(path));
      found.file_reference = there.reference;
      found.is_directory = there.is_directory;
      found.place = {FILE_root, u"."};
      if (path != ".") {
        TAPIR_ASSIGN_OR_RETURN(ntfs::SplitPath split, ntfs::Split(path));
        TAPIR_ASSIGN_OR_RETURN(const ntfs::Found parent, directories_.Find(split.parent));
        found.place = {parent.reference, std::move(split.name)};
      }
    }
    SisMembership sis;
    return MakeItem(std::move(found), sis);
  }

  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override {
    // Names do not matter for the contents.
    TAPIR_ASSIGN_OR_RETURN(ObjectRecord record, ReadObject(*volume_, identity.inode, {}));
    return std::shared_ptr<SourceObject>(
        std::make_shared<VolumeObject>(volume_, path, std::move(record)));
  }

 private:
  bool Keep(const std::string& path) {
    if (!AnyMatches(excludes_, path)) return true;
    ++left_out_;
    return false;
  }

  Status LookForStore() {
    Matcher selected(options_.selects);
    TAPIR_ASSIGN_OR_RETURN(sis_, SisPass::Make(
                                     volume_, walk_.root(),
                                     [&](const std::string& path) {
                                       return selected.Selects(path) &&
                                              !AnyMatches(excludes_, path);
                                     },
                                     *options_.reporter));
    return OkStatus();
  }

  void TellStoreIsMissing(const std::string& path) {
    options_.reporter->Report(NoticeKind::kWarning, path,
                              "is a SIS link, and the volume has no common store");
  }

  // `sis` is what the store of the volume knows; without one, links are found here.
  SourceItem MakeItem(FoundName found, SisMembership& sis) {
    SourceItem item;
    item.needed_by_others = sis.role != SisRole::kNone && sis.role != SisRole::kLink;
    item.path = found.path;
    item.type = found.is_directory ? ObjectType::kDirectory : ObjectType::kRegular;
    item.identity.device = device_;
    item.identity.inode = found.file_reference;
    Result<ObjectRecord> record = ReadObject(*volume_, found.file_reference, found.place);
    if (!record.ok()) {
      item.object = std::make_shared<UnreadableObject>(std::move(found), record.status());
      return item;
    }
    item.type = record->is_directory ? ObjectType::kDirectory : ObjectType::kRegular;
    item.link_count = record->is_directory ? 1 : record->link_count;
    item.identity.mtime = FromWindowsTime(record->ntfs.modification_time);
    item.identity.ctime = FromWindowsTime(record->ntfs.change_time);
    for (const StreamRecord& stream : record->streams) {
      uint64_t data_bytes = 0;
      for (const Extent& extent : stream.extents) data_bytes += extent.length_bytes;
      const bool contents = stream.head.number == 0;
      if (contents) item.identity.size = stream.archived_bytes;
      item.may_have_holes |= contents && data_bytes < stream.archived_bytes;
      item.further_streams |= !contents || stream.state.encrypted;
    }
    if (!sis_ && record->ntfs.reparse_tag() == kReparseTagSis) {
      sis = {SisRole::kLink, SisPairing::kOrphan, {}};
    }
    record->ntfs.sis = sis;
    item.object = std::make_shared<VolumeObject>(volume_, found.path, *std::move(record));
    return item;
  }

  NtfsSourceOptions options_;
  std::vector<PathPattern> excludes_;
  std::shared_ptr<Volume> volume_;
  TreeWalk walk_;
  bool begun_ = false;
  std::unique_ptr<SisPass> sis_;   ///< null: the volume has no store
  ntfs::Directories directories_;  ///< under the volume's lock
  uint64_t device_;
  uint64_t left_out_ = 0;
};

}  // namespace

Result<std::unique_ptr<NtfsSource>> NtfsSource::Open(NtfsSourceOptions options) {
  const std::string& name = options.address.image;
  Result<std::unique_ptr<ntfs::Image>> image = ntfs::OpenVolumeImage(options.address, false);
  if (!image.ok()) return std::move(image).status().Annotate(name);
  TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<Volume> volume,
                         Volume::Mount(*std::move(image), name, false));
  return std::unique_ptr<NtfsSource>(new ImageSource(std::move(volume), std::move(options)));
}

}  // namespace tapir
