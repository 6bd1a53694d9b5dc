#include "tapir/windows/sis_restore.h"

#include <optional>
#include <utility>

#include "tapir/windows/sis_link.h"

namespace tapir {

SisRestore::SisRestore(std::string store_root, std::vector<std::string> internal_files,
                       const std::vector<std::string>& on_target)
    : store_root_(std::move(store_root)), internal_files_(std::move(internal_files)) {
  for (const std::string& path : on_target) present_.insert(SisStoreName(path));
}

Result<std::vector<std::string>> SisRestore::RestoredLink(std::string_view path,
                                                          std::span<const std::byte> reparse,
                                                          const std::vector<std::string>& needed) {
  if (freed_) return InvalidArgument("the restore of this SIS volume has ended");
  if (!IsSisLink(reparse)) {
    return InvalidArgument(std::string(path) + ": not the reparse data of a SIS link");
  }
  std::vector<std::string> names;
  for (const std::string& file : needed) names.push_back(SisStoreName(file));
  if (names.empty()) {
    const std::optional<SisLinkFields> fields = ReadSisLink(reparse);
    if (!fields) return NotFound(std::string(path) + ": nothing says which store file it needs");
    names.push_back(GuidText(fields->store_file) + ".sis");
  }
  std::vector<std::string> to_restore;
  for (const std::string& name : names) {
    if (present_.contains(name)) continue;
    if (awaited_.emplace(name, path).second) to_restore.push_back(name);
  }
  return to_restore;
}

Status SisRestore::RestoredCommonStoreFile(std::string_view name) {
  if (freed_) return InvalidArgument("the restore of this SIS volume has ended");
  const std::string wanted = SisStoreName(name);
  if (awaited_.erase(wanted) == 0) {
    return InvalidArgument("store file " + wanted + ": no restored link awaits it");
  }
  present_.insert(wanted);
  return OkStatus();
}

Status SisRestore::Free() {
  if (freed_) return InvalidArgument("the restore of this SIS volume has ended");
  freed_ = true;
  if (awaited_.empty()) return OkStatus();
  const auto& [name, link] = *awaited_.begin();
  return NotFound(
      "needed store file " + name + " was not restored (link " + link + ")" +
      (awaited_.size() > 1 ? ", nor were " + std::to_string(awaited_.size() - 1) + " others" : ""));
}

}  // namespace tapir
