#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jobs/encrypted_check.h"
#include "jobs/index_copy_verifier.h"
#include "jobs/index_verifier.h"
#include "jobs/sis_session_check.h"
#include "object/content_reader.h"
#include "object/forward_reader.h"
#include "tapir/jobs/verify_job.h"

namespace tapir {

/// Gathers a VerifyReport while a volume is read forward. Single-thread.
class VerifySink : public VolumeSink {
 public:
  struct Options {
    bool whole_volume = true;  ///< all sessions come, so they can be compared with each other
    bool contents = true;      ///< objects and index pages come, not only starts and ends
  };

  VerifySink(VerifyReport& report, Progress* progress, const Options& options,
             std::function<void(const Damage&)> on_damage);

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override;
  Status Begin(const AssembledObject&) override { return OkStatus(); }
  Status Refer(const AssembledObject&, const Reference&) override { return OkStatus(); }
  Status Data(const AssembledObject& object, uint32_t stream_number, uint64_t offset_bytes,
              ByteSpan data) override;
  Status End(const AssembledObject& object, Proof proof) override;
  void Abandon(const AssembledObject& object) override;
  Status Marker(const ParsedRecord& record, const DecodedChunk& chunk) override;
  void Lost(uint64_t first_ordinal, uint64_t count) override;
  void Damaged(const Damage& damage) override;
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }

  Status VolumeLabel(const Label& label) override;
  Status SessionBegin(const ForwardSession& session) override;
  Status IndexPage(const ForwardSession& session, const DecodedChunk& page) override;
  Status SessionEnd(const ForwardSession& session) override;
  void SessionUnsupported(uint32_t number) override;

  /// Proves what depends on parts of other objects by reading these again. For devices that locate.
  Status ProvePending(BlockDevice& device, const Label& label);

 private:
  /// A stream that begins with part of another one.
  struct Pending {
    uint32_t session_number = 0;
    Entry entry;
    StreamEnd contents;
    std::optional<Entry> target;
  };
  struct EndedSession {
    SessionId id{};
    Digest128 end_digest{};
  };

  void CountProven(const Metadata& metadata, const ObjectEnd& end, bool proven);
  void TakeFinding(const std::string& path, const char* format, const Finding& finding);
  bool IsLost(uint64_t ordinal) const;
  void AddLostPath(const std::string& path);
  void CheckEarlier(const ForwardSession& session);
  void ComplainOfIndex(std::string text);
  void Complain(DamageKind kind, const BlockPlace& place, std::string text, std::string path);
  Status Prove(ContentReader& contents, const Pending& pending);

  VerifyReport& report_;
  Progress* progress_;
  Options options_;
  std::function<void(const Damage&)> on_damage_;

  uint32_t session_number_ = 0;
  bool first_session_ = true;
  BlockPlace index_place_;
  std::unique_ptr<IndexVerifier> index_;
  IndexCopyVerifier copies_;
  std::vector<std::pair<uint64_t, uint64_t>> lost_;       ///< first ordinal, count; ascending
  std::unordered_map<uint64_t, std::string> lost_names_;  ///< known from their records
  std::vector<Pending> pending_;
  size_t first_pending_ = 0;  ///< of this session
  std::vector<EndedSession> ended_;
  EncryptedCheck encrypted_{[this](const Metadata& metadata, const Finding& finding) {
    TakeFinding(metadata.path, "EFS", finding);
  }};
  SisSessionCheck sis_{[this](const std::string& path, const Finding& finding) {
    TakeFinding(path, "SIS", finding);
  }};
};

}  // namespace tapir
