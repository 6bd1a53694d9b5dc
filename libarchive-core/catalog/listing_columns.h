#pragma once

#include <cstdint>
#include <span>

#include "bytes/cursor.h"
#include "object/index_columns.h"
#include "tapir/object/entry.h"

namespace tapir::catalog {

/// A number that every entry of a listing page has.
struct NumberColumn {
  /// As it is written; the entry before it is an empty one for the first.
  uint64_t (*get)(const Entry& entry, const Entry& before);
  /// False if the value is out of range.
  bool (*set)(Entry& entry, const Entry& before, uint64_t value);
};

/// In the order in which they stand in the page.
std::span<const NumberColumn> NumberColumns();

/// What only entries of some kinds have; their numbers are there already.
void PutOwn(const Entry& entry, WriteCursor& to);
/// Fails the cursor for what is out of range.
void TakeOwn(Entry& entry, ReadCursor& from);

/// False: the session has none of this file.
inline bool HasSha256(const Entry& entry) { return !AllZero(entry.sha256); }

}  // namespace tapir::catalog
