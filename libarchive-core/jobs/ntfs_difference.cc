#include "jobs/ntfs_difference.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "tapir/windows/ea_list.h"

namespace tapir {
namespace {

// NTFS has no finer times.
constexpr uint32_t kTickNanoseconds = 100;
constexpr size_t kWholeIdBytes = 64;

class Comparison {
 public:
  Comparison(const Metadata& archived, const Metadata& live, std::vector<Difference>& out)
      : archived_(archived), live_(live), out_(out) {}

  void Run() {
    const NtfsMetadata& then = *archived_.ntfs;
    const NtfsMetadata& now = *live_.ntfs;
    if (then.file_attributes != now.file_attributes) {
      Add(DifferenceKind::kAttributes, fmt::format("attributes 0x{:x} are 0x{:x} now",
                                                   then.file_attributes, now.file_attributes));
    }
    Time("creation", then.creation_time, now.creation_time);
    Time("modification", then.modification_time, now.modification_time);
    Time("change", then.change_time, now.change_time);
    Time("access", then.access_time, now.access_time);
    if (then.short_name != now.short_name) {
      Add(DifferenceKind::kShortName,
          fmt::format("short name '{}' is '{}' now", then.short_name, now.short_name));
    }
    // What came without one is given one by the volume.
    if (!then.security_descriptor.empty()) {
      Bytes(DifferenceKind::kSecurity, "the security descriptor", then.security_descriptor,
            now.security_descriptor);
    }
    Bytes(DifferenceKind::kExtendedAttributes, "extended attributes",
          EaListForm(then.extended_attributes), EaListForm(now.extended_attributes));
    Bytes(DifferenceKind::kObjectId, "the object id", WholeId(then.object_id),
          WholeId(now.object_id));
    Bytes(DifferenceKind::kReparse, "reparse data", then.reparse_data, now.reparse_data);
    Bytes(DifferenceKind::kEncryption, "encryption metadata", then.efs_metadata, now.efs_metadata);
    Streams();
  }

 private:
  void Add(DifferenceKind kind, std::string text) {
    out_.push_back({kind, archived_.path, std::move(text)});
  }

  void Time(const char* which, uint64_t then, uint64_t now) {
    if (then == now) return;
    Add(DifferenceKind::kTimes,
        fmt::format("{} time {} is {} now (100 ns since 1601)", which, then, now));
  }

  void Bytes(DifferenceKind kind, const char* what, const std::string& then,
             const std::string& now) {
    if (then == now) return;
    Add(kind, fmt::format("{} of {} bytes {}", what, then.size(),
                          then.size() == now.size() ? "is another one now"
                                                    : fmt::format("has {} now", now.size())));
  }

  // Parts that a volume does not have are zeros on another one.
  static std::string WholeId(std::string id) {
    if (!id.empty()) id.resize(kWholeIdBytes, '\0');
    return id;
  }

  // Plain streams have no state of their own.
  static NtfsStream StateOf(const NtfsMetadata& ntfs, uint32_t number) {
    const NtfsStream* state = ntfs.stream(number);
    return state != nullptr ? *state : NtfsStream{};
  }

  void Stream(const std::string& name, const NtfsStream& then, const NtfsStream& now) {
    const std::string what = name.empty() ? "the contents" : fmt::format("stream '{}'", name);
    auto flag = [&](bool was, bool is, const char* word) {
      if (was != is) {
        Add(DifferenceKind::kStream, fmt::format("{} {} {}", what, is ? "is" : "is not", word));
      }
    };
    flag(then.sparse, now.sparse, "sparse now");
    flag(then.compressed, now.compressed, "compressed now");
    flag(then.encrypted, now.encrypted, "encrypted now");
    const bool both_known = !then.is_plain() && !now.is_plain();
    if (both_known && then.size != now.size) {
      Add(DifferenceKind::kStream,
          fmt::format("{} of {} bytes has {} now", what, then.size, now.size));
    }
    if (then.size - then.valid_bytes != now.size - now.valid_bytes) {
      Add(DifferenceKind::kStream, what + " has another valid data length now");
    }
  }

  void Streams() {
    Stream({}, StateOf(*archived_.ntfs, 0), StateOf(*live_.ntfs, 0));
    for (const FurtherStream& then : archived_.further_streams) {
      for (const FurtherStream& now : live_.further_streams) {
        if (then.name != now.name) continue;
        Stream(then.name, StateOf(*archived_.ntfs, then.number), StateOf(*live_.ntfs, now.number));
      }
    }
  }

  const Metadata& archived_;
  const Metadata& live_;
  std::vector<Difference>& out_;
};

}  // namespace

void CompareNtfs(const Metadata& archived, const Metadata& live, std::vector<Difference>& out) {
  if (archived.ntfs && live.ntfs) return Comparison(archived, live, out).Run();
  Timestamp then = archived.mtime;
  then.nanoseconds -= then.nanoseconds % kTickNanoseconds;
  if (then == live.mtime) return;
  out.push_back(
      {DifferenceKind::kMtime, archived.path, "the modification time is another one now"});
}

}  // namespace tapir
