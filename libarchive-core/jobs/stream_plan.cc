#include "jobs/stream_plan.h"

#include <array>
#include <utility>

#include "bytes/checksum.h"

namespace tapir {
namespace {

constexpr size_t kPlanSpoolBytes = 16u << 20;
constexpr size_t kPlanRowBytes = 16;

}  // namespace

StreamPlan::StreamPlan(const std::vector<std::string>& patterns, uint32_t only_session,
                       std::optional<PathPolicy> policy)
    : matcher_(patterns), only_session_(only_session), policy_(std::move(policy)) {}

Status StreamPlan::SessionBegin(const ForwardSession& session) {
  session_selected_ = only_session_ == 0 || session.number == only_session_;
  rows_.emplace(kPlanSpoolBytes);
  paths_.emplace(kPlanSpoolBytes);
  row_count_ = 0;
  return OkStatus();
}

bool StreamPlan::IsSelected(uint64_t /*ordinal*/, const Metadata& metadata) {
  if (!session_selected_ || !matcher_.Selects(metadata.path)) return false;
  const bool is_directory = metadata.type == ObjectType::kDirectory;
  if (!policy_ || !policy_->RuleFor(metadata.path, is_directory)) return true;
  ++left_out_;
  return false;
}

Status StreamPlan::Remember(uint64_t ordinal, const std::string& path) {
  std::array<std::byte, kPlanRowBytes> row{};
  for (; row_count_ < ordinal; ++row_count_) TAPIR_RETURN_IF_ERROR(rows_->Append(row).status());
  if (row_count_ > ordinal) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(uint64_t offset, paths_->Append(AsBytes(path)));
  StoreLe(row.data(), offset);
  StoreLe(&row[8], uint64_t{path.size()});
  ++row_count_;
  return rows_->Append(row).status();
}

Result<std::optional<std::string>> StreamPlan::RestoredPath(uint64_t ordinal) {
  if (ordinal >= row_count_) return std::optional<std::string>();
  std::array<std::byte, kPlanRowBytes> row{};
  TAPIR_RETURN_IF_ERROR(rows_->Read(ordinal * kPlanRowBytes, row));
  std::string path(LoadLe<uint64_t>(&row[8]), '\0');
  if (path.empty()) return std::optional<std::string>();
  TAPIR_RETURN_IF_ERROR(
      paths_->Read(LoadLe<uint64_t>(row.data()), std::as_writable_bytes(std::span(path))));
  return std::optional<std::string>(std::move(path));
}

bool StreamPlan::Replaces(const Metadata& metadata) {
  bool is_new = path_hashes_.insert(Checksum64(AsBytes(metadata.path))).second;
  return !is_new && metadata.type != ObjectType::kDirectory;
}

}  // namespace tapir
