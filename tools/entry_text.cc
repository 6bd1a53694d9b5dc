#include "tools/entry_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/escape.h"
#include "tools/sis_list.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

std::string_view StatusName(ObjectStatus status) {
  switch (status) {
    case ObjectStatus::kOk: return "ok";
    case ObjectStatus::kChanged: return "changed";
    case ObjectStatus::kShort: return "short";
    case ObjectStatus::kUnreadable: return "unreadable";
    case ObjectStatus::kContinued: return "continued";
  }
  return "unknown";
}

char TypeLetter(ObjectType type) {
  switch (type) {
    case ObjectType::kRegular: return '-';
    case ObjectType::kDirectory: return 'd';
    case ObjectType::kSymlink: return 'l';
    case ObjectType::kHardLink: return 'h';
    case ObjectType::kFifo: return 'p';
    case ObjectType::kCharDevice: return 'c';
    case ObjectType::kBlockDevice: return 'b';
    case ObjectType::kTombstone: return 'x';
    case ObjectType::kExcluded: return 'e';
  }
  return '?';
}

/// "drwxr-sr-t"
std::string ModeText(const Entry& entry) {
  constexpr std::string_view kBits = "rwxrwxrwx";
  std::string text(1, TypeLetter(entry.type));
  for (unsigned bit = 0; bit < kBits.size(); ++bit) {
    const bool set = (entry.mode >> (8 - bit) & 1u) != 0;
    text += set ? kBits[bit] : '-';
  }
  const auto special = [&](uint32_t mask, size_t place, char with_execute, char without) {
    if ((entry.mode & mask) != 0) text[place] = text[place] == 'x' ? with_execute : without;
  };
  special(04000, 3, 's', 'S');
  special(02000, 6, 's', 'S');
  special(01000, 9, 't', 'T');
  return text;
}

bool HasDigest(std::span<const std::byte> digest) {
  return std::any_of(digest.begin(), digest.end(), [](std::byte b) { return b != std::byte{0}; });
}

}  // namespace

std::string_view TypeName(ObjectType type) {
  switch (type) {
    case ObjectType::kRegular: return "file";
    case ObjectType::kDirectory: return "directory";
    case ObjectType::kSymlink: return "symlink";
    case ObjectType::kHardLink: return "hard_link";
    case ObjectType::kFifo: return "fifo";
    case ObjectType::kCharDevice: return "char_device";
    case ObjectType::kBlockDevice: return "block_device";
    case ObjectType::kTombstone: return "tombstone";
    case ObjectType::kExcluded: return "excluded";
  }
  return "unknown";
}

void PathMemory::Remember(const ListedEntry& listed) {
  const Entry& entry = listed.entry;
  // What others can be hard links to.
  if (entry.type == ObjectType::kDirectory || entry.type >= ObjectType::kTombstone) return;
  Session& session = sessions_[{listed.session_number, listed.last_volume}];
  const bool in_order = session.places.empty() || session.places.back().ordinal < entry.ordinal;
  if (!in_order) return;
  session.places.push_back({entry.ordinal, session.paths.size()});
  session.paths += entry.path;
}

std::string_view PathMemory::PrimaryOf(const ListedEntry& link) const {
  const auto found = sessions_.find({link.session_number, link.last_volume});
  if (found == sessions_.end()) return {};
  const auto& [places, paths] = found->second;
  const auto place =
      std::lower_bound(places.begin(), places.end(), link.entry.link_ordinal,
                       [](const Place& left, uint64_t ordinal) { return left.ordinal < ordinal; });
  if (place == places.end() || place->ordinal != link.entry.link_ordinal) return {};
  const auto next = std::next(place);
  const size_t end = next == places.end() ? paths.size() : next->begin;
  return std::string_view(paths).substr(place->begin, end - place->begin);
}

