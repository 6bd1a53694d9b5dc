#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"

namespace tapir::test {

/// Keeps every notice.
class CollectingReporter final : public Reporter {
 public:
  struct Notice {
    NoticeKind kind;
    std::string subject;
    std::string text;
  };

  void Report(NoticeKind kind, std::string_view subject, std::string_view text) override {
    std::lock_guard lock(mutex_);
    notices_.push_back({kind, std::string(subject), std::string(text)});
  }
  std::vector<Notice> notices() const {
    std::lock_guard lock(mutex_);
    return notices_;
  }
  void Clear() {
    std::lock_guard lock(mutex_);
    notices_.clear();
  }
  /// How many notices name this subject.
  size_t CountOf(std::string_view subject) const {
    size_t count = 0;
    for (const Notice& notice : notices()) count += notice.subject == subject ? 1u : 0u;
    return count;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Notice> notices_;
};

}  // namespace tapir::test
