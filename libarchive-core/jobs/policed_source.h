#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tapir/jobs/path_policy.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// A source of which a policy leaves out files: they come as ObjectType::kExcluded, with what is
/// known of them and without contents. What others need comes as it is. One thread.
class PolicedSource : public ObjectSource {
 public:
  /// `source` must outlive this. Without a policy it comes as it is.
  PolicedSource(ObjectSource& source, const std::optional<PolicyManifest>& policy)
      : source_(source) {
    if (policy) policy_.emplace(*policy);
  }

  Result<std::optional<SourceItem>> Next() override;
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override {
    return source_.Reopen(path, identity);
  }
  uint64_t left_out_count() const override { return source_.left_out_count(); }

 private:
  ObjectSource& source_;
  std::optional<PathPolicy> policy_;
};

}  // namespace tapir
