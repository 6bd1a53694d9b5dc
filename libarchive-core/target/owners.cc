#include "target/owners.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace tapir::target {

namespace {

// Calls a getpwnam_r-like function with a buffer that grows until the entry fits. An entry that
// cannot be read (a name service that is down) counts as unknown.
template <typename Entry, typename Lookup>
bool FindEntry(Lookup lookup, const std::string& name, Entry& entry, std::vector<char>& buffer) {
  constexpr size_t kLargestEntryBytes = 1u << 20;
  for (buffer.resize(4096);; buffer.resize(buffer.size() * 4)) {
    Entry* found = nullptr;
    const int error = lookup(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (error != ERANGE || buffer.size() >= kLargestEntryBytes) return found != nullptr;
  }
}

std::optional<uint32_t> FindUser(const std::string& name) {
  passwd entry{};
  std::vector<char> buffer;
  if (!FindEntry(::getpwnam_r, name, entry, buffer)) return std::nullopt;
  return entry.pw_uid;
}

std::optional<uint32_t> FindGroup(const std::string& name) {
  group entry{};
  std::vector<char> buffer;
  if (!FindEntry(::getgrnam_r, name, entry, buffer)) return std::nullopt;
  return entry.gr_gid;
}

}  // namespace

Owners::Id Owners::Find(Known& known, const std::string& name, Id (*ask)(const std::string&)) {
  constexpr size_t kLongestNameBytes = 256;
  constexpr size_t kMostNames = 4096;  // a volume may hold a new one in every object
  if (numeric_ || name.empty() || name.size() > kLongestNameBytes) return std::nullopt;
  if (name.find('\0') != std::string::npos) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (known.size() >= kMostNames) known.clear();
  auto [entry, is_new] = known.try_emplace(name);
  if (is_new) entry->second = ask(name);
  return entry->second;
}

uid_t Owners::UserOf(const Metadata& metadata) {
  return Find(users_, metadata.owner_name, FindUser).value_or(metadata.uid);
}

gid_t Owners::GroupOf(const Metadata& metadata) {
  return Find(groups_, metadata.group_name, FindGroup).value_or(metadata.gid);
}

}  // namespace tapir::target
