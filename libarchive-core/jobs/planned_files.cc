#include "jobs/planned_files.h"

#include <utility>

#include "jobs/folded_path.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

std::string LastName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Status HasNoContents() {
  return FileFailed(FileFailure::kUnsupported, "a plan has no contents of files");
}

}  // namespace

Result<VolumeFileInfo> PlannedFiles::Stat(const std::string& path) {
  TAPIR_RETURN_IF_ERROR(CheckParent(path));
  if (const auto change = changes_.find(FoldedPath(path)); change != changes_.end()) {
    if (change->second.is_there) return change->second.info;
    return FileFailed(FileFailure::kNotFound, "there is no '" + path + "' by then");
  }
  return files_.Stat(path);
}

// Only directories that went need a look: the volume itself knows the others.
Status PlannedFiles::CheckParent(const std::string& path) {
  for (std::string above = ParentPath(path); above != "."; above = ParentPath(above)) {
    const auto change = changes_.find(FoldedPath(above));
    if (change == changes_.end()) continue;
    if (change->second.is_there && change->second.info.is_directory) continue;
    return FileFailed(FileFailure::kParentNotFound, "there is no '" + above + "' by then");
  }
  return OkStatus();
}

Result<bool> PlannedFiles::IsThere(const std::string& path) {
  const Result<VolumeFileInfo> found = Stat(path);
  if (found.ok()) return true;
  if (FailureOf(found.status()) == FileFailure::kNotFound) return false;
  return found.status();
}

Result<std::vector<std::string>> PlannedFiles::NamesIn(const std::string& directory) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> before, files_.NamesIn(directory));
  const std::string prefix = directory == "." ? "" : directory + "/";
  std::vector<std::string> names;
  for (const std::string& name : before) {
    if (changes_.find(FoldedPath(prefix + name)) == changes_.end()) names.push_back(name);
  }
  const std::u16string folded = FoldedPath(prefix);
  for (auto at = changes_.lower_bound(folded); at != changes_.end(); ++at) {
    if (!at->first.starts_with(folded)) break;
    const bool is_in = at->first.find(u'/', folded.size()) == std::u16string::npos;
    if (is_in && at->second.is_there) names.push_back(at->second.info.name);
  }
  return names;
}

Result<std::string> PlannedFiles::Read(const std::string&, uint64_t) { return HasNoContents(); }

Status PlannedFiles::Write(const std::string&, std::span<const std::byte>) {
  return HasNoContents();
}

Status PlannedFiles::Move(const std::string& from, const std::string& to) {
  TAPIR_ASSIGN_OR_RETURN(VolumeFileInfo info, Stat(from));
  if (info.is_directory) {
    return FileFailed(FileFailure::kIsDirectory, "'" + from + "' is a directory");
  }
  TAPIR_ASSIGN_OR_RETURN(const bool is_there, IsThere(to));
  const bool is_itself = FoldedPath(from) == FoldedPath(to);
  if (is_there && !is_itself) return FileFailed(FileFailure::kExists, "'" + to + "' is there");
  changes_[FoldedPath(from)] = Change{false, {}};
  info.name = LastName(to);
  changes_[FoldedPath(to)] = Change{true, std::move(info)};
  return OkStatus();
}

Status PlannedFiles::Delete(const std::string& path) {
  TAPIR_ASSIGN_OR_RETURN(const VolumeFileInfo info, Stat(path));
  if (info.is_directory) {
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(path));
    if (!names.empty()) {
      return FileFailed(FileFailure::kDirectoryNotEmpty, "'" + path + "' is not empty");
    }
  }
  changes_[FoldedPath(path)] = Change{false, {}};
  return OkStatus();
}

Status PlannedFiles::SetShortName(const std::string& path, const std::string& short_name) {
  TAPIR_ASSIGN_OR_RETURN(const VolumeFileInfo info, Stat(path));
  const std::string parent = ParentPath(path);
  const std::string other = parent == "." ? short_name : parent + "/" + short_name;
  TAPIR_ASSIGN_OR_RETURN(const bool is_there, IsThere(other));
  if (!is_there) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(const VolumeFileInfo there, Stat(other));
  if (there.name == info.name) return OkStatus();
  return FileFailed(FileFailure::kExists, "the short name is another one's");
}

}  // namespace tapir
