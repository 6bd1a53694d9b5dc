#include "catalog/listing_columns.h"

#include <array>
#include <limits>

namespace tapir::catalog {
namespace {

// Differences are taken modulo 2^64, so that any two values have one; small ones of either sign are
// short.
uint64_t ToDelta(uint64_t value, uint64_t before) {
  const auto difference = static_cast<int64_t>(value - before);
  return (static_cast<uint64_t>(difference) << 1) ^ static_cast<uint64_t>(difference >> 63);
}
uint64_t FromDelta(uint64_t delta, uint64_t before) {
  return before + ((delta >> 1) ^ (~(delta & 1) + 1));
}

template <uint64_t Entry::*kField>
constexpr NumberColumn DeltaColumn() {
  return {[](const Entry& entry, const Entry& before) {
            return ToDelta(entry.*kField, before.*kField);
          },
          [](Entry& entry, const Entry& before, uint64_t value) {
            entry.*kField = FromDelta(value, before.*kField);
            return true;
          }};
}

template <uint32_t Entry::*kField>
constexpr NumberColumn PlainColumn() {
  return {[](const Entry& entry, const Entry&) { return uint64_t{entry.*kField}; },
          [](Entry& entry, const Entry&, uint64_t value) {
            entry.*kField = static_cast<uint32_t>(value);
            return value <= std::numeric_limits<uint32_t>::max();
          }};
}

uint64_t GetType(const Entry& entry, const Entry&) { return static_cast<uint64_t>(entry.type); }
bool SetType(Entry& entry, const Entry&, uint64_t value) {
  entry.type = static_cast<ObjectType>(value);
  const bool is_object = value >= static_cast<uint64_t>(ObjectType::kRegular) &&
                         value <= static_cast<uint64_t>(ObjectType::kBlockDevice);
  return is_object || value == static_cast<uint64_t>(ObjectType::kTombstone) ||
         value == static_cast<uint64_t>(ObjectType::kExcluded);
}

uint64_t GetStatus(const Entry& entry, const Entry&) { return static_cast<uint64_t>(entry.status); }
bool SetStatus(Entry& entry, const Entry&, uint64_t value) {
  entry.status = static_cast<ObjectStatus>(value);
  return value <= static_cast<uint64_t>(ObjectStatus::kContinued);
}

// Bits as in the index of a volume, but for those of the status.
uint64_t GetFlags(const Entry& entry, const Entry&) {
  uint64_t flags = 0;
  if (entry.path_encoding == PathEncoding::kWtf8) flags |= kEntryWtf8;
  if (entry.map_digest) flags |= kEntryMapDigest;
  if (entry.has_reference()) flags |= kEntryHasReference;
  if (entry.has_further_streams) flags |= kEntryFurtherStreams;
  if (entry.whole_reference) flags |= kEntryWholeReference;
  if (entry.fragment) flags |= kEntryFragment;
  return flags;
}
bool SetFlags(Entry& entry, const Entry&, uint64_t value) {
  entry.path_encoding = (value & kEntryWtf8) != 0 ? PathEncoding::kWtf8 : PathEncoding::kBytes;
  entry.map_digest = (value & kEntryMapDigest) != 0;
  entry.has_further_streams = (value & kEntryFurtherStreams) != 0;
  entry.whole_reference = (value & kEntryWholeReference) != 0;
  entry.fragment = (value & kEntryFragment) != 0;
  // Its length comes later; until then 1 says that there is one.
  const bool partial = (value & kEntryHasReference) != 0 && !entry.whole_reference;
  entry.reference_bytes = partial ? 1 : 0;
  return value <= 0xFF && (value & kEntryStatusMask) == 0 &&
         (!entry.whole_reference || (value & kEntryHasReference) != 0);
}

uint64_t GetSeconds(const Entry& entry, const Entry& before) {
  return ToDelta(static_cast<uint64_t>(entry.mtime.seconds),
                 static_cast<uint64_t>(before.mtime.seconds));
}
bool SetSeconds(Entry& entry, const Entry& before, uint64_t value) {
  entry.mtime.seconds =
      static_cast<int64_t>(FromDelta(value, static_cast<uint64_t>(before.mtime.seconds)));
  return true;
}

uint64_t GetNanoseconds(const Entry& entry, const Entry&) { return entry.mtime.nanoseconds; }
bool SetNanoseconds(Entry& entry, const Entry&, uint64_t value) {
  entry.mtime.nanoseconds = static_cast<uint32_t>(value);
  return value < kNanosecondsPerSecond;
}

uint64_t GetSis(const Entry& entry, const Entry&) { return SisByte(entry.sis); }
bool SetSis(Entry& entry, const Entry&, uint64_t value) {
  entry.sis.role = static_cast<SisRole>(value & kSisRoleMask);
  entry.sis.pairing = static_cast<SisPairing>(value >> kSisPairingShift);
  return value <= 0xFF && entry.sis.role <= SisRole::kOtherFile &&
         entry.sis.pairing <= SisPairing::kOpaque;
}

uint64_t GetExcludedBy(const Entry& entry, const Entry&) {
  return entry.excluded_by ? *entry.excluded_by + uint64_t{1} : 0;
}
bool SetExcludedBy(Entry& entry, const Entry&, uint64_t value) {
  if (value > 0) entry.excluded_by = static_cast<uint32_t>(value - 1);
  return value <= std::numeric_limits<uint32_t>::max();
}

constexpr std::array kNumberColumns = {
    NumberColumn{GetType, SetType},
    NumberColumn{GetStatus, SetStatus},
    NumberColumn{GetFlags, SetFlags},
    DeltaColumn<&Entry::ordinal>(),
    PlainColumn<&Entry::mode>(),
    PlainColumn<&Entry::uid>(),
    PlainColumn<&Entry::gid>(),
    DeltaColumn<&Entry::size>(),
    NumberColumn{GetSeconds, SetSeconds},
    NumberColumn{GetNanoseconds, SetNanoseconds},
    DeltaColumn<&Entry::block_object>(),
    DeltaColumn<&Entry::block_unit>(),
    PlainColumn<&Entry::file_attributes>(),
    PlainColumn<&Entry::reparse_tag>(),
    NumberColumn{GetSis, SetSis},
    NumberColumn{GetExcludedBy, SetExcludedBy},
};

void PutText(std::string_view text, WriteCursor& to) {
  to.Varint(text.size());
  to.Text(text);
}
std::string TakeText(ReadCursor& from) { return std::string(from.ReadText(from.Varint())); }

}  // namespace

std::span<const NumberColumn> NumberColumns() { return kNumberColumns; }

void PutOwn(const Entry& entry, WriteCursor& to) {
  if (HasLink(entry)) to.Varint(ToDelta(entry.link_ordinal, entry.ordinal));
  if (entry.has_reference() && !entry.whole_reference) to.Varint(entry.reference_bytes);
  if (entry.type == ObjectType::kSymlink) PutText(entry.link_target, to);
  if (entry.fragment) to.Varint(entry.fragment_offset);
  if (entry.sis.role == SisRole::kLink) {
    to.Varint(entry.sis.files.size());
    for (const std::string& file : entry.sis.files) PutText(file, to);
  }
}

void TakeOwn(Entry& entry, ReadCursor& from) {
  if (HasLink(entry)) entry.link_ordinal = FromDelta(from.Varint(), entry.ordinal);
  if (entry.has_reference() && !entry.whole_reference) {
    entry.reference_bytes = from.Varint();
    if (entry.reference_bytes == 0) from.Fail();
  }
  if (entry.whole_reference) entry.reference_bytes = entry.size;
  if (entry.type == ObjectType::kSymlink) entry.link_target = TakeText(from);
  if (entry.fragment) entry.fragment_offset = from.Varint();
  if (entry.sis.role == SisRole::kLink) {
    for (uint64_t count = from.Varint(); count > 0 && from.ok(); --count) {
      entry.sis.files.push_back(TakeText(from));
    }
  }
}

}  // namespace tapir::catalog
