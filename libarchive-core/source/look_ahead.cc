#include "source/look_ahead.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tapir::source {

LookAhead::LookAhead(unsigned threads, Limits limits) : thread_count_(threads), limits_(limits) {
  if (threads > 0) pool_ = std::make_unique<ThreadPool>(threads);
}

LookAhead::~LookAhead() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
}

void LookAhead::Append(std::vector<StepRef> steps) {
  std::lock_guard lock(mutex_);
  for (StepRef& step : steps) {
    open_.push_back(std::move(step));
    open_.back()->place_ = std::prev(open_.end());
  }
  WakeThreads();
}

void LookAhead::Finish(const StepRef& step) {
  std::unique_lock lock(mutex_);
  if (step->state_ == Step::State::kWaiting) {
    RunUnlocked(lock, step);
  } else {
    step_done_.wait(lock, [&] { return step->state_ == Step::State::kAhead; });
    --ahead_steps_;
    ahead_bytes_ -= step->cost_bytes();
  }
  step->state_ = Step::State::kConsumed;
  // A thread is woken for many steps, not for each.
  if (ahead_steps_ <= limits_.steps / 2 && ahead_bytes_ <= limits_.bytes / 2) WakeThreads();
}

void LookAhead::Work() {
  std::unique_lock lock(mutex_);
  while (MayWork()) {
    StepRef step = *FirstWaiting();
    RunUnlocked(lock, step);
    step->state_ = Step::State::kAhead;
    ++ahead_steps_;
    ahead_bytes_ += step->cost_bytes();
    step_done_.notify_one();
    WakeThreads();
  }
  --awake_;
}

bool LookAhead::MayWork() const {
  return !stopping_ && open_.size() > running_ && ahead_steps_ + running_ < limits_.steps &&
         ahead_bytes_ < limits_.bytes;
}

void LookAhead::WakeThreads() {
  const size_t useful = std::min<size_t>(open_.size(), thread_count_);
  while (awake_ < useful && MayWork()) {
    ++awake_;
    pool_->Submit([this] { Work(); });
  }
}

LookAhead::Steps::iterator LookAhead::FirstWaiting() {
  return std::find_if(open_.begin(), open_.end(),
                      [](const StepRef& step) { return step->state_ == Step::State::kWaiting; });
}

void LookAhead::RunUnlocked(std::unique_lock<std::mutex>& lock, const StepRef& step) {
  step->state_ = Step::State::kRunning;
  ++running_;
  lock.unlock();
  std::vector<StepRef> followers = step->Run();
  lock.lock();
  --running_;
  for (StepRef& follower : followers) {
    Step& added = *follower;
    added.place_ = open_.insert(step->place_, std::move(follower));
  }
  open_.erase(step->place_);
}

}  // namespace tapir::source
