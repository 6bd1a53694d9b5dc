#include "source/scanner.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "source/given_paths.h"
#include "source/posix_object.h"

namespace tapir::source {

Scanner::Scanner(std::unique_ptr<ScanRules> rules, Reporter& reporter, unsigned threads,
                 LookAhead::Limits ahead)
    : rules_(std::move(rules)), reporter_(reporter), look_ahead_(threads, ahead) {
  std::vector<std::shared_ptr<Batch>> batches = GivenBatches(*rules_);
  look_ahead_.Append({batches.begin(), batches.end()});
  levels_.push_back({.waiting = std::move(batches)});
}

Result<std::optional<SourceItem>> Scanner::Next() {
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (!level.batch || level.next_entry == level.batch->entries().size()) {
      if (!TakeBatch(level)) levels_.pop_back();
      continue;
    }
    Entry& entry = level.batch->entries()[level.next_entry++];
    path_.resize(level.prefix_bytes);
    path_ += entry.name;
    if (entry.notice) {
      reporter_.Report(entry.notice->kind, path_, entry.notice->text);
      continue;
    }
    SourceItem item = MakeItem(entry);
    if (entry.below) Enter(std::move(entry.below));
    return std::optional<SourceItem>(std::move(item));
  }
  return std::optional<SourceItem>();
}

/// False if the directory has no further entries.
bool Scanner::TakeBatch(Level& level) {
  level.batch.reset();
  if (level.next_batch == level.waiting.size()) return false;
  level.batch = std::move(level.waiting[level.next_batch++]);
  level.next_entry = 0;
  look_ahead_.Finish(level.batch);
  if (const Notice* failure = level.batch->failure()) {
    // Where the path is followed by its '/', that is no part of the name.
    const std::string_view prefix = std::string_view(path_).substr(0, level.prefix_bytes);
    reporter_.Report(failure->kind, prefix.empty() ? "." : prefix.substr(0, prefix.size() - 1),
                     failure->text);
  }
  std::vector<std::shared_ptr<Batch>> rest = level.batch->TakeRest();
  std::move(rest.begin(), rest.end(), std::back_inserter(level.waiting));
  return true;
}

void Scanner::Enter(std::shared_ptr<Batch> first) {
  Level below;
  below.waiting.push_back(std::move(first));
  if (path_ != ".") {
    path_ += '/';
    below.prefix_bytes = path_.size();
  }
  levels_.push_back(std::move(below));
}

SourceItem Scanner::MakeItem(const Entry& entry) const {
  return {.path = path_,
          .type = entry.type,
          .identity = entry.identity,
          .link_count = entry.link_count,
          .may_have_holes = entry.may_have_holes,
          .object = std::make_shared<PosixObject>(rules_->context, entry.parent, path_, entry.type,
                                                  entry.identity)};
}

Result<std::shared_ptr<SourceObject>> Scanner::Reopen(const std::string& path,
                                                      const SourceIdentity& identity) {
  const GivenPath* start = FindStart(rules_->given, path);
  if (start == nullptr) return NotFound("is not part of this source");
  PathResolver resolver(*rules_->context->directories,
                        start->from_root ? rules_->root : rules_->base);
  auto object =
      std::make_shared<PosixObject>(rules_->context, resolver.ParentOf(path, FollowedBytes(*start)),
                                    path, ObjectType::kRegular, identity);
  Status status = object->OpenUnchanged();
  if (!status.ok()) return NotFound(status.message());
  return std::shared_ptr<SourceObject>(std::move(object));
}

}  // namespace tapir::source
