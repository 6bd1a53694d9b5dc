#include "target/restored_paths.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace tapir::target {

namespace {

// Values of the table that are no places of directories.
constexpr uint32_t kFile = UINT32_MAX;
constexpr uint32_t kNode = UINT32_MAX - 1;
constexpr uint32_t kSkippedNode = UINT32_MAX - 2;

uint32_t MarkOf(Made made) {
  switch (made) {
    case Made::kFile: return kFile;
    case Made::kNode: return kNode;
    default: return kSkippedNode;
  }
}

}  // namespace

bool RestoredPaths::XattrsLess::operator()(const std::vector<Xattr>& left,
                                           const std::vector<Xattr>& right) const {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                      [](const Xattr& one, const Xattr& other) {
                                        return std::tie(one.name, one.value) <
                                               std::tie(other.name, other.value);
                                      });
}

void RestoredPaths::Add(uint64_t hash, Made made) {
  const std::lock_guard lock(mutex_);
  table_.Set(hash, MarkOf(made));
}

void RestoredPaths::AddDirectory(std::string_view path) {
  const std::lock_guard lock(mutex_);
  directories_[Intern(path)].is_made = 1;
}

void RestoredPaths::SetDirectoryMetadata(std::string_view path, const Wanted& wanted,
                                         bool taken_over) {
  const std::lock_guard lock(mutex_);
  const size_t index = Intern(path);
  DirectoryRecord& record = directories_[index];
  if (!taken_over) record.is_made = 1;
  record.has_metadata = 1;
  record.mtime_seconds = wanted.mtime.seconds;
  record.mtime_nanoseconds = wanted.mtime.nanoseconds;
  record.uid = wanted.uid;
  record.gid = wanted.gid;
  record.mode = wanted.mode & 07777;
  record.has_extra = wanted.access_time.has_value() || !wanted.xattrs.empty();
  if (record.has_extra) {
    const auto distinct =
        distinct_xattrs_.emplace(wanted.xattrs.begin(), wanted.xattrs.end()).first;
    extras_[index] = {wanted.access_time, &*distinct};
  }
}

Made RestoredPaths::Find(uint64_t hash) const {
  const std::lock_guard lock(mutex_);
  const std::optional<uint32_t> value = table_.Find(hash);
  if (!value) return Made::kNothing;
  if (*value == kFile) return Made::kFile;
  if (*value == kNode) return Made::kNode;
  if (*value == kSkippedNode) return Made::kSkippedNode;
  return directories_[*value].is_made ? Made::kDirectory : Made::kNothing;
}

void RestoredPaths::Forget(uint64_t hash) {
  const std::lock_guard lock(mutex_);
  const std::optional<uint32_t> value = table_.Find(hash);
  if (!value) return;
  if (*value < directories_.size()) {
    directories_[*value].has_metadata = 0;
    extras_.erase(*value);
  }
  table_.Erase(hash);
}

// The place of the directory; it and those above it are recorded if they are not yet.
size_t RestoredPaths::Intern(std::string_view path) {
  const auto find = [this](uint64_t hash) {
    const std::optional<uint32_t> value = table_.Find(hash);
    return value && *value < directories_.size() ? *value : kNoParent;
  };
  if (const uint32_t known = find(hasher_.Hash(path)); known != kNoParent) return known;

  const std::vector<PathHasher::Prefix> prefixes = hasher_.Prefixes(path);
  size_t at = prefixes.size() - 1;
  uint32_t parent = kNoParent;
  while (at > 0 && (parent = find(prefixes[at - 1].hash)) == kNoParent) --at;
  for (; at < prefixes.size(); ++at) {
    const size_t above_bytes = at == 0 ? 0 : prefixes[at - 1].length_bytes;
    const size_t begin = above_bytes == 0 ? 0 : above_bytes + 1;
    const std::string_view name = path.substr(begin, prefixes[at].length_bytes - begin);
    directories_.push_back({.name_begin = names_.size(),
                            .parent = parent,
                            .name_bytes = static_cast<uint16_t>(name.size())});
    names_.insert(names_.end(), name.begin(), name.end());
    parent = static_cast<uint32_t>(directories_.size() - 1);
    table_.Set(prefixes[at].hash, parent);
  }
  return parent;
}

std::string RestoredPaths::PathOf(const DirectoryRecord& record) const {
  std::string reversed;
  for (const DirectoryRecord* at = &record; at->parent != kNoParent;
       at = &directories_[at->parent]) {
    if (!reversed.empty()) reversed += '/';
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(at->name_begin);
    reversed.append(std::reverse_iterator(begin + at->name_bytes), std::reverse_iterator(begin));
  }
  std::reverse(reversed.begin(), reversed.end());
  return reversed.empty() ? "." : reversed;
}

Wanted RestoredPaths::WantedOf(size_t index) const {
  const DirectoryRecord& record = directories_[index];
  Wanted wanted{.uid = record.uid,
                .gid = record.gid,
                .mode = record.mode,
                .mtime = {record.mtime_seconds, record.mtime_nanoseconds}};
  if (record.has_extra) {
    const Extra& extra = extras_.at(index);
    wanted.access_time = extra.access_time;
    wanted.xattrs = *extra.xattrs;
  }
  return wanted;
}

}  // namespace tapir::target
