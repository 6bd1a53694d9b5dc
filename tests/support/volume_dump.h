#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "object/object_records.h"
#include "tapir/device/block_device.h"

namespace tapir::test {

/// An object as its records tell it.
struct DumpedObject {
  ObjectBegin begin;
  std::optional<ObjectEnd> end;
  std::optional<Reference> reference;
  std::vector<std::pair<uint64_t, std::string>> data;  ///< its own, by offset
  std::vector<OpaqueRecord> opaque;
  Locator chunk;
  uint32_t record_offset = 0;
  uint64_t record_digest = 0;
};

struct DumpedSession {
  SessionId id{};
  std::optional<StartRecord> start;
  std::vector<EndRecord> ends;  ///< each copy that was read
  std::vector<OpaqueRecord> policy;
  std::vector<DumpedObject> objects;
  std::vector<Entry> entries;  ///< of all leaf pages
  uint64_t chunks = 0;
  uint64_t aligned_chunks = 0;
  uint64_t zstd_chunks = 0;

  const DumpedObject* Find(const std::string& path) const;
};

struct VolumeDump {
  std::optional<Label> label;
  std::vector<DumpedSession> sessions;
  std::vector<Damage> damage;  ///< what the chunk reader reported
  /// What decoding found wrong; empty for a whole volume.
  std::vector<std::string> faults;
};

/// Reads a volume forward from its beginning with nothing but chunk reader and record decoders: a
/// plain reader to test the writer with.
VolumeDump DumpVolume(BlockDevice& device);

/// The contents of an object, references followed, holes as zeros.
std::string ContentsOf(const DumpedSession& session, const DumpedObject& object);

/// Everything in a session that disagrees with itself: ordinals, order of paths, stream digests,
/// index entries, END sums. Contents over 64 MiB are digested in pieces.
std::vector<std::string> FaultsOf(const DumpedSession& session);

}  // namespace tapir::test
