#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "tapir/base/thread_pool.h"

namespace tapir {

/// Work done in parallel whose results come out in the order in which it was asked for.
///
/// Pull-driven: Next() first asks the generator for jobs until the window is full, then waits for
/// the oldest one. So a chain of stages runs on the thread that pulls the last one, all order lives
/// on that thread, and only the jobs themselves run elsewhere. Without a pool every job runs inside
/// Next(): the serial twin, with the same results in the same order.
///
/// Single-thread (the jobs excepted). The destructor waits for the jobs that are running.
template <typename Out>
class OrderedWork {
 public:
  struct Job {
    std::function<Out()> run;
    size_t cost_bytes = 0;  ///< memory held from submission until the result is taken
  };
  /// Nothing: there are no more jobs; it is then not called again.
  using Generator = std::function<std::optional<Job>()>;

  struct Window {
    size_t jobs = 1;          ///< at most this many in flight
    size_t bytes = SIZE_MAX;  ///< cost in flight; one job may always run
  };

  /// `pool` may be null and must outlive this.
  OrderedWork(ThreadPool* pool, Window window, Generator generator)
      : pool_(pool), window_(window), generator_(std::move(generator)) {}

  ~OrderedWork() {
    for (auto& slot : slots_) slot->Wait();
  }

  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;

  /// The next result in order; nothing when all have been taken.
  std::optional<Out> Next() {
    if (pool_ == nullptr) {
      std::optional<Job> job = Generate();
      if (!job) return std::nullopt;
      return job->run();
    }
    Fill();
    if (slots_.empty()) return std::nullopt;
    std::shared_ptr<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    slot->Wait();
    bytes_in_flight_ -= slot->cost_bytes;
    std::optional<Out> out = std::move(slot->out);
    return out;
  }

 private:
  struct Slot {
    std::function<Out()> run;
    size_t cost_bytes;
    std::optional<Out> out;
    std::mutex mutex;
    std::condition_variable done;

    void Run() {
      std::optional<Out> result(run());
      run = nullptr;
      // Notified under the lock: the waiter may free the slot as soon as it sees the result.
      std::lock_guard lock(mutex);
      out = std::move(result);
      done.notify_one();
    }
    void Wait() {
      std::unique_lock lock(mutex);
      done.wait(lock, [this] { return out.has_value(); });
    }
  };

  std::optional<Job> Generate() {
    if (exhausted_) return std::nullopt;
    std::optional<Job> job = generator_();
    exhausted_ = !job;
    return job;
  }

  void Fill() {
    while (slots_.size() < window_.jobs && (slots_.empty() || bytes_in_flight_ < window_.bytes)) {
      std::optional<Job> job = Generate();
      if (!job) return;
      auto slot = std::make_shared<Slot>();
      slot->run = std::move(job->run);
      slot->cost_bytes = job->cost_bytes;
      bytes_in_flight_ += slot->cost_bytes;
      slots_.push_back(slot);
      pool_->Submit([slot] { slot->Run(); });
    }
  }

  ThreadPool* pool_;
  Window window_;
  Generator generator_;
  bool exhausted_ = false;
  size_t bytes_in_flight_ = 0;
  std::deque<std::shared_ptr<Slot>> slots_;
};

}  // namespace tapir
