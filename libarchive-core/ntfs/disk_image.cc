#include "ntfs/disk_image.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "bytes/cursor.h"

#ifdef TAPIR_WITH_LIBVHDI
#include <libvhdi.h>
#endif
#ifdef TAPIR_WITH_LIBVMDK
#include <libvmdk.h>
#endif
#ifdef TAPIR_WITH_LIBEWF
#include <libewf.h>
#endif
#ifdef TAPIR_WITH_LIBQCOW
#include <libqcow.h>
#endif

namespace tapir::ntfs {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  DiskFormat format;
};
constexpr std::array kSignatures = std::to_array<Signature>({
    {"conectix"sv, DiskFormat::kVhd},
    {"vhdxfile"sv, DiskFormat::kVhd},
    {"KDMV"sv, DiskFormat::kVmdk},
    {"COWD"sv, DiskFormat::kVmdk},
    {"# Disk DescriptorFile"sv, DiskFormat::kVmdk},
    {"EVF\x09\x0D\x0A\xFF\x00"sv, DiskFormat::kEwf},
    {"EVF2\x0D\x0A\x81\x00"sv, DiskFormat::kEwf},
    {"QFI\xFB"sv, DiskFormat::kQcow},
});

[[maybe_unused]] Status NotBuilt(const char* library) {
  return Unsupported(std::string("a disk image of this form is read by ") + library +
                     ", which was not there when this was built");
}

// A disk in an open handle of one of the libraries, which all look alike. They keep a position and
// caches in the handle: one call at a time.
template <typename Library>
class LibraryImage : public Image {
 public:
  static Result<std::unique_ptr<Image>> Open(const std::string& path) {
    std::unique_ptr<LibraryImage> image(new LibraryImage);
    typename Library::Error* error = nullptr;
    const bool opened = Library::Initialize(&image->handle_, &error) == 1 &&
                        Library::Open(image->handle_, path, &error) == 1 &&
                        Library::MediaSize(image->handle_, &image->size_bytes_, &error) == 1;
    Library::FreeError(&error);
    if (!opened) return Corrupt("the disk image cannot be read");
    return std::unique_ptr<Image>(std::move(image));
  }
  ~LibraryImage() override {
    if (handle_ != nullptr) Library::Free(&handle_, nullptr);
  }
  LibraryImage(const LibraryImage&) = delete;
  LibraryImage& operator=(const LibraryImage&) = delete;

  Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    const std::lock_guard lock(mutex_);
    while (!buffer.empty()) {
      typename Library::Error* error = nullptr;
      const ssize_t got = Library::Read(handle_, buffer.data(), buffer.size(),
                                        static_cast<off64_t>(offset_bytes), &error);
      Library::FreeError(&error);
      if (got <= 0) return Status::FromErrno(EIO, "the disk image cannot be read");
      buffer = buffer.subspan(static_cast<size_t>(got));
      offset_bytes += static_cast<uint64_t>(got);
    }
    return OkStatus();
  }
  Status WriteAt(uint64_t, std::span<const std::byte>) override {
    return Status::FromErrno(EROFS, "a disk image of this form is not written");
  }
  Status Sync() override { return OkStatus(); }
  uint64_t size_bytes() const override { return size_bytes_; }

 private:
  LibraryImage() = default;

  std::mutex mutex_;
  typename Library::Handle* handle_ = nullptr;
  uint64_t size_bytes_ = 0;
};

#ifdef TAPIR_WITH_LIBVHDI
struct Vhdi {
  using Handle = libvhdi_file_t;
  using Error = libvhdi_error_t;
  static constexpr auto Initialize = libvhdi_file_initialize;
  static constexpr auto MediaSize = libvhdi_file_get_media_size;
  static constexpr auto Read = libvhdi_file_read_buffer_at_offset;
  static constexpr auto Free = libvhdi_file_free;
  static constexpr auto FreeError = libvhdi_error_free;
  static int Open(Handle* handle, const std::string& path, Error** error) {
    return libvhdi_file_open(handle, path.c_str(), LIBVHDI_OPEN_READ, error);
  }
};
#endif

