#include "source/directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

namespace tapir::source {
namespace {

constexpr int kDescriptorRetries = 200;
constexpr std::chrono::milliseconds kDescriptorRetryDelay{5};

/// Deletes a directory and then the parents that nobody else holds, one after another: destructors
/// that call each other would need stack for every level of the tree.
void Dispose(Directory* directory) {
  thread_local std::vector<Directory*> doomed;
  thread_local bool active = false;
  doomed.push_back(directory);
  if (active) return;
  active = true;
  while (!doomed.empty()) {
    Directory* next = doomed.back();
    doomed.pop_back();
    delete next;  // its parent comes back here and into `doomed`
  }
  active = false;
}

size_t PathBytes(const Directory* parent, std::string_view name) {
  const size_t above = parent == nullptr ? 0 : parent->path_bytes();
  if (name.empty() || name == ".") return above;
  return above + (above == 0 ? 0 : 1) + name.size();
}

int FlagsFor(Directory::Use use) {
  switch (use) {
    case Directory::Use::kPassed: return O_PATH | O_DIRECTORY;
    case Directory::Use::kFound: return O_PATH | O_DIRECTORY | O_NOFOLLOW;
    case Directory::Use::kScanned: break;
  }
  return O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME;
}

Descriptor OpenOnce(int parent, const char* name, int flags) {
  int fd = ::openat(parent, name, flags | O_CLOEXEC);
  if (fd < 0 && errno == EPERM && (flags & O_NOATIME) != 0) {
    fd = ::openat(parent, name, (flags & ~O_NOATIME) | O_CLOEXEC);
  }
  return Descriptor(fd);
}

}  // namespace

Directory::Directory(std::shared_ptr<DirectoryCache> cache, Ref parent, std::string_view name,
                     Use use)
    : cache_(std::move(cache)),
      parent_(std::move(parent)),
      name_(name),
      use_(use),
      path_bytes_(PathBytes(parent_.get(), name)) {}

Directory::~Directory() { cache_->Forget(*this); }

std::string Directory::Path() const {
  std::string path(path_bytes_, '/');
  size_t end = path_bytes_;
  for (const Directory* at = this; at != nullptr; at = at->parent_.get()) {
    if (at->path_bytes_ == 0) break;
    if (at->name_ == ".") continue;
    path.replace(end - at->name_.size(), at->name_.size(), at->name_);
    end -= at->name_.size();
    if (end > 0) --end;
  }
  return path;
}

DirectoryRef DirectoryCache::MakeRoot(Descriptor descriptor) {
  DirectoryRef root(new Directory(shared_from_this(), nullptr, "", Directory::Use::kPassed),
                    Dispose);
  root->open_ = std::make_shared<const Descriptor>(std::move(descriptor));
  return root;
}

DirectoryRef DirectoryCache::Make(DirectoryRef parent, std::string_view name, Directory::Use use) {
  return DirectoryRef(new Directory(shared_from_this(), std::move(parent), name, use), Dispose);
}

Result<SharedDescriptor> DirectoryCache::Acquire(const DirectoryRef& directory) {
  SharedDescriptor open;
  std::vector<Directory*> closed;
  for (Directory* at = directory.get(); !(open = Cached(*at)); at = at->parent_.get()) {
    closed.push_back(at);
  }
  for (auto it = closed.rbegin(); it != closed.rend(); ++it) {
    TAPIR_ASSIGN_OR_RETURN(open, Open(**it, open->get()));
  }
  return open;
}

SharedDescriptor DirectoryCache::Cached(Directory& directory) {
  std::lock_guard lock(mutex_);
  if (directory.listed_as_open_) open_.splice(open_.begin(), open_, directory.place_);
  return directory.open_;
}

Result<SharedDescriptor> DirectoryCache::Open(Directory& directory, int parent) {
  Descriptor descriptor = OpenAt(parent, directory.name_.c_str(), FlagsFor(directory.use_));
  if (!descriptor) return Status::FromErrno(errno, "cannot open directory");
  struct stat info;
  if (::fstat(descriptor.get(), &info) != 0) {
    return Status::FromErrno(errno, "cannot read the state of the directory");
  }
  SharedDescriptor evicted;  // closed after the lock is gone
  std::lock_guard lock(mutex_);
  if (directory.identified_ &&
      (directory.device_ != info.st_dev || directory.inode_ != info.st_ino)) {
    return NotFound("directory was replaced by another one");
  }
  directory.identified_ = true;
  directory.device_ = info.st_dev;
  directory.inode_ = info.st_ino;
  if (directory.open_) return directory.open_;
  directory.open_ = std::make_shared<const Descriptor>(std::move(descriptor));
  open_.push_front(&directory);
  directory.place_ = open_.begin();
  directory.listed_as_open_ = true;
  if (open_.size() > capacity_) {
    Directory& oldest = *open_.back();
    open_.pop_back();
    oldest.listed_as_open_ = false;
    evicted = std::move(oldest.open_);
  }
  return directory.open_;
}

std::optional<uint64_t> DirectoryCache::DeviceOf(const Directory& directory) {
  std::lock_guard lock(mutex_);
  if (!directory.identified_) return std::nullopt;
  return directory.device_;
}

void DirectoryCache::Forget(Directory& directory) {
  std::lock_guard lock(mutex_);
  if (directory.listed_as_open_) open_.erase(directory.place_);
  directory.listed_as_open_ = false;
}

void DirectoryCache::CloseAll() {
  std::vector<SharedDescriptor> closing;
  std::lock_guard lock(mutex_);
  for (Directory* directory : open_) {
    directory->listed_as_open_ = false;
    closing.push_back(std::move(directory->open_));
  }
  open_.clear();
}

Descriptor DirectoryCache::OpenAt(int parent, const char* name, int flags) {
  Descriptor descriptor = OpenOnce(parent, name, flags);
  for (int i = 0; !descriptor && (errno == EMFILE || errno == ENFILE) && i < kDescriptorRetries;
       ++i) {
    CloseAll();
    // The first time it may be enough; then others must finish with their files.
    if (i > 0) std::this_thread::sleep_for(kDescriptorRetryDelay);
    descriptor = OpenOnce(parent, name, flags);
  }
  return descriptor;
}

}  // namespace tapir::source