Json EntryAsObject(const ListedEntry& listed, std::string_view primary) {
  const Entry& entry = listed.entry;
  Json object;
  PutName(object, "path", entry.path);
  object["type"] = TypeName(entry.type);
  object["size"] = entry.size;
  object["mtime_ns"] = Nanoseconds(entry.mtime);
  object["mode"] = entry.mode;
  object["uid"] = entry.uid;
  object["gid"] = entry.gid;
  if (entry.type == ObjectType::kRegular && entry.status != ObjectStatus::kUnreadable) {
    object["xxh128"] = Hex(entry.xxh128);
    if (HasDigest(entry.sha256)) object["sha256"] = Hex(entry.sha256);
    if (entry.map_digest) object["map_digest"] = true;
  }
  if (entry.type == ObjectType::kSymlink) PutName(object, "target", entry.link_target);
  if (entry.type == ObjectType::kHardLink) {
    object["link_ordinal"] = entry.link_ordinal;
    if (!primary.empty()) PutName(object, "hard_link", primary);
  }
  if (entry.file_attributes != 0) object["file_attributes"] = entry.file_attributes;
  if (entry.reparse_tag != 0) object["reparse_tag"] = entry.reparse_tag;
  if (entry.sis.role != SisRole::kNone) object["sis_role"] = SisRoleName(entry.sis.role);
  if (!entry.sis.files.empty()) object["sis_files"] = entry.sis.files;
  if (entry.excluded_by) object["rule"] = *entry.excluded_by;
  if (entry.status != ObjectStatus::kOk) object["status"] = StatusName(entry.status);
  if (entry.fragment) object["fragment_offset"] = entry.fragment_offset;
  object["session"] = listed.session_number;
  object["volume"] = listed.first_volume;
  if (listed.last_volume != listed.first_volume) object["last_volume"] = listed.last_volume;
  object["ordinal"] = entry.ordinal;
  if (listed.torn) object["torn"] = true;
  return object;
}

void LongLines::AppendName(std::string& out, std::string_view name) const {
  if (escape_) {
    AppendEscaped(out, name);
  } else {
    out += name;
  }
}

void LongLines::Append(std::string& out, const ListedEntry& listed, std::string_view primary) {
  const Entry& entry = listed.entry;
  if (with_session_) fmt::format_to(std::back_inserter(out), "{:>3} ", listed.session_number);
  const std::string owner = fmt::format("{}/{}", entry.uid, entry.gid);
  const std::string size = std::to_string(entry.size);
  owner_and_size_width_ = std::max(owner_and_size_width_, owner.size() + 1 + size.size());
  fmt::format_to(std::back_inserter(out), "{} {}{:>{}} {} ", ModeText(entry), owner, size,
                 owner_and_size_width_ - owner.size(), FormatLocalTime(entry.mtime));
  AppendName(out, entry.path);
  const std::string_view target =
      entry.type == ObjectType::kHardLink ? primary : std::string_view(entry.link_target);
  if (target.empty()) return;
  out += entry.type == ObjectType::kHardLink ? " link to " : " -> ";
  AppendName(out, target);
}

bool HasPlainDigest(const Entry& entry, DigestKind kind) {
  if (entry.status == ObjectStatus::kContinued) return false;
  return entry.type == ObjectType::kRegular && entry.status != ObjectStatus::kUnreadable &&
         !entry.map_digest && (kind == DigestKind::kXxh128 || HasDigest(entry.sha256));
}

void AppendDigestLine(std::string& out, const Entry& entry, DigestKind kind) {
  const bool is_sha256 = kind == DigestKind::kSha256;
  const bool escape = entry.path.find('\n') != std::string::npos ||
                      (is_sha256 && entry.path.find_first_of("\\\r") != std::string::npos);
  if (escape) out += '\\';
  out += is_sha256 ? Hex(entry.sha256) : Hex(entry.xxh128);
  out += "  ";
  for (char byte : entry.path) {
    if (escape && byte == '\n') {
      out += "\\n";
    } else if (escape && byte == '\r') {
      out += "\\r";
    } else if (escape && byte == '\\') {
      out += "\\\\";
    } else {
      out += byte;
    }
  }
  out += '\n';
}

}  // namespace tapir::cli
