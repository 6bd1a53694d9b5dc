#include "tests/support/ntfs_dump.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "bytes/checksum.h"
#include "bytes/cursor.h"
#include "ntfs/library.h"
#include "ntfs/volume_flag.h"
#include "tapir/windows/wtf8.h"

namespace tapir::test {
namespace {

constexpr size_t kReadablyShort = 40;

using Fields = std::map<std::string, std::string>;

[[noreturn]] void FailDump(const std::string& what) {
  throw std::runtime_error("dump: " + what + ": " + std::strerror(errno));
}

std::string Shown(std::string_view bytes) {
  if (bytes.empty()) return {};
  const std::string digest = std::to_string(Checksum64(AsBytes(bytes)));
  std::string text = std::to_string(bytes.size()) + " bytes " + digest;
  if (bytes.size() > kReadablyShort) return text;
  constexpr char kDigits[] = "0123456789abcdef";
  text += " ";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

struct InodeEnd {
  void operator()(ntfs_inode* inode) const { ntfs_inode_close(inode); }
};
using DumpedInode = std::unique_ptr<ntfs_inode, InodeEnd>;
struct DumpedAttributeEnd {
  void operator()(ntfs_attr* attribute) const { ntfs_attr_close(attribute); }
};
using DumpedAttribute = std::unique_ptr<ntfs_attr, DumpedAttributeEnd>;
struct SearchEnd {
  void operator()(ntfs_attr_search_ctx* search) const { ntfs_attr_put_search_ctx(search); }
};
using DumpedSearch = std::unique_ptr<ntfs_attr_search_ctx, SearchEnd>;

struct IndexEnd {
  void operator()(ntfs_index_context* index) const { ntfs_index_ctx_put(index); }
};
using DumpedIndex = std::unique_ptr<ntfs_index_context, IndexEnd>;

std::u16string UnitsOf(const void* units, size_t count) {
  std::u16string name(count, u'\0');
  if (count > 0) std::memcpy(name.data(), units, 2 * count);
  return name;
}

struct Listed {
  std::vector<std::pair<std::u16string, uint64_t>> names;
};

int TakeListed(void* into, const ntfschar* name, const int length, const int type, const s64,
               const MFT_REF reference, const unsigned) {
  const std::u16string text = UnitsOf(name, static_cast<size_t>(length));
  const bool is_short = (type & 3) == FILE_NAME_DOS;
  if (!is_short && text != u"." && text != u"..") {
    static_cast<Listed*>(into)->names.emplace_back(text, reference);
  }
  return 0;
}

class Dumper {
 public:
  explicit Dumper(const std::string& file) {
    ntfs_set_char_encoding("UTF-8");
    volume_ = ntfs_mount(file.c_str(), NTFS_MNT_RDONLY);
    if (volume_ == nullptr) FailDump("mount of " + file);
    volume_->efs_raw = TRUE;
    // Security descriptors of old volumes stand in each record.
    (void)ntfs_open_secure(volume_);
    ntfs_set_shown_files(volume_, FALSE, TRUE, FALSE);
  }
  ~Dumper() {
    ntfs_close_secure(volume_);
    ntfs_umount(volume_, FALSE);
  }
  Dumper(const Dumper&) = delete;
  Dumper& operator=(const Dumper&) = delete;

  NtfsDump Run() {
    paths_[FILE_root] = ".";
    Walk(FILE_root, ".");
    for (const auto& [record, path] : paths_) {
      try {
        dump_[path] = FieldsOf(references_.at(record));
      } catch (const std::exception& failure) {
        throw std::runtime_error(path + ": " + failure.what());
      }
    }
    return std::move(dump_);
  }

 private:
  DumpedInode OpenInode(uint64_t reference) {
    DumpedInode inode(ntfs_inode_open(volume_, reference));
    if (!inode) FailDump("inode " + std::to_string(MREF(reference)));
    return inode;
  }

  void Walk(uint64_t reference, const std::string& path) {
    references_[MREF(reference)] = reference;
    Listed listed;
    {
      const DumpedInode inode = OpenInode(reference);
      if ((inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) == 0) return;
      s64 position = 0;
      if (ntfs_readdir(inode.get(), &position, &listed, TakeListed) != 0) FailDump("list " + path);
    }
    for (const auto& [name, child] : listed.names) {
      const std::string child_path = path == "." ? Wtf8(name) : path + "/" + Wtf8(name);
      const auto [known, is_new] = paths_.emplace(MREF(child), child_path);
      if (is_new) Walk(child, child_path);
      if (!is_new) known->second = std::min(known->second, child_path);
    }
  }

  Fields FieldsOf(uint64_t reference) {
    const DumpedInode opened = OpenInode(reference);
    ntfs_inode* inode = opened.get();
    Fields fields;
    fields["attributes"] = std::to_string(le32_to_cpu(inode->flags));
    fields["creation_time"] = std::to_string(le64_to_cpu(inode->creation_time));
    fields["modification_time"] = std::to_string(le64_to_cpu(inode->last_data_change_time));
    fields["change_time"] = std::to_string(le64_to_cpu(inode->last_mft_change_time));
    fields["access_time"] = std::to_string(le64_to_cpu(inode->last_access_time));
    fields["names"] = NamesOf(inode);
    fields["stale"] = StaleNamesOf(inode);
    fields["security"] = SecurityOf(inode);
    fields["object_id"] = ObjectIdOf(inode);
    fields["ea"] = Shown(ValueOf(inode, AT_EA, u""));
    fields["ea_information"] = Shown(ValueOf(inode, AT_EA_INFORMATION, u""));
    fields["reparse"] = Shown(ValueOf(inode, AT_REPARSE_POINT, u""));
    fields["efs"] = Shown(ValueOf(inode, AT_LOGGED_UTILITY_STREAM, u"$EFS"));
    if ((inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0) {
      fields["index_flags"] = std::to_string(IndexFlagsOf(inode));
    }
    AddStreams(inode, fields);
    return fields;
  }

  std::string NamesOf(ntfs_inode* inode) {
    const DumpedSearch search(ntfs_attr_get_search_ctx(inode, nullptr));
    std::set<std::string> names;
    while (Next(search, AT_FILE_NAME)) {
      const auto* value = reinterpret_cast<const std::byte*>(search->attr) +
                          le16_to_cpu(search->attr->value_offset);
      const auto* name = reinterpret_cast<const FILE_NAME_ATTR*>(value);
      const std::u16string text =
          UnitsOf(value + offsetof(FILE_NAME_ATTR, file_name), name->file_name_length);
      const auto parent = paths_.find(MREF_LE(name->parent_directory));
      names.insert(std::to_string(name->file_name_type) + ":" +
                   (parent == paths_.end() ? "?" : parent->second) + "/" + Wtf8(text));
    }
    std::string all;
    for (const std::string& name : names) all += name + "\n";
    return all;
  }

  // What directories show of it, where that is not what it has.
  std::string StaleNamesOf(ntfs_inode* inode) {
    const DumpedSearch search(ntfs_attr_get_search_ctx(inode, nullptr));
    std::string stale;
    while (Next(search, AT_FILE_NAME)) {
      auto* value =
          reinterpret_cast<std::byte*>(search->attr) + le16_to_cpu(search->attr->value_offset);
      auto* name = reinterpret_cast<FILE_NAME_ATTR*>(value);
      // The root stands in itself.
      if (MREF_LE(name->parent_directory) == inode->mft_no) continue;
      const DumpedInode parent = OpenInode(MREF_LE(name->parent_directory));
      const DumpedIndex index(ntfs_index_ctx_get(parent.get(), NTFS_INDEX_I30, 4));
      if (!index || ntfs_index_lookup(name, name->file_name_length, index.get()) != 0) {
        stale += "no entry\n";
      } else {
        stale += StaleEntry(inode, *static_cast<const FILE_NAME_ATTR*>(index->data));
      }
    }
    return stale;
  }

  static std::string StaleEntry(const ntfs_inode* inode, const FILE_NAME_ATTR& entry) {
    std::string stale;
    const auto compare = [&](const char* what, uint64_t shown, uint64_t is) {
      if (shown != is) {
        stale += std::string(what) + " " + std::to_string(shown) + " for " + std::to_string(is);
      }
    };
    // Integrity, no scrubbing, pinned or not, recalled on access: the library never puts these into
    // a directory.
    constexpr uint32_t kNeverThere = 0x5A8000;
    constexpr uint32_t kDirectoryEntry = 0x10000000;
    const bool is_directory = (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
    compare("attributes", le32_to_cpu(entry.file_attributes) & ~kDirectoryEntry,
            le32_to_cpu(inode->flags) & ~kNeverThere);
    compare("creation", entry.creation_time, inode->creation_time);
    compare("modification", entry.last_data_change_time, inode->last_data_change_time);
    compare("change", entry.last_mft_change_time, inode->last_mft_change_time);
    compare("access", entry.last_access_time, inode->last_access_time);
    const s64 size = is_directory ? 0 : inode->data_size;
    compare("size", static_cast<uint64_t>(entry.data_size), static_cast<uint64_t>(size));
    return stale;
  }

  static bool Next(const DumpedSearch& search, ATTR_TYPES type) {
    return ntfs_attr_lookup(type, nullptr, 0, CASE_SENSITIVE, 0, nullptr, 0, search.get()) == 0;
  }

  std::string SecurityOf(ntfs_inode* inode) {
    SECURITY_CONTEXT context{};
    context.vol = volume_;
    std::string bytes(70'000, '\0');
    const int size = ntfs_get_ntfs_acl(&context, inode, bytes.data(), bytes.size());
    if (size < 0) FailDump("security descriptor");
    return Shown(std::string_view(bytes).substr(0, static_cast<size_t>(size)));
  }

  std::string ObjectIdOf(ntfs_inode* inode) {
    // The library finds its own index files only by names of any case.
    const ntfs::VolumeFlag any_case(volume_, NV_CaseSensitive, false);
    std::string bytes(64, '\0');
    const int size = ntfs_get_ntfs_object_id(inode, bytes.data(), bytes.size());
    return size <= 0 ? std::string() : Shown(bytes.substr(0, static_cast<size_t>(size)));
  }

  static DumpedAttribute Open(ntfs_inode* inode, ATTR_TYPES type, const std::u16string& name) {
    std::vector<ntfschar> units(name.begin(), name.end());
    return DumpedAttribute(ntfs_attr_open(inode, type, units.empty() ? AT_UNNAMED : units.data(),
                                          static_cast<u32>(units.size())));
  }

  static std::string ValueOf(ntfs_inode* inode, ATTR_TYPES type, const std::u16string& name) {
    const DumpedAttribute attribute = Open(inode, type, name);
    if (!attribute) return {};
    return ReadWhole(attribute.get(), static_cast<uint64_t>(attribute->data_size));
  }

  static std::string ReadWhole(ntfs_attr* attribute, uint64_t size) {
    std::string value(static_cast<size_t>(size), '\0');
    for (size_t done = 0; done < value.size();) {
      const s64 got = ntfs_attr_pread(attribute, static_cast<s64>(done),
                                      static_cast<s64>(value.size() - done), &value[done]);
      if (got <= 0) FailDump("value");
      done += static_cast<size_t>(got);
    }
    return value;
  }

  static unsigned IndexFlagsOf(ntfs_inode* inode) {
    const DumpedSearch search(ntfs_attr_get_search_ctx(inode, nullptr));
    return Next(search, AT_INDEX_ROOT) ? le16_to_cpu(search->attr->flags) : ~0u;
  }

  void AddStreams(ntfs_inode* inode, Fields& fields) {
    std::set<std::u16string> names;
    {
      const DumpedSearch search(ntfs_attr_get_search_ctx(inode, nullptr));
      while (Next(search, AT_DATA)) {
        const auto* name = reinterpret_cast<const std::byte*>(search->attr) +
                           le16_to_cpu(search->attr->name_offset);
        names.insert(UnitsOf(name, search->attr->name_length));
      }
    }
    for (const std::u16string& name : names) {
      const DumpedAttribute stream = Open(inode, AT_DATA, name);
      if (!stream) FailDump("stream");
      const std::string field = "stream:" + Wtf8(name) + ":";
      fields[field + "size"] = std::to_string(stream->data_size);
      fields[field + "flags"] = std::to_string(le16_to_cpu(stream->data_flags));
      AddContents(stream.get(), field, fields);
    }
  }

  void AddContents(ntfs_attr* stream, const std::string& field, Fields& fields) {
    const bool encrypted = (stream->data_flags & ATTR_IS_ENCRYPTED) != 0;
    if (!NAttrNonResident(stream)) {
      fields[field + "contents"] =
          Shown(ReadWhole(stream, static_cast<uint64_t>(stream->data_size)));
      return;
    }
    fields[field + "valid"] = std::to_string(stream->initialized_size);
    if (ntfs_attr_map_whole_runlist(stream) != 0) FailDump("runs");
    const auto valid = static_cast<uint64_t>(stream->initialized_size);
    const std::string raw =
        RawBytes(*stream, encrypted ? RoundUp(valid, 512) : valid, field, fields);
    if (encrypted) {
      fields[field + "raw"] = raw;
    } else if ((stream->data_flags & ATTR_COMPRESSION_MASK) != 0) {
      fields[field + "contents"] =
          Shown(ReadWhole(stream, static_cast<uint64_t>(stream->data_size)));
    } else {
      fields[field + "contents"] = raw;
    }
  }

  // Adjacent runs as one, cut to what is valid; its bytes without the holes.
  std::string RawBytes(const ntfs_attr& stream, uint64_t valid, const std::string& field,
                       Fields& fields) {
    std::string map;
    std::string bytes;
    uint64_t end = ~uint64_t{0};
    const uint64_t cluster = volume_->cluster_size;
    for (const runlist_element* run = stream.rl; run != nullptr && run->length > 0; ++run) {
      if (run->lcn < 0) continue;
      const uint64_t begin = static_cast<uint64_t>(run->vcn) * cluster;
      const uint64_t length = static_cast<uint64_t>(run->length) * cluster;
      if (begin != end)
        map += (map.empty() ? "" : std::to_string(end) + " ") + std::to_string(begin) + "-";
      end = begin + length;
      if (begin >= valid) continue;
      std::string piece(static_cast<size_t>(std::min(length, valid - begin)), '\0');
      const auto size = static_cast<s64>(piece.size());
      if (ntfs_pread(volume_->dev, run->lcn * static_cast<s64>(cluster), size, piece.data()) !=
          size) {
        FailDump("clusters");
      }
      bytes += piece;
    }
    fields[field + "map"] = map.empty() ? map : map + std::to_string(end);
    return Shown(bytes);
  }

  ntfs_volume* volume_ = nullptr;
  NtfsDump dump_;
  std::map<uint64_t, std::string> paths_;  // of the records met
  std::map<uint64_t, uint64_t> references_;
};

std::string FieldOf(const Fields* fields, const std::string& name) {
  if (fields == nullptr) return "(nothing there)";
  const auto found = fields->find(name);
  return found == fields->end() ? "(no such field)" : found->second;
}

}  // namespace

NtfsDump DumpNtfs(const std::string& file) { return Dumper(file).Run(); }

std::vector<std::string> DifferencesOf(const NtfsDump& wanted, const NtfsDump& got,
                                       const Tolerated& tolerated) {
  std::set<std::string> paths;
  for (const auto& [path, fields] : wanted) paths.insert(path);
  for (const auto& [path, fields] : got) paths.insert(path);
  std::vector<std::string> differences;
  for (const std::string& path : paths) {
    const auto left = wanted.find(path);
    const auto right = got.find(path);
    const Fields* of_wanted = left == wanted.end() ? nullptr : &left->second;
    const Fields* of_got = right == got.end() ? nullptr : &right->second;
    std::set<std::string> names;
    for (const Fields* fields : {of_wanted, of_got}) {
      if (fields == nullptr) continue;
      for (const auto& [name, value] : *fields) names.insert(name);
    }
    for (const std::string& name : names) {
      const std::string was = FieldOf(of_wanted, name);
      const std::string is = FieldOf(of_got, name);
      if (was == is || (tolerated && tolerated(path, name))) continue;
      differences.push_back(path + " " + name + ": " + is + " instead of " + was);
    }
  }
  return differences;
}

}  // namespace tapir::test
