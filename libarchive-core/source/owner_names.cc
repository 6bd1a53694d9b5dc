#include "source/owner_names.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <mutex>
#include <vector>

namespace tapir::source {
namespace {

constexpr size_t kFirstBufferBytes = 1024;
// Groups with very many members need much; more than this is taken for nonsense.
constexpr size_t kMaxBufferBytes = 16u << 20;

/// Calls get(buffer), which returns an errno value, until the buffer is large enough.
template <typename Get>
int WithGrowingBuffer(Get get) {
  std::vector<char> buffer(kFirstBufferBytes);
  int error = get(buffer);
  while (error == ERANGE && buffer.size() < kMaxBufferBytes) {
    buffer.resize(buffer.size() * 4);
    error = get(buffer);
  }
  return error;
}

std::string LookUpUser(uid_t uid) {
  std::string name;
  WithGrowingBuffer([&](std::vector<char>& buffer) {
    passwd entry;
    passwd* found = nullptr;
    const int error = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (error == 0 && found != nullptr) name = found->pw_name;
    return error;
  });
  return name;
}

std::string LookUpGroup(gid_t gid) {
  std::string name;
  WithGrowingBuffer([&](std::vector<char>& buffer) {
    group entry;
    group* found = nullptr;
    const int error = ::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found);
    if (error == 0 && found != nullptr) name = found->gr_name;
    return error;
  });
  return name;
}

}  // namespace

template <typename LookUp>
std::string OwnerNames::Find(Names& names, unsigned id, LookUp look_up) {
  {
    std::shared_lock lock(mutex_);
    if (const auto it = names.find(id); it != names.end()) return it->second;
  }
  // The lock is not held over a question that may go to a server.
  std::string name = look_up(id);
  std::lock_guard lock(mutex_);
  return names.try_emplace(id, std::move(name)).first->second;
}

std::string OwnerNames::User(uid_t uid) { return Find(users_, uid, LookUpUser); }
std::string OwnerNames::Group(gid_t gid) { return Find(groups_, gid, LookUpGroup); }

}  // namespace tapir::source
