#include "ntfs/sis_pass.h"

#include <utility>

#include "bytes/cursor.h"
#include "ntfs/directories.h"
#include "ntfs/record.h"
#include "ntfs/tree_walk.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/reparse_data.h"

namespace tapir::ntfs {
namespace {

constexpr std::u16string_view kStoreName = u"SIS Common Store";

// The store's name as it is spelled in the root.
std::optional<std::string> FindStore(const std::shared_ptr<Volume>& volume) {
  Directories directories(*volume);
  std::optional<Found> store;
  {
    const auto lock = volume->Lock();
    Result<std::optional<Found>> found = directories.FindIn(FILE_root, kStoreName, true);
    if (found.ok()) store = *found;
  }
  if (!store || !store->is_directory) return std::nullopt;
  TreeWalk walk(
      volume, [](const std::string&, const std::string&) {},
      [](const std::string& path) {
        return path.size() == kStoreName.size() && path.find('/') == std::string::npos;
      });
  while (std::optional<FoundName> name = walk.Next()) {
    if (MREF(name->file_reference) == MREF(store->reference) && name->path != ".") {
      return name->path;
    }
  }
  return std::nullopt;
}

SisPairing PairingOf(SisPairedBy by) {
  switch (by) {
    case SisPairedBy::kFileReference: return SisPairing::kFileReference;
    case SisPairedBy::kName: return SisPairing::kName;
    case SisPairedBy::kOrphan: return SisPairing::kOrphan;
    case SisPairedBy::kOpaque: break;
  }
  return SisPairing::kOpaque;
}

// All links, and all files of the store. What cannot be read is told when it is archived.
SisVolume Survey(const std::shared_ptr<Volume>& volume, std::string store_root) {
  SisVolume survey;
  survey.store_root = std::move(store_root);
  TreeWalk walk(
      volume, [](const std::string&, const std::string&) {},
      [](const std::string&) { return true; });
  while (std::optional<FoundName> found = walk.Next()) {
    const bool in_store = IsBelow(found->path, survey.store_root);
    if (found->is_directory || (!in_store && !found->is_reparse_point)) continue;
    Result<ObjectRecord> record = ReadObject(*volume, found->file_reference, found->place);
    if (!record.ok()) continue;
    const StreamRecord* contents = record->stream(0);
    const uint64_t size = contents != nullptr ? contents->state.size : 0;
    const FileReference reference{found->file_reference};
    if (in_store) {
      survey.store_files.push_back({found->path, reference, size});
    } else if (record->ntfs.reparse_tag() == kReparseTagSis) {
      survey.links.push_back({found->path, record->ntfs.reparse_data, reference, size});
    }
  }
  return survey;
}

}  // namespace

Result<std::unique_ptr<SisPass>> SisPass::Make(const std::shared_ptr<Volume>& volume,
                                               const std::string& root, const IsWanted& is_wanted,
                                               Reporter& reporter) {
  std::optional<std::string> store = FindStore(volume);
  if (!store) return std::unique_ptr<SisPass>();
  std::unique_ptr<SisPass> pass(new SisPass(Survey(volume, *std::move(store)), root));
  pass->Decide(is_wanted, reporter);
  return pass;
}

std::string SisPass::InArchive(const std::string& path) const {
  return root_ == "." ? path : root_ + '/' + path;
}

std::string SisPass::OnVolume(const std::string& path) const {
  if (root_ == "." || path == root_) return root_ == "." ? path : ".";
  return path.substr(root_.size() + 1);
}

bool SisPass::IsInStore(const std::string& path) const {
  return IsBelow(OnVolume(path), backup_.store_root());
}

SisMembership SisPass::MembershipOf(const std::string& path) const {
  const auto found = members_.find(path);
  return found == members_.end() ? SisMembership{} : found->second;
}

void SisPass::TakeLink(size_t number, Reporter& reporter) {
  const SisLinkFile& link = backup_.volume().links[number];
  SisMembership& membership = members_[InArchive(link.path)];
  membership.role = SisRole::kLink;
  membership.pairing = PairingOf(backup_.pairs()[number].by);
  Result<SisFilesForLink> files = backup_.FilesForLink(AsBytes(link.reparse), number);
  if (!files.ok()) {
    reporter.Report(NoticeKind::kWarning, InArchive(link.path),
                    "is a SIS link without its common-store file (" +
                        std::string(SisPairedByName(backup_.pairs()[number].by)) +
                        "): all of the store is archived");
    return;
  }
  for (const std::string& file : files->needed) membership.files.push_back(InArchive(file));
  for (const std::string& file : files->to_store) {
    members_[InArchive(file)].role = SisRole::kCommonStoreFile;
  }
}

void SisPass::Decide(const IsWanted& is_wanted, Reporter& reporter) {
  for (const std::string& file : backup_.internal_files()) {
    members_[InArchive(file)].role = SisRole::kInternalFile;
  }
  const std::vector<SisLinkFile>& links = backup_.volume().links;
  for (size_t i = 0; i < links.size(); ++i) {
    if (is_wanted(InArchive(links[i].path))) TakeLink(i, reporter);
  }
  for (const std::string& file : backup_.Free()) {
    members_[InArchive(file)].role = SisRole::kOtherFile;
  }
  for (const std::string& file : backup_.unreferenced_files()) {
    const bool archived = members_.contains(InArchive(file));
    reporter.Report(NoticeKind::kNote, InArchive(file),
                    archived ? "is a common-store file that no link refers to"
                             : "is a common-store file that no link refers to: not archived");
  }
  for (const std::string& file : backup_.ambiguous_files()) {
    reporter.Report(NoticeKind::kWarning, InArchive(file),
                    "has the same identifier as another common-store file");
  }
}

}  // namespace tapir::ntfs
