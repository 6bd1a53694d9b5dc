#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "tapir/base/thread_pool.h"

namespace tapir::source {

/// Walks a tree ahead of the one who consumes it in order.
///
/// The work is a sequence of steps; running one may put further steps into its place. Threads
/// always take the first step nobody has begun, so they stay close to the consumer, and rest while
/// what is done but not consumed is over a limit. The consumer asks for the steps in order and runs
/// a step itself if no thread has come to it. Finish and Append are for one thread.
class LookAhead {
 public:
  class Step {
   public:
    virtual ~Step() = default;
    /// Called once, on any thread. Returns the steps that take its place, in order.
    virtual std::vector<std::shared_ptr<Step>> Run() = 0;
    /// Memory held by its results; called after Run.
    virtual size_t cost_bytes() const = 0;

   private:
    friend class LookAhead;
    enum class State : uint8_t { kWaiting, kRunning, kAhead, kConsumed };
    State state_ = State::kWaiting;
    std::list<std::shared_ptr<Step>>::iterator place_;
  };
  using StepRef = std::shared_ptr<Step>;

  struct Limits {
    size_t steps = 256;        ///< done or running, and not consumed
    size_t bytes = 16u << 20;  ///< cost of those done
  };

  /// Without threads every step runs in Finish.
  LookAhead(unsigned threads, Limits limits);
  /// Waits for the steps that are running.
  ~LookAhead();
  LookAhead(const LookAhead&) = delete;
  LookAhead& operator=(const LookAhead&) = delete;

  /// Adds steps at the end.
  void Append(std::vector<StepRef> steps);
  /// Returns when `step` is done; its results are then the caller's.
  void Finish(const StepRef& step);

 private:
  using Steps = std::list<StepRef>;

  void Work();
  bool MayWork() const;
  void WakeThreads();
  Steps::iterator FirstWaiting();
  void RunUnlocked(std::unique_lock<std::mutex>& lock, const StepRef& step);

  const unsigned thread_count_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable step_done_;
  Steps open_;  ///< waiting and running steps in order
  size_t running_ = 0;
  size_t ahead_steps_ = 0;
  size_t ahead_bytes_ = 0;
  unsigned awake_ = 0;
  bool stopping_ = false;
  std::unique_ptr<ThreadPool> pool_;  ///< last: its threads use the others
};

}  // namespace tapir::source
