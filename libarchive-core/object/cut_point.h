#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "object/content_digester.h"
#include "object/object_records.h"

namespace tapir {

/// What it takes to end a large file behind one of its chunks, and to go on with it on the next
/// volume (format chapter 5.12). Immutable.
struct CutPoint {
  ObjectBegin begin;
  std::string begin_payload;
  uint32_t record_offset = 0;  ///< of OBJECT_BEGIN among the records of its chunk
  std::optional<Reference> reference;
  uint64_t begin_bytes = 0;  ///< of the file before this fragment
  uint64_t end_bytes = 0;    ///< of the file up to here
  ContentDigester fragment;  ///< fed with what lies between
  ContentDigester whole;     ///< fed with all up to here
};

/// The end of a fragment.
struct FragmentEnd {
  std::string end_payload;
  Entry entry;  ///< without its place
  uint64_t size = 0;
};
FragmentEnd EndFragment(const CutPoint& cut, bool with_sha256);

}  // namespace tapir
