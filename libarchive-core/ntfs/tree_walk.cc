#include "ntfs/tree_walk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ntfs/names.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/wtf8.h"

namespace tapir::ntfs {
namespace {

struct ListedName {
  std::u16string units;
  uint64_t reference = 0;
  unsigned kind = 0;  // of ntfs_readdir
};
using Listing = std::vector<ListedName>;

int TakeName(void* into, const ntfschar* name, const int length, const int type, const s64 /*at*/,
             const MFT_REF reference, const unsigned kind) {
  if ((type & FILE_NAME_WIN32_AND_DOS) == FILE_NAME_DOS) return 0;
  std::u16string text = NameFrom(name, static_cast<size_t>(length));
  if (text == u"." || text == u"..") return 0;
  static_cast<Listing*>(into)->push_back({std::move(text), reference, kind});
  return 0;
}

// Of a reparse point the library does not say whether it is one.
bool IsDirectory(Volume& volume, uint64_t reference, unsigned kind) {
  if (kind == NTFS_DT_DIR || kind == NTFS_DT_REG) return kind == NTFS_DT_DIR;
  const auto lock = volume.Lock();
  const Inode inode(ntfs_inode_open(volume.get(), reference));
  return inode && (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
}

}  // namespace

TreeWalk::TreeWalk(std::shared_ptr<Volume> volume, Tell tell, Keep keep)
    : volume_(std::move(volume)), tell_(std::move(tell)), keep_(std::move(keep)) {}

std::vector<TreeWalk::Child> TreeWalk::List(const std::string& path, uint64_t file_reference) {
  Listing listing;
  {
    const auto lock = volume_->Lock();
    errno = 0;
    const Inode directory(ntfs_inode_open(volume_->get(), file_reference));
    s64 position = 0;
    if (!directory || ntfs_readdir(directory.get(), &position, &listing, TakeName) != 0) {
      tell_(path, "not all names below it can be read: " + LastError("damaged").message());
    }
  }
  std::vector<Child> children;
  for (const auto& [units, reference, kind] : listing) {
    Child child{Wtf8(units), units, reference, IsDirectory(*volume_, reference, kind),
                kind != NTFS_DT_DIR && kind != NTFS_DT_REG};
    const std::string child_path = path == "." ? child.name : path + "/" + child.name;
    const bool holds_slash = child.name.find('/') != std::string::npos;
    if (holds_slash || !CheckPath(child_path).ok()) {
      tell_(child_path, "cannot be archived under such a name, left out");
    } else {
      children.push_back(std::move(child));
    }
  }
  // Of a damaged directory a name may come twice.
  std::sort(children.begin(), children.end(),
            [](const Child& left, const Child& right) { return left.name > right.name; });
  const auto same = [](const Child& left, const Child& right) { return left.name == right.name; };
  children.erase(std::unique(children.begin(), children.end(), same), children.end());
  return children;
}

void TreeWalk::Enter(const std::string& path, uint64_t file_reference) {
  if (!entered_.insert(MREF(file_reference)).second) {
    tell_(path, "is a directory that also stands elsewhere: the volume is damaged, left out");
    return;
  }
  levels_.push_back({path, file_reference, List(path, file_reference)});
}

std::optional<FoundName> TreeWalk::Next() {
  if (!std::exchange(begun_, true)) {
    Enter(root_, FILE_root);
    return FoundName{root_, {FILE_root, u"."}, FILE_root, true};
  }
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.children.empty()) {
      levels_.pop_back();
      continue;
    }
    const Child child = std::move(level.children.back());
    level.children.pop_back();
    FoundName found;
    found.path = level.path == "." ? child.name : level.path + "/" + child.name;
    found.place = {level.file_reference, child.units};
    found.file_reference = child.file_reference;
    found.is_directory = child.is_directory;
    found.is_reparse_point = child.is_reparse_point;
    if (!keep_(found.path)) continue;
    if (found.is_directory) Enter(found.path, found.file_reference);
    return found;
  }
  return std::nullopt;
}

}  // namespace tapir::ntfs
