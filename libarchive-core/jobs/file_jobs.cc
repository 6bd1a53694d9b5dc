#include "jobs/file_jobs.h"

#include <utility>

namespace tapir {

FileJobs::FileJobs(unsigned threads, size_t max_in_flight) : max_in_flight_(max_in_flight) {
  if (threads > 1) pool_ = std::make_unique<ThreadPool>(threads);
}

FileJobs::~FileJobs() { Wait(); }

void FileJobs::Submit(std::function<void()> job) {
  if (!pool_) return job();
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ < max_in_flight_; });
    ++in_flight_;
  }
  pool_->Submit([this, job = std::move(job)]() mutable {
    job();
    // What the job holds goes before it counts as done.
    job = nullptr;
    std::lock_guard lock(mutex_);
    --in_flight_;
    changed_.notify_all();
  });
}

void FileJobs::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return in_flight_ == 0; });
}

}  // namespace tapir
