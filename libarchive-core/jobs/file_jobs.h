#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "tapir/base/thread_pool.h"

namespace tapir {

/// Jobs without results, a bounded number at a time. Submit and Wait come from one thread.
class FileJobs {
 public:
  /// With one thread every job runs inside Submit.
  FileJobs(unsigned threads, size_t max_in_flight);
  ~FileJobs();

  /// Waits for room, then runs the job some time.
  void Submit(std::function<void()> job);
  /// Returns when all submitted jobs are done.
  void Wait();

 private:
  size_t max_in_flight_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t in_flight_ = 0;
  std::unique_ptr<ThreadPool> pool_;  ///< last: its threads use the rest
};

}  // namespace tapir
