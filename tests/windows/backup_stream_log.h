#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/backup_stream.h"

namespace tapir::test {

/// Takes down all that a reader says; data in one piece for each stream.
class BackupStreamLog : public BackupStreamVisitor {
 public:
  struct Stream {
    BackupStreamHeader header;
    uint64_t first_place = 0;
    std::string data;
    bool ended = false;

    bool operator==(const Stream&) const = default;
  };

  Status OnHeader(const BackupStreamHeader& header) override {
    streams.push_back({.header = header});
    next_place_.reset();
    return OkStatus();
  }
  Status OnData(const BackupStreamHeader& /*header*/, uint64_t place, ByteSpan bytes) override {
    Stream& stream = streams.back();
    if (!next_place_) stream.first_place = place;
    if (next_place_.value_or(place) != place) {
      return Internal("data of a stream are not one after another");
    }
    next_place_ = place + bytes.size();
    stream.data += AsText(bytes);
    return OkStatus();
  }
  Status OnEnd(const BackupStreamHeader& /*header*/) override {
    streams.back().ended = true;
    return OkStatus();
  }
  void OnFinding(const Finding& finding) override { findings.push_back(finding); }

  /// Says that data of the current stream were passed over.
  void PassedOver(uint64_t distance) {
    if (next_place_) *next_place_ += distance;
  }

  bool operator==(const BackupStreamLog& other) const {
    return streams == other.streams && findings == other.findings;
  }

  std::vector<Stream> streams;
  std::vector<Finding> findings;

 private:
  std::optional<uint64_t> next_place_;  // of the current stream, once it had data
};

}  // namespace tapir::test
