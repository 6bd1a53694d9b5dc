#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bytes/checksum.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/object/object_source.h"
#include "windows/efs_raw_reader.h"

namespace tapir {

/// What an encrypted file is without any key, however a raw export of it is cut into segments.
struct RawExportSums {
  struct Stream {
    bool encrypted = false;
    bool sparse = false;
    uint64_t size = 0;         ///< bytes of plaintext
    uint64_t valid_bytes = 0;  ///< valid data length
    /// Of what is stored up to there and of the places of its ranges: in ciphertext a hole is not
    /// the same as zeros.
    Digest128 stored{};
  };

  std::string efs_metadata;
  std::map<std::string, Stream> streams;  ///< by name, which is empty for the contents

  bool is_directory() const { return !streams.contains(std::string()); }
};

/// Digests a stream given as data at ascending offsets, with their places. Single-thread.
class RangeDigester {
 public:
  RangeDigester() : digester_(false) {}

  void Data(uint64_t offset_bytes, ByteSpan bytes);
  Digest128 Finish();
  /// A second digester that has been fed the same.
  RangeDigester Fork() const;
  uint64_t end_bytes() const { return end_; }

 private:
  void CloseRange();

  StreamDigester digester_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
};

/// Sums up a raw export that comes in pieces of any size. Single-thread.
class RawExportSummer final : private EfsRawVisitor {
 public:
  RawExportSummer() : reader_(*this) {}
  RawExportSummer(const RawExportSummer&) = delete;
  RawExportSummer& operator=(const RawExportSummer&) = delete;

  void Feed(ByteSpan bytes) { failed_ |= !reader_.Feed(bytes).ok(); }
  /// Call once, behind the last bytes. Nothing if it is malformed.
  std::optional<RawExportSums> Finish();

 private:
  Status OnMetadata(uint64_t place, ByteSpan bytes) override;
  Status OnMetadataEnd() override { return OkStatus(); }
  Status OnStream(const EfsRawStreamHeader& stream) override;
  Status OnSegment(const EfsRawSegment& segment) override;
  Status OnData(uint64_t offset, ByteSpan bytes) override;
  Status OnStreamEnd() override;
  Status OnFinding(Finding finding) override;
  uint64_t ValidEnd() const;

  EfsRawReader reader_;
  bool failed_ = false;
  RawExportSums sums_;
  std::string name_;  ///< of the stream that comes
  RawExportSums::Stream stream_;
  RangeDigester valid_;  ///< of what counts by the valid data length that is known so far
  std::optional<RangeDigester> beyond_;  ///< of the rest too, which counts if that grows
};

/// The same of an encrypted file of a volume. What reading it fails with, or `advance`, which is
/// called with the number of bytes behind it.
Result<RawExportSums> SumEncrypted(SourceObject& object, const Metadata& metadata,
                                   const std::function<Status(uint64_t)>& advance);

/// Adds what differs.
void CompareSums(const RawExportSums& archived, const RawExportSums& live, const std::string& path,
                 std::vector<Difference>& out);

}  // namespace tapir
