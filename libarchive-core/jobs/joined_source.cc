#include "jobs/joined_source.h"

#include <utility>

#include "tapir/object/path_order.h"

namespace tapir {

JoinedSource::JoinedSource(std::vector<std::shared_ptr<ObjectSource>> sources,
                           const std::vector<std::string>& selects, Reporter& reporter)
    : matcher_(selects), reporter_(reporter) {
  for (std::shared_ptr<ObjectSource>& source : sources) {
    inputs_.push_back({std::move(source), std::nullopt, false});
  }
}

Status JoinedSource::Fill() {
  for (Input& input : inputs_) {
    while (!input.head && !input.at_end) {
      TAPIR_ASSIGN_OR_RETURN(input.head, input.source->Next());
      input.at_end = !input.head;
      const bool left_out =
          input.head && !input.head->needed_by_others && !matcher_.Selects(input.head->path);
      if (left_out) input.head.reset();
    }
  }
  return OkStatus();
}

Result<std::optional<SourceItem>> JoinedSource::Next() {
  TAPIR_RETURN_IF_ERROR(Fill());
  Input* first = nullptr;
  for (Input& input : inputs_) {
    if (!input.head) continue;
    const int order = first == nullptr ? -1 : ComparePaths(input.head->path, first->head->path);
    if (order < 0) first = &input;
    if (order != 0) continue;
    reporter_.Report(NoticeKind::kWarning, input.head->path,
                     "stands in several of the sources: taken from the first, left out here");
    input.head.reset();
  }
  if (first == nullptr) return std::optional<SourceItem>();
  SourceItem item = *std::exchange(first->head, std::nullopt);
  input_of_device_.try_emplace(item.identity.device, static_cast<size_t>(first - inputs_.data()));
  return std::optional(std::move(item));
}

Result<std::shared_ptr<SourceObject>> JoinedSource::Reopen(const std::string& path,
                                                           const SourceIdentity& identity) {
  const auto found = input_of_device_.find(identity.device);
  if (found == input_of_device_.end()) return NotFound("from no source");
  return inputs_[found->second].source->Reopen(path, identity);
}

uint64_t JoinedSource::left_out_count() const {
  uint64_t sum = 0;
  for (const Input& input : inputs_) sum += input.source->left_out_count();
  return sum;
}

}  // namespace tapir
