#include "ntfs/record.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <map>

#include "bytes/cursor.h"
#include "ntfs/names.h"
#include "tapir/base/limits.h"
#include "tapir/windows/wtf8.h"

namespace tapir::ntfs {
namespace {

constexpr int64_t kMostAttributeBytes = 64 << 10;
constexpr int64_t kMostReparseBytes = 16 << 10;
// What Windows allows; in AttrDef of volumes made elsewhere it may be less.
constexpr int64_t kMostEfsBytes = 256 << 10;
constexpr size_t kObjectIdBytes = 64;
constexpr size_t kMostStreams = limits::kMaxStreams - 1;

std::string Wtf8Of(const void* units, size_t count) { return Wtf8(NameFrom(units, count)); }

// The field is packed.
const void* NameOf(const FILE_NAME_ATTR* name) {
  return reinterpret_cast<const std::byte*>(name) + offsetof(FILE_NAME_ATTR, file_name);
}

// Reads one record under the volume's lock.
class RecordReader {
 public:
  RecordReader(Volume& volume, ntfs_inode* inode, const NamePlace& place)
      : volume_(volume), inode_(inode), place_(place) {}

  Result<ObjectRecord> Read() {
    record_.is_directory = (inode_->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
    TakeStandardInformation();
    TakeNames();
    NtfsMetadata& ntfs = record_.ntfs;
    TakeSecurity();
    TakeObjectId();
    ntfs.extended_attributes =
        Whole(AT_EA, {}, kMostAttributeBytes, "the extended attributes", false);
    ntfs.reparse_data = Whole(AT_REPARSE_POINT, {}, kMostReparseBytes, "the reparse data", true);
    ntfs.efs_metadata = Whole(AT_LOGGED_UTILITY_STREAM, u"$EFS", kMostEfsBytes, "$EFS", true);
    TakeStreams();
    return std::move(record_);
  }

 private:
  void Warn(const std::string& what, int error) {
    record_.warnings.push_back(what + " cannot be read: " +
                               Status::FromErrno(error != 0 ? error : EIO, "").message().substr(2));
  }

  void TakeStandardInformation() {
    NtfsMetadata& ntfs = record_.ntfs;
    ntfs.file_attributes = le32_to_cpu(inode_->flags);
    if (record_.is_directory) ntfs.file_attributes |= kWindowsDirectory;
    ntfs.creation_time = le64_to_cpu(inode_->creation_time);
    ntfs.modification_time = le64_to_cpu(inode_->last_data_change_time);
    ntfs.change_time = le64_to_cpu(inode_->last_mft_change_time);
    ntfs.access_time = le64_to_cpu(inode_->last_access_time);
    ntfs.file_reference = MK_MREF(inode_->mft_no, le16_to_cpu(inode_->mrec->sequence_number));
  }

  Search MakeSearch() { return Search(ntfs_attr_get_search_ctx(inode_, nullptr)); }

  bool Next(ntfs_attr_search_ctx* search, ATTR_TYPES type) {
    return ntfs_attr_lookup(type, nullptr, 0, CASE_SENSITIVE, 0, nullptr, 0, search) == 0;
  }

  void TakeNames() {
    Search search = MakeSearch();
    if (!search) return Warn("its names", errno);
    uint32_t names = 0;
    bool is_both = false;
    std::string short_name;
    while (Next(search.get(), AT_FILE_NAME)) {
      const ATTR_RECORD* attribute = search->attr;
      const uint32_t length = le32_to_cpu(attribute->value_length);
      if (attribute->non_resident != 0 || length < sizeof(FILE_NAME_ATTR)) continue;
      const auto* name = reinterpret_cast<const FILE_NAME_ATTR*>(
          reinterpret_cast<const std::byte*>(attribute) + le16_to_cpu(attribute->value_offset));
      if (length < sizeof(FILE_NAME_ATTR) + name->file_name_length * sizeof(ntfschar)) continue;
      const bool is_short = name->file_name_type == FILE_NAME_DOS;
      if (!is_short) ++names;
      if (MREF_LE(name->parent_directory) != MREF(place_.parent_reference)) continue;
      if (is_short) {
        short_name = Wtf8Of(NameOf(name), name->file_name_length);
        continue;
      }
      const bool is_this = NameFrom(NameOf(name), name->file_name_length) == place_.name;
      if (is_this) type_of_name_ = name->file_name_type;
      is_both |= is_this && name->file_name_type == FILE_NAME_WIN32_AND_DOS;
    }
    record_.link_count = std::max(names, 1u);
    const bool is_root = place_.name == u".";
    if (is_both && !is_root) {
      record_.ntfs.short_name = Wtf8(place_.name);
    } else if (type_of_name_ == FILE_NAME_WIN32) {
      record_.ntfs.short_name = std::move(short_name);
    }
  }

  void TakeSecurity() {
    SECURITY_CONTEXT context{};
    context.vol = volume_.get();
    errno = 0;
    const int size = ntfs_get_ntfs_acl(&context, inode_, nullptr, 0);
    if (size <= 0) {
      if (size < 0) Warn("the security descriptor", -size);
      return;
    }
    std::string bytes(static_cast<size_t>(size), '\0');
    const int got = ntfs_get_ntfs_acl(&context, inode_, bytes.data(), bytes.size());
    if (got != size) return Warn("the security descriptor", errno);
    record_.ntfs.security_descriptor = std::move(bytes);
  }

  // Most of it stands in an index of the volume.
  void TakeObjectId() {
    std::string value(kObjectIdBytes, '\0');
    errno = 0;
    const int size = ntfs_get_ntfs_object_id(inode_, value.data(), value.size());
    if (size > 0 && static_cast<size_t>(size) <= value.size()) {
      record_.ntfs.object_id.assign(value, 0, static_cast<size_t>(size));
    } else if (size < 0 && errno != ENODATA) {
      Warn("the object id", errno);
    }
  }

  void Lose(const std::string& what, bool contents, int error) {
    Warn(what, error);
    if (contents && !record_.is_directory) {
      record_.status = ObjectStatus::kUnreadable;
    } else if (record_.status == ObjectStatus::kOk) {
      record_.status = ObjectStatus::kShort;
    }
  }

  Attribute OpenAttribute(ATTR_TYPES type, std::u16string_view name) {
    LibraryName units(name);
    errno = 0;
    return Attribute(ntfs_attr_open(inode_, type, units.get(), units.size()));
  }

  // The whole value of an attribute, empty if there is none. `meaning`: without it the bytes of a
  // file stand for something else, being ciphertext or the holes of a link.
  std::string Whole(ATTR_TYPES type, std::u16string_view name, int64_t most_bytes, const char* what,
                    bool meaning) {
    const Attribute attribute = OpenAttribute(type, name);
    if (!attribute && errno == ENOENT) return {};
    std::string value;
    int error = errno;
    if (attribute) {
      const s64 size = attribute->data_size;
      error = size < 0 || size > most_bytes ? EFBIG : 0;
      if (error == 0) value.resize(static_cast<size_t>(size));
      if (!value.empty() && ntfs_attr_pread(attribute.get(), 0, size, value.data()) != size) {
        error = EIO;
      }
    }
    if (error == 0) return value;
    Lose(what, meaning, error);
    return {};
  }

  void TakeStreams() {
    Search search = MakeSearch();
    if (!search) return Lose("its data streams", true, errno);
    // An attribute may be cut into several records. Of an empty one the library forgets whether it
    // is compressed when it opens it.
    std::map<std::u16string, bool> seen;
    while (Next(search.get(), AT_DATA) && seen.size() <= kMostStreams) {
      const ATTR_RECORD* attribute = search->attr;
      const auto* name =
          reinterpret_cast<const std::byte*>(attribute) + le16_to_cpu(attribute->name_offset);
      const bool is_compressed = (attribute->flags & ATTR_COMPRESSION_MASK) != 0;
      seen.try_emplace(NameFrom(name, attribute->name_length), is_compressed);
    }
    const bool has_contents = record_.is_directory || seen.contains(std::u16string());
    if (errno != ENOENT) Lose("the list of its data streams", !has_contents, errno);
    uint32_t number = 1;
    for (const auto& [name, is_compressed] : seen) {
      // In this order the unnamed one comes first.
      const bool unnamed = name.empty();
      if (unnamed && record_.is_directory) {
        Lose("an unnamed stream, which a directory has not,", false, EIO);
        continue;
      }
      TakeStream(name, unnamed ? 0 : number++, is_compressed);
    }
    if (!has_contents) record_.streams.insert(record_.streams.begin(), StreamRecord{});
  }

  void TakeStream(const std::u16string& name, uint32_t number, bool is_compressed) {
    const std::string text = Wtf8(name);
    const std::string what = name.empty() ? "the contents" : "stream '" + text + "'";
    Attribute attribute = OpenAttribute(AT_DATA, name);
    const auto lose = [&](int error) { Lose(what, name.empty(), error); };
    if (!attribute) return lose(errno);
    StreamRecord stream;
    stream.head = {number, text};
    NtfsStream& state = stream.state;
    state.number = number;
    state.size = static_cast<uint64_t>(attribute->data_size);
    state.valid_bytes = static_cast<uint64_t>(attribute->initialized_size);
    state.sparse = (attribute->data_flags & ATTR_IS_SPARSE) != 0;
    state.compressed = is_compressed;
    state.encrypted = (attribute->data_flags & ATTR_IS_ENCRYPTED) != 0;
    stream.resident = !NAttrNonResident(attribute.get());
    if (stream.resident) state.valid_bytes = state.size;
    const bool sane = attribute->data_size >= 0 && attribute->initialized_size >= 0 &&
                      state.size <= limits::kMaxStreamBytes && state.valid_bytes <= state.size;
    if (!sane) return lose(EIO);
    stream.archived_bytes =
        state.encrypted ? RoundUp(state.valid_bytes, kEfsUnitBytes) : state.size;
    const bool taken =
        stream.resident ? TakeValue(attribute.get(), stream) : TakeRuns(attribute.get(), stream);
    if (!taken) return lose(errno);
    if (!state.is_plain()) record_.ntfs.streams.push_back(state);
    record_.streams.push_back(std::move(stream));
  }

  static bool TakeValue(ntfs_attr* attribute, StreamRecord& stream) {
    errno = EIO;
    if (attribute->data_size > kMostAttributeBytes) return false;
    stream.archived_bytes = stream.state.size;
    stream.value.resize(static_cast<size_t>(stream.state.size));
    if (stream.value.empty()) return true;
    stream.extents = {{0, stream.state.size}};
    return ReadValue(attribute, stream.value);
  }

  // Not by the library: of ciphertext it makes something of its own.
  static bool ReadValue(ntfs_attr* attribute, std::string& value) {
    Search search(ntfs_attr_get_search_ctx(attribute->ni, nullptr));
    if (!search || ntfs_attr_lookup(AT_DATA, attribute->name, attribute->name_len, CASE_SENSITIVE,
                                    0, nullptr, 0, search.get()) != 0) {
      return false;
    }
    const ATTR_RECORD* record = search->attr;
    if (le32_to_cpu(record->value_length) != value.size()) return false;
    const auto* bytes = reinterpret_cast<const char*>(record) + le16_to_cpu(record->value_offset);
    value.assign(bytes, value.size());
    return true;
  }

  bool TakeRuns(ntfs_attr* attribute, StreamRecord& stream) {
    errno = EIO;
    if (ntfs_attr_map_whole_runlist(attribute) != 0) return false;
    // Ciphertext is valid up to a whole unit.
    const uint64_t end =
        std::min(stream.archived_bytes,
                 RoundUp(stream.state.valid_bytes, stream.state.encrypted ? kEfsUnitBytes : 1));
    const uint64_t cluster = volume_.cluster_bytes();
    const int64_t clusters = static_cast<int64_t>(volume_.cluster_count());
    const runlist_element* run = attribute->rl;
    for (; run != nullptr && run->length > 0; ++run) {
      const uint64_t offset = static_cast<uint64_t>(run->vcn) * cluster;
      if (run->vcn < 0 || offset >= end) break;
      if (run->lcn == LCN_HOLE && !stream.state.compressed) continue;
      if (run->lcn < 0 && run->lcn != LCN_HOLE) return false;
      const bool inside =
          run->lcn <= clusters && run->length <= clusters - std::max<s64>(run->lcn, 0);
      if (!inside) return false;
      AddRun(stream, {offset, std::min(static_cast<uint64_t>(run->length) * cluster, end - offset),
                      static_cast<uint64_t>(std::max<s64>(run->lcn, 0)) * cluster});
    }
    if (stream.state.compressed) {
      TakeCompressedExtents(*attribute, stream, end);
      return true;
    }
    // Only sparse streams have holes: elsewhere clusters are missing from the list.
    uint64_t covered = 0;
    for (const PlacedRange& one : stream.runs) covered += one.length_bytes;
    return stream.state.sparse || covered == end;
  }

  static void AddRun(StreamRecord& stream, const PlacedRange& run) {
    stream.runs.push_back(run);
    AppendExtent(stream.extents, {run.offset_bytes, run.length_bytes});
  }

  // A compression unit without any cluster is a hole; with some it holds data from its beginning.
  void TakeCompressedExtents(const ntfs_attr& attribute, StreamRecord& stream, uint64_t end) {
    const uint64_t unit = attribute.compression_block_size;
    stream.extents.clear();
    if (unit == 0) {
      if (end > 0) stream.extents = {{0, end}};
    }
    for (const runlist_element* run = attribute.rl; unit != 0 && run->length > 0; ++run) {
      if (run->lcn < 0) continue;
      const uint64_t first = static_cast<uint64_t>(run->vcn) * volume_.cluster_bytes();
      const uint64_t past = first + static_cast<uint64_t>(run->length) * volume_.cluster_bytes();
      const uint64_t begin = std::max(first / unit * unit, EndOf(stream.extents));
      const uint64_t stop = std::min(RoundUp(past, unit), end);
      if (begin < stop) AppendExtent(stream.extents, {begin, stop - begin});
    }
    stream.runs.clear();
  }

  static uint64_t EndOf(const std::vector<Extent>& extents) {
    return extents.empty() ? 0 : extents.back().offset_bytes + extents.back().length_bytes;
  }

  Volume& volume_;
  ntfs_inode* inode_;
  const NamePlace& place_;
  ObjectRecord record_;
  uint8_t type_of_name_ = FILE_NAME_POSIX;
};

}  // namespace

const StreamRecord* ObjectRecord::stream(uint32_t number) const {
  const auto found = std::find_if(streams.begin(), streams.end(), [&](const StreamRecord& stream) {
    return stream.head.number == number;
  });
  return found == streams.end() ? nullptr : &*found;
}

Result<ObjectRecord> ReadObject(Volume& volume, uint64_t file_reference, const NamePlace& place) {
  const auto lock = volume.Lock();
  errno = 0;
  const Inode inode(ntfs_inode_open(volume.get(), file_reference));
  if (!inode) return LastError("its record cannot be read");
  return RecordReader(volume, inode.get(), place).Read();
}

}  // namespace tapir::ntfs
