#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "jobs/export_form.h"
#include "tapir/jobs/export_job.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// Takes objects as a restore gives them, proven, and leaves their exports in a directory, or that
/// of the only one in a file or an output. Thread-safe as ObjectTarget asks.
class ExportTarget : public ObjectTarget {
 public:
  /// References must outlive this.
  static Result<std::unique_ptr<ExportTarget>> Open(const ExportRequest& request,
                                                    ExportReport& report);

  Status MakeDirectory(const Metadata& metadata) override;
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override;
  bool keeps_further_streams() const override { return true; }
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override;
  Status MakeNode(const Metadata& metadata) override;
  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override;
  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override;
  Status Remove(const std::string& path) override;
  Status Finish() override;

  /// An object is complete.
  Status Take(const Metadata& metadata, std::unique_ptr<ExportContents> contents);

 private:
  /// Where the data of stream 0 lie in an export.
  struct Place {
    Extent range;
    uint64_t in_export = 0;
  };
  struct Candidate {
    Metadata metadata;
    std::unique_ptr<ExportContents> contents;
  };

  ExportTarget(const ExportRequest& request, ExportReport& report)
      : request_(request), report_(report) {}

  bool takes_one() const { return request_.directory.empty(); }
  std::string NameOf(const std::string& path) const;
  Status Hide(const std::string& path, ExportContents& contents);
  Status Consider(Candidate candidate);
  Status Write(const Metadata& metadata, const std::string& name, ExportContents& contents);
  Status WriteOut(Candidate& candidate);
  Status Settle(const std::string& path, const Status& status);
  void TellWithoutForm(const std::string& path, const std::string& why);
  Status FindPlaces(const std::string& path);
  std::vector<Place> HiddenPlaces(uint32_t number) const;

  const ExportRequest& request_;
  ExportReport& report_;
  std::mutex mutex_;
  std::unique_ptr<ObjectTarget> files_;  ///< null: to an output
  std::optional<Candidate> only_;
  bool only_is_named_ = false;  ///< by the only pattern
  uint64_t candidates_ = 0;
  /// Contents that others have too: numbers of streams, by path.
  std::map<std::string, uint32_t> hidden_;
  ExportContents hidden_contents_;
  std::string placed_path_;  ///< whose places these are
  std::vector<Place> places_;
};

}  // namespace tapir
