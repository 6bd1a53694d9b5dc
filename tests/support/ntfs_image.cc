#include "tests/support/ntfs_image.h"

#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "bytes/cursor.h"
#include "ntfs/volume_flag.h"

namespace tapir::test {
namespace {

constexpr uint64_t kFirstUserRecord = 24;

[[noreturn]] void FailImage(const std::string& what) {
  throw std::runtime_error("NTFS image: " + what + ": " + std::strerror(errno));
}

struct AttributeEnd {
  void operator()(ntfs_attr* attribute) const { ntfs_attr_close(attribute); }
};
using OpenAttribute = std::unique_ptr<ntfs_attr, AttributeEnd>;

// The library wants names it may write to, and knows the unnamed stream by its place.
struct Units {
  explicit Units(const std::u16string& name) : units(name.begin(), name.end()) {}
  ntfschar* get() { return units.empty() ? AT_UNNAMED : units.data(); }
  u8 size() const { return static_cast<u8>(units.size()); }
  std::vector<ntfschar> units;
};

OpenAttribute OpenData(ntfs_inode* inode, const std::u16string& name) {
  Units units(name);
  return OpenAttribute(ntfs_attr_open(inode, AT_DATA, units.get(), units.size()));
}

bool WriteAll(ntfs_attr* attribute, uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const s64 put = ntfs_attr_pwrite(attribute, static_cast<s64>(offset),
                                     static_cast<s64>(bytes.size()), bytes.data());
    if (put <= 0) return false;
    offset += static_cast<uint64_t>(put);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

std::pair<std::u16string, std::u16string> SplitLast(const std::u16string& path) {
  const size_t slash = path.rfind(u'/');
  if (slash == std::u16string::npos) return {u"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

uint64_t ReferenceOf(const ntfs_inode* inode) {
  return MK_MREF(inode->mft_no, le16_to_cpu(inode->mrec->sequence_number));
}

void MarkDirty(ntfs_inode* inode) {
  NInoFileNameSetDirty(inode);
  ntfs_inode_mark_dirty(inode);
}

}  // namespace

int RunTool(const std::string& command_line) {
  const int status =
      std::system(("PATH=$PATH:/sbin:/usr/sbin; " + command_line + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string BareEfsMetadata(uint32_t size) {
  std::string metadata;
  WriteCursor write(metadata);
  write.U32(size);
  while (metadata.size() < size) metadata.push_back(static_cast<char>(metadata.size() * 7));
  return metadata;
}

void NtfsImage::Make(const std::string& file, uint64_t size_bytes, uint32_t cluster_bytes,
                     const std::string& label) {
  std::ofstream(file, std::ios::binary).close();
  std::filesystem::resize_file(file, size_bytes);
  const std::string with_label = label.empty() ? "" : " -L '" + label + "'";
  if (RunTool("mkntfs -F -Q -q -s 512 -p 0 -H 255 -S 63 -c " + std::to_string(cluster_bytes) +
              with_label + " '" + file + "'") != 0) {
    throw std::runtime_error("mkntfs fails (package ntfs-3g)");
  }
}

NtfsImage::NtfsImage(const std::string& file) {
  ntfs_set_char_encoding("UTF-8");
  volume_ = ntfs_mount(file.c_str(), NTFS_MNT_NONE);
  if (volume_ == nullptr) FailImage("mount");
  ntfs::VolumeFlag::Clear(volume_, NV_Compression);
  volume_->efs_raw = TRUE;
  if (ntfs_open_secure(volume_) != 0) FailImage("$Secure");
  references_.emplace(u"", FILE_root);
}

NtfsImage::~NtfsImage() {
  ntfs_close_secure(volume_);
  ntfs_umount(volume_, FALSE);
}

void NtfsImage::With(const std::u16string& path, const char* what, const Change& change) {
  errno = 0;
  ntfs_inode* inode = ntfs_inode_open(volume_, references_.at(path));
  if (inode == nullptr) FailImage(what);
  const bool done = change(inode);
  const int error = errno;
  if (ntfs_inode_close(inode) != 0 || !done) {
    errno = error;
    FailImage(what);
  }
}

void NtfsImage::Create(const std::u16string& path, unsigned mode) {
  const auto [parent, name] = SplitLast(path);
  With(parent, "create", [&, &wanted = name](ntfs_inode* directory) {
    Units units(wanted);
    ntfs_inode* made =
        ntfs_create(directory, const_cpu_to_le32(0), units.get(), units.size(), mode);
    if (made == nullptr) return false;
    references_[path] = ReferenceOf(made);
    return ntfs_inode_close_in_dir(made, directory) == 0;
  });
}

void NtfsImage::MakeDirectory(const std::u16string& path) { Create(path, S_IFDIR); }

void NtfsImage::MakeFile(const std::u16string& path, std::string_view contents) {
  Create(path, S_IFREG);
  if (!contents.empty()) {
    AddStream(path, {.name = {}, .ranges = {{0, std::string(contents)}}, .size = {}, .valid = {}});
  }
}

void NtfsImage::Link(const std::u16string& from, const std::u16string& to) {
  const auto [parent, name] = SplitLast(to);
  With(parent, "link", [&, &wanted = name](ntfs_inode* directory) {
    ntfs_inode* inode = ntfs_inode_open(volume_, references_.at(from));
    Units units(wanted);
    if (inode == nullptr) return false;
    const bool linked = ntfs_link(inode, directory, units.get(), units.size()) == 0;
    return ntfs_inode_close_in_dir(inode, directory) == 0 && linked;
  });
  references_[to] = references_.at(from);
}

// The library closes both.
void NtfsImage::ShortName(const std::u16string& path, const std::string& name) {
  ntfs_inode* directory = ntfs_inode_open(volume_, references_.at(SplitLast(path).first));
  ntfs_inode* inode = ntfs_inode_open(volume_, references_.at(path));
  if (directory == nullptr || inode == nullptr) FailImage("short name");
  if (ntfs_set_ntfs_dos_name(inode, directory, name.data(), name.size(), 0) != 0) {
    FailImage("short name");
  }
}

bool NtfsImage::FillStream(ntfs_inode* inode, const ImageStream& stream) {
  const OpenAttribute data = OpenData(inode, stream.name);
  if (!data) return false;
  const uint64_t end =
      stream.ranges.empty() ? 0 : stream.ranges.back().first + stream.ranges.back().second.size();
  const auto size = static_cast<s64>(stream.size.value_or(end));
  if (stream.valid) {
    if (ntfs_attr_force_non_resident(data.get()) != 0) return false;
    if (ntfs_attr_truncate_solid(data.get(), size) != 0) return false;
  } else if (!stream.holes && !stream.compressed && size > 0) {
    if (ntfs_attr_truncate_solid(data.get(), size) != 0) return false;
  }
  for (const auto& [offset, bytes] : stream.ranges) {
    if (!WriteAll(data.get(), offset, bytes)) return false;
  }
  if (stream.compressed && ntfs_attr_pclose(data.get()) != 0) return false;
  return data->data_size == size || ntfs_attr_truncate(data.get(), size) == 0;
}

void NtfsImage::AddStream(const std::u16string& path, const ImageStream& stream) {
  With(path, "stream", [&](ntfs_inode* inode) {
    Units units(stream.name);
    if (!stream.name.empty() &&
        ntfs_attr_add(inode, AT_DATA, units.get(), units.size(), nullptr, 0) != 0) {
      return false;
    }
    if (!stream.compressed) return FillStream(inode, stream);
    const ntfs::VolumeFlag compressing(volume_, NV_Compression, true);
    inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_COMPRESSED);
    return ntfs_attr_set_flags(inode, AT_DATA, units.get(), units.size(), ATTR_IS_COMPRESSED,
                               ATTR_COMPRESSION_MASK) == 0 &&
           FillStream(inode, stream);
  });
  if (!stream.valid) return;
  PatchStream(path, stream.name, [&](ATTR_RECORD* record, MFT_RECORD*) {
    record->initialized_size = cpu_to_le64(*stream.valid);
  });
}

void NtfsImage::PatchStream(const std::u16string& path, const std::u16string& stream,
                            const std::function<void(ATTR_RECORD*, MFT_RECORD*)>& patch) {
  With(path, "patch", [&](ntfs_inode* inode) {
    Units units(stream);
    ntfs_attr_search_ctx* search = ntfs_attr_get_search_ctx(inode, nullptr);
    const bool found = ntfs_attr_lookup(AT_DATA, units.get(), units.size(), CASE_SENSITIVE, 0,
                                        nullptr, 0, search) == 0;
    if (found) {
      patch(search->attr, search->mrec);
      ntfs_inode_mark_dirty(search->ntfs_ino);
      if (stream.empty()) inode->data_size = static_cast<s64>(le64_to_cpu(search->attr->data_size));
      MarkDirty(inode);
    }
    ntfs_attr_put_search_ctx(search);
    return found;
  });
}

// A hole is made and filled.
void NtfsImage::FlagSparse(const std::u16string& path, const std::u16string& stream) {
  With(path, "sparse", [&](ntfs_inode* inode) {
    const OpenAttribute data = OpenData(inode, stream);
    const std::string cluster(volume_->cluster_size, 's');
    const std::string four = cluster + cluster + cluster + cluster;
    return data && WriteAll(data.get(), 3 * cluster.size(), cluster) &&
           WriteAll(data.get(), 0, four);
  });
}

void NtfsImage::CompressDirectory(const std::u16string& path) {
  const ntfs::VolumeFlag compressing(volume_, NV_Compression, true);
  With(path, "compressed directory", [](ntfs_inode* inode) {
    const le32 attributes = cpu_to_le32(0x800u);
    return ntfs_set_ntfs_attrib(inode, reinterpret_cast<const char*>(&attributes),
                                sizeof attributes, 0) == 0;
  });
}

void NtfsImage::Encrypt(const std::u16string& path, const std::string& efs_metadata) {
  With(path, "encrypt", [&](ntfs_inode* inode) {
    return ntfs_set_efs_info(inode, efs_metadata.data(), efs_metadata.size(), 0) == 0;
  });
}

void NtfsImage::EncryptStream(const std::u16string& path, const std::u16string& stream,
                              uint64_t size, uint64_t valid) {
  With(path, "non-resident", [&](ntfs_inode* inode) {
    const OpenAttribute data = OpenData(inode, stream);
    return data && (NAttrNonResident(data.get()) || ntfs_attr_force_non_resident(data.get()) == 0);
  });
  PatchStream(path, stream, [&](ATTR_RECORD* record, MFT_RECORD*) {
    record->flags = static_cast<ATTR_FLAGS>(record->flags | ATTR_IS_ENCRYPTED);
    record->data_size = cpu_to_le64(size);
    record->initialized_size = cpu_to_le64(valid);
  });
}

void NtfsImage::AddEfs(const std::u16string& path, const std::string& efs_metadata) {
  With(path, "$EFS", [&](ntfs_inode* inode) {
    Units name(u"$EFS");
    inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_ENCRYPTED);
    MarkDirty(inode);
    return ntfs_attr_add(inode, AT_LOGGED_UTILITY_STREAM, name.get(), name.size(),
                         reinterpret_cast<const u8*>(efs_metadata.data()),
                         static_cast<s64>(efs_metadata.size())) == 0;
  });
}

void NtfsImage::SetSecurity(const std::u16string& path, std::string_view descriptor) {
  With(path, "security descriptor", [&](ntfs_inode* inode) {
    SECURITY_CONTEXT context{};
    context.vol = volume_;
    return ntfs_set_ntfs_acl(&context, inode, descriptor.data(), descriptor.size(), 0) == 0;
  });
}

void NtfsImage::SetEa(const std::u16string& path, std::string_view list) {
  With(path, "EA", [&](ntfs_inode* inode) {
    return ntfs_set_ntfs_ea(inode, list.data(), list.size(), 0) == 0;
  });
}

// The library finds its own index files only by names of any case.
void NtfsImage::SetObjectId(const std::u16string& path, std::string_view id) {
  const ntfs::VolumeFlag any_case(volume_, NV_CaseSensitive, false);
  With(path, "object id", [&](ntfs_inode* inode) {
    return ntfs_set_ntfs_object_id(inode, id.data(), id.size(), 0) == 0;
  });
}

void NtfsImage::SetReparse(const std::u16string& path, std::string_view buffer) {
  const ntfs::VolumeFlag any_case(volume_, NV_CaseSensitive, false);
  With(path, "reparse data", [&](ntfs_inode* inode) {
    return ntfs_set_ntfs_reparse_data(inode, buffer.data(), buffer.size(), 0) == 0;
  });
}

void NtfsImage::SetAttributesAndTimes(const std::u16string& path, uint32_t attributes,
                                      uint64_t first_time) {
  With(path, "times", [&](ntfs_inode* inode) {
    inode->flags =
        static_cast<FILE_ATTR_FLAGS>(static_cast<u32>(inode->flags) | cpu_to_le32(attributes));
    inode->creation_time = cpu_to_le64(first_time);
    inode->last_data_change_time = cpu_to_le64(first_time + 1);
    inode->last_mft_change_time = cpu_to_le64(first_time + 12'345'678);
    inode->last_access_time = cpu_to_le64(first_time + 23'456'789'012);
    MarkDirty(inode);
    return true;
  });
}

std::vector<std::pair<uint64_t, uint64_t>> NtfsImage::MetadataPlaces() {
  std::vector<std::pair<uint64_t, uint64_t>> places = {{0, 512}};
  const auto records = static_cast<uint64_t>(volume_->mft_na->data_size) /
                       static_cast<uint64_t>(volume_->mft_record_size);
  for (uint64_t record = 0; record < records; ++record) {
    ntfs_inode* inode = ntfs_inode_open(volume_, record);
    if (inode == nullptr) continue;
    // The log is of no interest, nor are the first records of the mirror and the boot sector.
    const bool taken = record != FILE_LogFile && record != FILE_Boot;
    ntfs_attr_search_ctx* search = ntfs_attr_get_search_ctx(inode, nullptr);
    while (taken && ntfs_attrs_walk(search) == 0) {
      const ATTR_RECORD* attribute = search->attr;
      const bool is_data = attribute->type == AT_DATA && record >= kFirstUserRecord;
      if (attribute->non_resident == 0 || is_data) continue;
      runlist_element* runs = ntfs_mapping_pairs_decompress(volume_, attribute, nullptr);
      for (const runlist_element* run = runs; run != nullptr && run->length > 0; ++run) {
        if (run->lcn < 0) continue;
        places.emplace_back(static_cast<uint64_t>(run->lcn) * volume_->cluster_size,
                            static_cast<uint64_t>(run->length) * volume_->cluster_size);
      }
      std::free(runs);
    }
    ntfs_attr_put_search_ctx(search);
    ntfs_inode_close(inode);
  }
  return places;
}

}  // namespace tapir::test
