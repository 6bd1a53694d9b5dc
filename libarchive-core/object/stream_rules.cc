#include "object/stream_rules.h"

#include <algorithm>

namespace tapir {
namespace {

bool Declares(const Metadata& metadata, uint32_t number) {
  const auto found =
      std::ranges::lower_bound(metadata.further_streams, number, {}, &FurtherStream::number);
  return found != metadata.further_streams.end() && found->number == number;
}

// Of ciphertext not all is archived, and a fragment is not all of its stream.
Status CheckNtfsSizes(const Metadata& metadata, const ObjectEnd& end) {
  const bool whole = end.status == ObjectStatus::kOk && !metadata.fragment_offset;
  if (!metadata.ntfs || !whole) return OkStatus();
  for (const StreamEnd& stream : end.streams) {
    const NtfsStream* state = metadata.ntfs->stream(stream.stream_number);
    if (state != nullptr && !state->encrypted && state->size != stream.size) {
      return Corrupt("NTFS_STREAM and STREAM_END tell different sizes");
    }
  }
  return OkStatus();
}

}  // namespace

bool HasStream(const Metadata& metadata, uint32_t number) {
  const bool regular = metadata.type == ObjectType::kRegular;
  if (number == 0) return regular;
  return (regular || metadata.type == ObjectType::kDirectory) && Declares(metadata, number);
}

Status CheckNtfsStreams(const Metadata& metadata) {
  if (!metadata.ntfs) return OkStatus();
  for (const NtfsStream& stream : metadata.ntfs->streams) {
    // Further names of a file repeat what is told of its streams.
    const bool known = stream.number == 0 ? metadata.type != ObjectType::kDirectory
                                          : Declares(metadata, stream.number);
    if (!known) return Corrupt("NTFS_STREAM of a stream that the object has not");
  }
  return OkStatus();
}

Status CheckStreams(const Metadata& metadata, const ObjectEnd& end) {
  const auto has = [&](const StreamEnd& one) { return HasStream(metadata, one.stream_number); };
  if (!std::ranges::all_of(end.streams, has)) {
    return Corrupt("OBJECT_END speaks of a stream that the object has not");
  }
  size_t expected = metadata.type == ObjectType::kRegular ? 1 : 0;
  if (metadata.type != ObjectType::kHardLink) expected += metadata.further_streams.size();
  // What could not be opened was declared as far as it was known.
  if (end.status != ObjectStatus::kUnreadable && end.streams.size() < expected) {
    return Corrupt("OBJECT_END leaves out a stream of the object");
  }
  return CheckNtfsSizes(metadata, end);
}

}  // namespace tapir
