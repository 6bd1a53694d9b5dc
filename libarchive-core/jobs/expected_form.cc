#include "jobs/expected_form.h"

#include "jobs/sis_copies.h"
#include "jobs/sis_needs.h"
#include "target/windows_layer.h"

namespace tapir {
namespace {

constexpr uint32_t kLinkMode = 0777;  // of every symbolic link of Linux

}  // namespace

void ExpectedForm::Learn(const Entry& store_file) {
  store_files_.insert_or_assign(SisStoreKey(store_file.path), store_file);
}

std::string ExpectedForm::Apply(ArchivedObject& object) const {
  if (sis_ == SisForm::kFiles && SisCopies::IsLink(object.metadata)) return ApplyToSisLink(object);
  if (!on_directory_) return {};
  const std::optional<std::string> link_target = LinkTargetOnPosix(object.metadata);
  if (!link_target) return {};
  object.metadata.type = ObjectType::kSymlink;
  object.metadata.link_target = *link_target;
  object.metadata.mode = kLinkMode;
  object.contents.reset();
  return {};
}

std::string ExpectedForm::ApplyToSisLink(ArchivedObject& object) const {
  object.metadata = SisCopies::AsFile(object.metadata);
  const bool has_data = object.contents && object.contents->has_data;
  const std::vector<std::string>& needed = object.metadata.ntfs->sis.files;
  const auto found =
      needed.empty() ? store_files_.end() : store_files_.find(SisStoreKey(needed.front()));
  object.contents.reset();
  if (found == store_files_.end()) return "its common-store file is not at hand";
  const Entry& entry = found->second;
  if (has_data) return "it has data beside those of its common-store file";
  if (entry.map_digest || entry.fragment) return "of its common-store file no digest is at hand";
  ArchivedContents& contents = object.contents.emplace();
  contents.end.size = entry.size;
  contents.end.digests.xxh128 = entry.xxh128;
  return {};
}

}  // namespace tapir
