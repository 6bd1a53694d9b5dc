#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "jobs/ordinal_set.h"
#include "jobs/raw_export_sums.h"
#include "object/forward_reader.h"

namespace tapir {

/// What a volume says of the contents of a file.
struct ArchivedContents {
  StreamEnd end;
  std::vector<Extent> extents;  ///< where its data lies; only for digests of the map form
  bool has_data = false;        ///< it is not one hole
};

/// An object as its records tell it, without the contents themselves.
struct ArchivedObject {
  uint64_t ordinal = 0;
  Metadata metadata;
  ObjectStatus status = ObjectStatus::kOk;
  std::optional<ArchivedContents> contents;  ///< hard links: those of the primary
  std::vector<ArchivedContents> further;     ///< of further streams, likewise
  /// Hard links: the primary is looked at too, and has to be the same file.
  bool primary_is_wanted = false;
  /// Of contents that are a raw export; `is_raw_export` alone if it is malformed.
  std::optional<RawExportSums> raw_export = std::nullopt;
  bool is_raw_export = false;
  bool partial = false;          ///< not all of its contents are known here
  bool primary_is_lost = false;  ///< it cannot be read from the volume, and with it the contents
};

/// Which objects of a session are asked for.
struct WantedObjects {
  OrdinalSet wanted;
  OrdinalSet needed;   ///< others refer to their contents
  uint64_t count = 0;  ///< of those wanted
};

/// Makes ArchivedObjects of those of one session that are wanted, as they come. Single-thread.
class ArchivedObjectSink : public ObjectSink {
 public:
  /// `objects` must outlive this.
  ArchivedObjectSink(const WantedObjects& objects, std::vector<Damage>& damages)
      : objects_(objects), damages_(damages) {}

  std::optional<ArchivedObject> TakeReady();

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override;
  Status Begin(const AssembledObject& object) override;
  Status Refer(const AssembledObject& object, const Reference& reference) override;
  Status Data(const AssembledObject& object, uint32_t stream_number, uint64_t offset_bytes,
              ByteSpan data) override;
  Status End(const AssembledObject& object, Proof proof) override;
  void Damaged(const Damage& damage) override { damages_.push_back(damage); }
  void Abandon(const AssembledObject&) override {}
  Status Marker(const ParsedRecord&, const DecodedChunk&) override { return OkStatus(); }
  void Lost(uint64_t, uint64_t) override {}
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }

 private:
  void TakeObject(const ObjectBegin& begin, const ObjectEnd& end);
  void CompleteLink(ArchivedObject& link) const;

  const WantedObjects& objects_;
  std::vector<Damage>& damages_;
  std::deque<ArchivedObject> ready_;
  std::map<uint32_t, std::vector<Extent>> extents_;  ///< of the object that is being read
  std::unique_ptr<RawExportSummer> summer_;          ///< of that object, if it is a raw export
  struct Needed {
    ObjectStatus status = ObjectStatus::kOk;
    std::optional<ArchivedContents> contents;
    std::vector<ArchivedContents> further;
  };
  std::map<uint64_t, Needed> needed_;
};

}  // namespace tapir
