#include "fuzz/support/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz/support/require.h"

namespace tapir::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t kLargestFileBytes = rlim_t{16} << 20;

std::vector<std::string> NamesIn(int folder) {
  std::vector<std::string> names;
  DIR* listing = ::fdopendir(::dup(folder));
  Require(listing != nullptr, "fdopendir");
  ::rewinddir(listing);
  while (const dirent* entry = ::readdir(listing)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(listing);
  return names;
}

// Modes may forbid everything by now.
int OpenFolder(int parent, const char* name) {
  Require(::fchmodat(parent, name, 0700, 0) == 0, std::string("chmod ") + name);
  int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  Require(folder >= 0, std::string("open folder ") + name);
  return folder;
}

bool IsFolder(int parent, const std::string& name) {
  struct stat found {};
  return ::fstatat(parent, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(found.st_mode);
}

// However deep the tree is: folders in folders are moved up, not descended into.
void Empty(int folder) {
  size_t moved = 0;
  for (std::vector<std::string> names = NamesIn(folder); !names.empty(); names = NamesIn(folder)) {
    for (const std::string& name : names) {
      if (!IsFolder(folder, name)) {
        Require(::unlinkat(folder, name.c_str(), 0) == 0, "unlink " + name);
        continue;
      }
      int below = OpenFolder(folder, name.c_str());
      for (const std::string& child : NamesIn(below)) {
        if (!IsFolder(below, child)) {
          Require(::unlinkat(below, child.c_str(), 0) == 0, "unlink " + child);
          continue;
        }
        ::close(OpenFolder(below, child.c_str()));
        std::string up;
        do {
          up = ".empty-" + std::to_string(moved++);
        } while (::faccessat(folder, up.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0);
        Require(::renameat(below, child.c_str(), folder, up.c_str()) == 0, "rename " + child);
      }
      ::close(below);
      Require(::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0, "rmdir " + name);
    }
  }
}

void WriteFile(const std::string& path) { std::ofstream(path) << path; }

std::string Describe(const fs::path& path) {
  struct stat found {};
  Require(::lstat(path.c_str(), &found) == 0, path.string() + " is there");
  std::string text = path.string();
  for (uint64_t number :
       {uint64_t{found.st_mode}, uint64_t{found.st_uid}, uint64_t{found.st_gid},
        uint64_t{found.st_nlink}, uint64_t{found.st_ino}, static_cast<uint64_t>(found.st_size),
        static_cast<uint64_t>(found.st_mtim.tv_sec),
        static_cast<uint64_t>(found.st_mtim.tv_nsec)}) {
    text += " " + std::to_string(number);
  }
  if (S_ISLNK(found.st_mode)) text += " -> " + fs::read_symlink(path).string();
  if (S_ISREG(found.st_mode)) {
    std::ifstream file(path, std::ios::binary);
    text.append(" = ").append(std::istreambuf_iterator<char>(file), {});
  }
  return text + "\n";
}

}  // namespace

void GiveUpPrivileges() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  Require(::syscall(SYS_capset, &header, none) == 0, "capset");
  rlimit bound{kLargestFileBytes, kLargestFileBytes};
  Require(::setrlimit(RLIMIT_FSIZE, &bound) == 0, "setrlimit");
}

Sandbox::Sandbox() {
  // Here, since a fuzzing engine sets a handler of its own before the first input.
  std::signal(SIGXFSZ, SIG_IGN);
  root_ = (fs::temp_directory_path() / "tapir-restore-fuzz-XXXXXX").string();
  Require(::mkdtemp(root_.data()) != nullptr, "mkdtemp");
  fs::create_directory(root_ + "/outside");
  fs::create_directory(target());
  WriteFile(root_ + "/precious");
  WriteFile(root_ + "/outside/precious");
  fs::create_symlink("outside/precious", root_ + "/alias");
  outside_ = Outside();
}

Sandbox::~Sandbox() {
  int root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  Empty(root);
  ::close(root);
  fs::remove(root_);
}

void Sandbox::Refill() {
  int parent = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int inner = OpenFolder(parent, "inner");
  ::close(parent);
  Empty(inner);
  ::close(inner);
  fs::create_symlink("../outside", target() + "/link");
  fs::create_symlink("../outside/precious", target() + "/file-link");
}

// Everything but what lies in the target.
std::string Sandbox::Outside() const {
  std::vector<fs::path> paths{root_};
  for (const char* folder : {"", "/outside"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(root_ + folder)) {
      if (entry.path() != target()) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::string text;
  for (const fs::path& path : paths) text += Describe(path);
  return text;
}

void Sandbox::ExpectOutsideUntouched() const {
  std::string now = Outside();
  Require(now == outside_, "outside of the target: was\n" + outside_ + "and is\n" + now);
}

}  // namespace tapir::fuzz
