#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "jobs/file_jobs.h"
#include "jobs/sis_handling.h"
#include "object/content_digester.h"
#include "object/forward_reader.h"
#include "tapir/base/progress.h"
#include "tapir/base/reporter.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// Paths of contents that are restored for others to be copied from, and then removed, begin so.
/// They have no metadata.
inline constexpr std::string_view kHiddenPrefix = ".tapir-content-";
/// One of them. What a run that was killed left behind has other names.
std::string HiddenPathOf(const std::string& what);

/// Which objects of the session being read are restored, and as what.
class RestorePlan {
 public:
  virtual ~RestorePlan() = default;
  virtual Status SessionBegin(const ForwardSession& session) = 0;
  /// The object is wanted under its own name.
  virtual bool IsSelected(uint64_t ordinal, const Metadata& metadata) = 0;
  /// It is not selected, but the first name of a file with a selected further one: that name.
  virtual std::optional<std::string> PromotedPath(uint64_t ordinal) = 0;
  /// It is not selected, but others have its contents: where these are put meanwhile.
  virtual std::optional<std::string> HiddenPath(uint64_t ordinal) = 0;
  /// Whether they stay until the sink finishes, and not only while the session lasts.
  virtual bool KeepsHidden() const { return false; }
  /// Where the contents of an object were restored to, if they were.
  virtual Status Remember(uint64_t ordinal, const std::string& path) = 0;
  virtual Result<std::optional<std::string>> RestoredPath(uint64_t ordinal) = 0;
  /// Names of the file that are restored, of `link_count` it had.
  virtual uint32_t NamesOf(uint64_t ordinal, uint32_t link_count) = 0;
  /// It was restored, or told why not.
  virtual void Settled(uint64_t ordinal) = 0;
  /// An earlier session's object of this path was restored by this run and gives way.
  virtual bool Replaces(const Metadata& metadata) = 0;
};

struct RestoreCounts {
  std::atomic<uint64_t> restored{0};
  std::atomic<uint64_t> content_bytes{0};
  std::atomic<uint64_t> kept{0};
  std::atomic<uint64_t> damaged{0};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> partial{0};
  std::atomic<uint64_t> continued{0};
  std::atomic<uint64_t> unreadable{0};
  std::atomic<uint64_t> links_outside{0};
};

/// Writes the objects that a plan wants to a target, small files in parallel. Single-thread, but
/// for the jobs it starts itself.
class RestoreSink : public VolumeSink {
 public:
  struct Options {
    unsigned threads = 2;
    bool keep_partial = false;  ///< of files whose rest cannot be read
    Reporter* reporter = nullptr;
    Progress* progress = nullptr;
    SisHandling* sis = nullptr;  ///< null: links come as the target takes them
  };

  /// References must outlive this.
  RestoreSink(ObjectTarget& target, RestorePlan& plan, const Options& options);

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override;
  Status Begin(const AssembledObject& object) override;
  Status Refer(const AssembledObject& object, const Reference& reference) override;
  Status Data(const AssembledObject& object, uint32_t stream_number, uint64_t offset_bytes,
              ByteSpan data) override;
  Status End(const AssembledObject& object, Proof proof) override;
  void Abandon(const AssembledObject& object) override;
  Status Marker(const ParsedRecord&, const DecodedChunk&) override { return OkStatus(); }
  void Lost(uint64_t, uint64_t) override {}
  void Damaged(const Damage& damage) override;
  Status ChunkDone(const DecodedChunk& chunk) override;
  Status SessionBegin(const ForwardSession& session) override;
  Status SessionEnd(const ForwardSession& session) override;

  /// From now on this plan counts; between sessions.
  void Use(RestorePlan& plan) { plan_ = &plan; }
  /// Waits for all files; the first failure that ends the run.
  Status Flush();
  /// The same, when nothing more comes.
  Status Finish();

  const RestoreCounts& counts() const { return counts_; }
  uint64_t damages() const { return damages_; }
  /// The target is what ended the run.
  bool target_failed() { return !Fatal().ok(); }

 private:
  /// A small file on its way to a job. The contents lie in the chunk.
  struct SmallFile {
    Metadata metadata;
    ByteSpan contents;
  };
  /// A file whose contents are those of another one, wholly or at the beginning.
  struct OpenFile {
    Metadata metadata;
    std::unique_ptr<TargetFile> file;
    ContentDigester digester;
    std::optional<Reference> reference;
    uint64_t written_end = 0;
    uint64_t begin_bytes = 0;   ///< of the file that came before this fragment
    bool headless = false;      ///< they did not come
    bool with_streams = false;  ///< further ones are restored
    bool told_records = false;
  };

  std::optional<Metadata> Choose(uint64_t ordinal, const Metadata& metadata, ObjectStatus status);
  Result<bool> LinkToEarlier(uint64_t ordinal, const Metadata& metadata);
  Status TakeSmall(uint64_t ordinal, Metadata metadata, ByteSpan contents);
  SisLinks* Links() const;
  SisCopies* Copies() const;
  bool IsCopyOfLink(const Metadata& metadata) const;
  Status MakeCopyOfLink(const Metadata& metadata, ByteSpan contents);
  void Account(const Metadata& metadata, uint64_t size, const Status& status);
  void RemoveHidden();
  Status CopyReference(const Reference& reference);
  void TellRecords(const AssembledObject& object);
  Status WriteContents(uint64_t offset_bytes, ByteSpan data);
  bool TakeUpCarried(const Metadata& metadata);
  void GiveUpCarried();
  void KeepPartial(OpenFile& open);
  void TellLostStreams(const AssembledObject& object);
  Status CommitOpen(const AssembledObject& object, Proof proof);
  void Say(NoticeKind kind, const std::string& path, const std::string& text);
  Status Fatal();

  ObjectTarget& target_;
  RestorePlan* plan_;
  Options options_;
  RestoreCounts counts_;
  uint64_t damages_ = 0;
  std::mutex fatal_mutex_;
  Status fatal_;
  std::vector<SmallFile> batch_;
  std::vector<Metadata> links_;
  std::optional<OpenFile> open_;
  std::optional<OpenFile> carried_;                ///< a file that goes on on the next volume
  std::unordered_set<std::string> earlier_names_;  ///< of files with several, restored
  std::mutex hidden_mutex_;
  /// Contents kept for others, to be removed, and whose they are.
  std::map<std::string, std::string> hidden_;
  FileJobs jobs_;  ///< last: its jobs use the rest
};

}  // namespace tapir
