#include "hive/library.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/descriptor.h"
#include "windows/hive_header.h"

namespace tapir {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

Status Failure(const std::string& what, int code) {
  return Corrupt(what + " by libhivex: " + std::strerror(code));
}

// A file in memory that nobody can change any more.
Result<Descriptor> SealedFile(ByteSpan bytes) {
  Descriptor file(::memfd_create("tapir-hive", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return Status::FromErrno(errno, "memory for a hive");
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Status::FromErrno(errno, "memory for a hive");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return Status::FromErrno(errno, "memory for a hive");
  }
  return file;
}

// Handles, which count from the start of the file and end with zero.
std::vector<uint32_t> Offsets(const size_t* handles) {
  std::vector<uint32_t> offsets;
  for (; *handles != 0; ++handles) {
    offsets.push_back(static_cast<uint32_t>(*handles - kHiveHeaderBytes));
  }
  return offsets;
}

}  // namespace

Result<HiveLibrary> HiveLibrary::Open(ByteSpan hive) {
  TAPIR_ASSIGN_OR_RETURN(const Descriptor file, SealedFile(hive));
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  hive_h* opened = hivex_open(path.c_str(), 0);
  if (opened == nullptr) return Failure("a hive that is refused", errno);
  return HiveLibrary(opened);
}

Result<std::vector<uint32_t>> HiveLibrary::Subkeys(uint32_t key) const {
  const std::unique_ptr<hive_node_h, Free> found(
      hivex_node_children(hive_.get(), kHiveHeaderBytes + key));
  if (found == nullptr) return Failure("subkeys that are refused", errno);
  return Offsets(found.get());
}

Result<std::vector<uint32_t>> HiveLibrary::Values(uint32_t key) const {
  const std::unique_ptr<hive_value_h, Free> found(
      hivex_node_values(hive_.get(), kHiveHeaderBytes + key));
  if (found == nullptr) return Failure("values that are refused", errno);
  return Offsets(found.get());
}

Result<std::string> HiveLibrary::Data(uint32_t value) const {
  size_t size = 0;
  const std::unique_ptr<char, Free> found(
      hivex_value_value(hive_.get(), kHiveHeaderBytes + value, nullptr, &size));
  if (found == nullptr) return Failure("data that are refused", errno);
  return std::string(found.get(), size);
}

}  // namespace tapir
