#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "object/matcher.h"
#include "tapir/base/reporter.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// Several sources as one, in path order, and of them only what is selected. A path that two of
/// them have comes from the first and is reported. One thread.
class JoinedSource : public ObjectSource {
 public:
  /// `selects` as Matcher takes them; none: everything.
  JoinedSource(std::vector<std::shared_ptr<ObjectSource>> sources,
               const std::vector<std::string>& selects, Reporter& reporter);

  Result<std::optional<SourceItem>> Next() override;
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override;
  uint64_t left_out_count() const override;

  std::vector<std::string> Unmatched() const { return matcher_.Unmatched(); }

 private:
  struct Input {
    std::shared_ptr<ObjectSource> source;
    std::optional<SourceItem> head;
    bool at_end = false;
  };
  Status Fill();

  std::vector<Input> inputs_;
  Matcher matcher_;
  Reporter& reporter_;
  std::unordered_map<uint64_t, size_t> input_of_device_;
};

}  // namespace tapir
