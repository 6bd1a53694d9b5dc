#include "jobs/difference_text.h"

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace tapir {
namespace {

void Add(DifferenceKind kind, const Metadata& archived, std::string text,
         std::vector<Difference>& out) {
  out.push_back({kind, archived.path, std::move(text)});
}

// In UTC, with all nanoseconds: a difference may be there alone.
std::string TimeInWords(const Timestamp& time) {
  std::tm parts{};
  std::time_t seconds = time.seconds;
  if (::gmtime_r(&seconds, &parts) == nullptr) return fmt::format("second {}", time.seconds);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + int64_t{1900},
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     time.nanoseconds);
}

std::string OwnerInWords(const Metadata& metadata) {
  auto one = [](uint32_t id, const std::string& name) {
    return name.empty() ? std::to_string(id) : fmt::format("{} ({})", id, name);
  };
  return one(metadata.uid, metadata.owner_name) + ":" + one(metadata.gid, metadata.group_name);
}

bool IsDevice(ObjectType type) {
  return type == ObjectType::kCharDevice || type == ObjectType::kBlockDevice;
}

}  // namespace

std::string TypeInWords(ObjectType type) {
  switch (type) {
    case ObjectType::kRegular: return "a regular file";
    case ObjectType::kDirectory: return "a directory";
    case ObjectType::kSymlink: return "a symbolic link";
    case ObjectType::kHardLink: return "a hard link";
    case ObjectType::kFifo: return "a FIFO";
    case ObjectType::kCharDevice: return "a character device";
    case ObjectType::kBlockDevice: return "a block device";
    case ObjectType::kTombstone:
    case ObjectType::kExcluded: break;
  }
  return "nothing";
}

void CompareMetadata(const Metadata& archived, const Metadata& live, std::vector<Difference>& out) {
  if (archived.mode != live.mode) {
    Add(DifferenceKind::kMode, archived,
        fmt::format("mode {:04o} is {:04o} now", archived.mode, live.mode), out);
  }
  if (archived.uid != live.uid || archived.gid != live.gid) {
    Add(DifferenceKind::kOwner, archived,
        fmt::format("owner {} is {} now", OwnerInWords(archived), OwnerInWords(live)), out);
  }
  if (archived.mtime != live.mtime) {
    Add(DifferenceKind::kMtime, archived,
        fmt::format("mtime {} is {} now", TimeInWords(archived.mtime), TimeInWords(live.mtime)),
        out);
  }
  if (archived.type == ObjectType::kSymlink && archived.link_target != live.link_target) {
    Add(DifferenceKind::kTarget, archived,
        fmt::format("target '{}' is '{}' now", archived.link_target, live.link_target), out);
  }
  bool same_device =
      archived.device_major == live.device_major && archived.device_minor == live.device_minor;
  if (IsDevice(archived.type) && !same_device) {
    Add(DifferenceKind::kDevice, archived,
        fmt::format("device {}:{} is {}:{} now", archived.device_major, archived.device_minor,
                    live.device_major, live.device_minor),
        out);
  }
}

void CompareXattrs(const Metadata& archived, const Metadata& live, std::vector<Difference>& out) {
  auto add = [&](const std::string& name, const char* what) {
    Add(DifferenceKind::kXattr, archived, fmt::format("xattr {} {}", name, what), out);
  };
  // Both are sorted by name.
  auto then = archived.xattrs.begin();
  auto now = live.xattrs.begin();
  while (then != archived.xattrs.end() || now != live.xattrs.end()) {
    bool only_then =
        now == live.xattrs.end() || (then != archived.xattrs.end() && then->name < now->name);
    bool only_now = !only_then && (then == archived.xattrs.end() || now->name < then->name);
    if (only_then) {
      add(then++->name, "is gone");
    } else if (only_now) {
      add(now++->name, "is new");
    } else {
      if (then->value != now->value) add(then->name, "has another value");
      ++then;
      ++now;
    }
  }
}

}  // namespace tapir
