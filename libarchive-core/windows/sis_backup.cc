#include "tapir/windows/sis_backup.h"

#include <algorithm>
#include <utility>

namespace tapir {

std::string_view SisPairedByName(SisPairedBy by) {
  switch (by) {
    case SisPairedBy::kFileReference: return "file reference";
    case SisPairedBy::kName: return "name";
    case SisPairedBy::kOrphan: return "no such store file";
    case SisPairedBy::kOpaque: return "unknown reparse data";
  }
  return {};
}

SisBackup::SisBackup(SisVolume volume) : volume_(std::move(volume)) {
  std::erase_if(volume_.store_files, [this](const SisStoreFile& file) {
    return file.path == volume_.store_root || !IsInStore(file.path);
  });
  std::ranges::sort(volume_.store_files, {}, &SisStoreFile::path);
  IndexStore();
  PairLinks();
  SortFiles();
}

bool SisBackup::IsInStore(std::string_view path) const {
  const std::string& root = volume_.store_root;
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

void SisBackup::IndexStore() {
  for (size_t i = 0; i < volume_.store_files.size(); ++i) {
    const SisStoreFile& file = volume_.store_files[i];
    if (file.reference.value != 0) by_reference_.emplace(file.reference, i);
    const std::optional<Guid> guid = SisNameGuid(file.path);
    if (guid && !by_guid_.emplace(*guid, i).second) ambiguous_files_.push_back(file.path);
  }
}

SisPair SisBackup::PairOf(std::span<const std::byte> reparse) const {
  const std::optional<SisLinkFields> fields = ReadSisLink(reparse);
  if (!fields) return {};
  const auto referred = by_reference_.find(fields->store_reference);
  if (referred != by_reference_.end()) {
    // References of a store that was copied may fit other files by chance; names never do.
    const auto guid = SisNameGuid(volume_.store_files[referred->second].path);
    if (!guid || *guid == fields->store_file) {
      return {SisPairedBy::kFileReference, referred->second};
    }
  }
  const auto named = by_guid_.find(fields->store_file);
  if (named != by_guid_.end()) return {SisPairedBy::kName, named->second};
  return {SisPairedBy::kOrphan, std::nullopt};
}

void SisBackup::PairLinks() {
  reference_counts_.resize(volume_.store_files.size());
  for (const SisLinkFile& link : volume_.links) {
    const SisPair& pair = pairs_.emplace_back(PairOf(std::as_bytes(std::span(link.reparse))));
    if (pair.store_file) {
      ++reference_counts_[*pair.store_file];
    } else {
      has_unpaired_ = true;
    }
  }
}

void SisBackup::SortFiles() {
  for (size_t i = 0; i < volume_.store_files.size(); ++i) {
    const std::string& path = volume_.store_files[i].path;
    if (reference_counts_[i] > 0) continue;
    if (SisNameGuid(path)) {
      unreferenced_files_.push_back(path);
    } else {
      internal_files_.push_back(path);
      internal_.insert(i);
    }
  }
}

Result<SisFilesForLink> SisBackup::FilesForLink(std::span<const std::byte> reparse,
                                                uint64_t context) {
  if (freed_) return InvalidArgument("the backup of this SIS volume has ended");
  if (!IsSisLink(reparse)) return InvalidArgument("not the reparse data of a SIS link");
  const SisPair pair = PairOf(reparse);
  if (!pair.store_file) {
    has_unpaired_ = true;
    return NotFound("the store file of a SIS link: " + std::string(SisPairedByName(pair.by)));
  }
  const std::string& path = volume_.store_files[*pair.store_file].path;
  Named& named = named_[*pair.store_file];
  if (named.unreadable) return Corrupt("store file " + path + " could not be read");
  SisFilesForLink files;
  files.by = pair.by;
  files.needed = {path};
  if (!named.contexts.empty()) {
    files.first_link = named.contexts.front();
  } else if (!internal_.contains(*pair.store_file)) {
    files.to_store = {path};
  }
  named.contexts.push_back(context);
  return files;
}

Result<std::vector<uint64_t>> SisBackup::CannotStore(std::string_view path) {
  for (auto& [place, named] : named_) {
    if (volume_.store_files[place].path != path || named.contexts.empty()) continue;
    named.unreadable = true;
    return named.contexts;
  }
  return InvalidArgument("no link named store file " + std::string(path));
}

std::vector<std::string> SisBackup::Free() {
  std::vector<std::string> rest;
  if (!freed_ && has_unpaired_) {
    for (size_t i = 0; i < volume_.store_files.size(); ++i) {
      if (!named_.contains(i) && !internal_.contains(i)) {
        rest.push_back(volume_.store_files[i].path);
      }
    }
  }
  freed_ = true;
  return rest;
}

}  // namespace tapir