#ifdef TAPIR_WITH_LIBVMDK
struct Vmdk {
  using Handle = libvmdk_handle_t;
  using Error = libvmdk_error_t;
  static constexpr auto Initialize = libvmdk_handle_initialize;
  static constexpr auto MediaSize = libvmdk_handle_get_media_size;
  static constexpr auto Read = libvmdk_handle_read_buffer_at_offset;
  static constexpr auto Free = libvmdk_handle_free;
  static constexpr auto FreeError = libvmdk_error_free;
  static int Open(Handle* handle, const std::string& path, Error** error) {
    const int opened = libvmdk_handle_open(handle, path.c_str(), LIBVMDK_OPEN_READ, error);
    return opened == 1 ? libvmdk_handle_open_extent_data_files(handle, error) : opened;
  }
};
#endif

#ifdef TAPIR_WITH_LIBEWF
struct Ewf {
  using Handle = libewf_handle_t;
  using Error = libewf_error_t;
  static constexpr auto Initialize = libewf_handle_initialize;
  static constexpr auto MediaSize = libewf_handle_get_media_size;
  static constexpr auto Read = libewf_handle_read_random;
  static constexpr auto Free = libewf_handle_free;
  static constexpr auto FreeError = libewf_error_free;
  // The further segments, .E02 and so on, are found by their names.
  static int Open(Handle* handle, const std::string& path, Error** error) {
    char** names = nullptr;
    int count = 0;
    if (libewf_glob(path.c_str(), path.size(), LIBEWF_FORMAT_UNKNOWN, &names, &count, error) != 1) {
      return -1;
    }
    const int opened = libewf_handle_open(handle, names, count, LIBEWF_OPEN_READ, error);
    libewf_glob_free(names, count, nullptr);
    return opened;
  }
};
#endif

#ifdef TAPIR_WITH_LIBQCOW
struct Qcow {
  using Handle = libqcow_file_t;
  using Error = libqcow_error_t;
  static constexpr auto Initialize = libqcow_file_initialize;
  static constexpr auto MediaSize = libqcow_file_get_media_size;
  static constexpr auto Read = libqcow_file_read_buffer_at_offset;
  static constexpr auto Free = libqcow_file_free;
  static constexpr auto FreeError = libqcow_error_free;
  static int Open(Handle* handle, const std::string& path, Error** error) {
    return libqcow_file_open(handle, path.c_str(), LIBQCOW_OPEN_READ, error);
  }
};
#endif

Result<std::unique_ptr<Image>> OpenByLibrary(const std::string& path, DiskFormat format) {
  switch (format) {
#ifdef TAPIR_WITH_LIBVHDI
    case DiskFormat::kVhd: return LibraryImage<Vhdi>::Open(path);
#else
    case DiskFormat::kVhd: return NotBuilt("libvhdi");
#endif
#ifdef TAPIR_WITH_LIBVMDK
    case DiskFormat::kVmdk: return LibraryImage<Vmdk>::Open(path);
#else
    case DiskFormat::kVmdk: return NotBuilt("libvmdk");
#endif
#ifdef TAPIR_WITH_LIBEWF
    case DiskFormat::kEwf: return LibraryImage<Ewf>::Open(path);
#else
    case DiskFormat::kEwf: return NotBuilt("libewf");
#endif
#ifdef TAPIR_WITH_LIBQCOW
    case DiskFormat::kQcow: return LibraryImage<Qcow>::Open(path);
#else
    case DiskFormat::kQcow: return NotBuilt("libqcow");
#endif
    case DiskFormat::kRaw: break;
  }
  return OpenRawImage(path, false);
}

}  // namespace

Result<DiskFormat> DiskFormatOf(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Status::FromErrno(errno, "cannot be opened");
  std::array<std::byte, 32> head{};
  const ssize_t got = ::pread(file.get(), head.data(), head.size(), 0);
  if (got < 0) return Status::FromErrno(errno, "cannot be read");
  const std::string_view bytes = AsText(ByteSpan(head).first(static_cast<size_t>(got)));
  for (const Signature& signature : kSignatures) {
    if (bytes.starts_with(signature.bytes)) return signature.format;
  }
  return DiskFormat::kRaw;
}

Result<std::unique_ptr<Image>> OpenDiskImage(const std::string& path, bool writable) {
  TAPIR_ASSIGN_OR_RETURN(const DiskFormat format, DiskFormatOf(path));
  if (format == DiskFormat::kRaw) return OpenRawImage(path, writable);
  if (writable) {
    return Unsupported("a disk image of this form is not written: make a raw one of it first");
  }
  return OpenByLibrary(path, format);
}

}  // namespace tapir::ntfs
