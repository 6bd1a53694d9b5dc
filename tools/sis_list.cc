#include "tools/sis_list.h"

#include <fmt/format.h>

#include "tools/escape.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

std::string Shown(const std::string& name, bool escape) {
  if (!escape) return name;
  std::string text;
  AppendEscaped(text, name);
  return text;
}

}  // namespace

std::string_view SisRoleName(SisRole role) {
  switch (role) {
    case SisRole::kNone: break;
    case SisRole::kLink: return "link";
    case SisRole::kCommonStoreFile: return "common-store file";
    case SisRole::kInternalFile: return "internal file";
    case SisRole::kOtherFile: return "other file";
  }
  return "none";
}

std::string_view SisPairingName(SisPairing pairing) {
  switch (pairing) {
    case SisPairing::kNone: break;
    case SisPairing::kFileReference: return "file reference";
    case SisPairing::kName: return "name";
    case SisPairing::kOrphan: return "orphan";
    case SisPairing::kOpaque: return "opaque";
  }
  return "none";
}

void SisList::Take(const Entry& entry) {
  if (entry.sis.role == SisRole::kNone) return;
  if (entry.sis.role != SisRole::kLink) {
    StoreFile& file = files_[entry.path];
    file.role = entry.sis.role;
    file.size = entry.size;
    file.is_archived = true;
    return;
  }
  for (const std::string& path : entry.sis.files) ++files_[path].links;
  links_.push_back({entry.path, entry.size, entry.sis});
}

// Each further link is a copy that was not there.
uint64_t SisList::SavedBytes() const {
  uint64_t saved = 0;
  for (const auto& [path, file] : files_) {
    if (file.links > 1) saved += (file.links - 1) * file.size;
  }
  return saved;
}

std::string SisList::AsText(bool escape) const {
  std::string text;
  for (const auto& [path, file] : files_) {
    text += fmt::format("{:>9}  {:>6} links  {}  {}\n", FormatSize(file.size), file.links,
                        file.is_archived ? SisRoleName(file.role) : "NOT IN THE ARCHIVE",
                        Shown(path, escape));
  }
  for (const Link& link : links_) {
    text += fmt::format("{:>9}  link by {}  {}", FormatSize(link.size),
                        SisPairingName(link.sis.pairing), Shown(link.path, escape));
    for (const std::string& file : link.sis.files) text += " -> " + Shown(file, escape);
    text += '\n';
  }
  return text + fmt::format("{}, {} of the store, {} saved by links\n",
                            Counted(links_.size(), "link"), Counted(files_.size(), "file"),
                            FormatSize(SavedBytes()));
}

std::string SisList::AsLines() const {
  std::string lines;
  for (const auto& [path, file] : files_) {
    Json object;
    PutName(object, "path", path);
    object["role"] = SisRoleName(file.role);
    object["size"] = file.size;
    object["links"] = file.links;
    object["archived"] = file.is_archived;
    lines += ToLine(object);
  }
  for (const Link& link : links_) {
    Json object;
    PutName(object, "path", link.path);
    object["role"] = SisRoleName(SisRole::kLink);
    object["size"] = link.size;
    object["pairing"] = SisPairingName(link.sis.pairing);
    object["files"] = link.sis.files;
    lines += ToLine(object);
  }
  return lines + ToLine(Json{{"links", links_.size()},
                             {"store_files", files_.size()},
                             {"saved_bytes", SavedBytes()}});
}

}  // namespace tapir::cli
