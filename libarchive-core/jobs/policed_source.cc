#include "jobs/policed_source.h"

#include <utility>

namespace tapir {
namespace {

// What is left out: its metadata is looked at, and nothing else.
class ExcludedObject final : public SourceObject {
 public:
  ExcludedObject(SourceItem item, uint32_t rule) : item_(std::move(item)), rule_(rule) {}

  Status Open(Metadata& metadata, std::vector<std::string>& /*warnings*/) override {
    Metadata known;
    std::vector<std::string> not_told;
    // If it cannot be opened, all that matters is that it was there.
    const Status opened = item_.object->Open(known, not_told);
    if (opened.ok()) item_.object->Close();
    metadata.path = item_.path;
    metadata.path_encoding = known.path_encoding;
    metadata.type = item_.type;
    metadata.size = item_.type == ObjectType::kRegular ? item_.identity.size : 0;
    metadata.mtime = item_.identity.mtime;
    metadata.mode = known.mode;
    metadata.uid = known.uid;
    metadata.gid = known.gid;
    metadata.owner_name = known.owner_name;
    metadata.group_name = known.group_name;
    if (item_.type == ObjectType::kSymlink) metadata.link_target = known.link_target;
    const bool has_no_target = item_.type == ObjectType::kSymlink && metadata.link_target.empty();
    if (has_no_target) metadata.type = ObjectType::kRegular;
    metadata.excluded_by = rule_;
    return OkStatus();
  }

  Result<size_t> ReadAt(uint64_t, std::span<std::byte>) override { return size_t{0}; }
  Result<std::vector<Extent>> Extents(uint64_t) override { return std::vector<Extent>{}; }
  ObjectStatus Close() override { return ObjectStatus::kOk; }

 private:
  SourceItem item_;
  uint32_t rule_;
};

}  // namespace

Result<std::optional<SourceItem>> PolicedSource::Next() {
  TAPIR_ASSIGN_OR_RETURN(std::optional<SourceItem> item, source_.Next());
  if (!policy_ || !item || item->needed_by_others) return item;
  const bool is_directory = item->type == ObjectType::kDirectory;
  const std::optional<uint32_t> rule = policy_->RuleFor(item->path, is_directory);
  if (!rule) return item;
  SourceItem left_out;
  left_out.path = item->path;
  left_out.type = ObjectType::kExcluded;
  left_out.identity = item->identity;
  left_out.object = std::make_shared<ExcludedObject>(*std::move(item), *rule);
  return std::optional(std::move(left_out));
}

}  // namespace tapir
