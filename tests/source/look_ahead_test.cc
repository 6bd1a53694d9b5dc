#include "source/look_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tapir::source {
namespace {

using namespace std::chrono_literals;

/// A tree of steps: each has `width` children down to a depth of 0.
class TestStep final : public LookAhead::Step {
 public:
  TestStep(std::string name, int depth, std::atomic<int>& done)
      : name_(std::move(name)), depth_(depth), done_(done) {}

  std::vector<LookAhead::StepRef> Run() override {
    std::vector<LookAhead::StepRef> followers;
    for (char c = 'a'; depth_ > 0 && c < 'e'; ++c) {
      children_.push_back(std::make_shared<TestStep>(name_ + c, depth_ - 1, done_));
      followers.push_back(children_.back());
    }
    ++done_;
    return followers;
  }
  size_t cost_bytes() const override { return 10; }

  /// Consumes this step and those below in order.
  void Consume(LookAhead& look_ahead, const std::shared_ptr<TestStep>& self,
               std::vector<std::string>& names) {
    look_ahead.Finish(self);
    names.push_back(name_);
    for (const auto& child : children_) child->Consume(look_ahead, child, names);
  }

 private:
  const std::string name_;
  const int depth_;
  std::atomic<int>& done_;
  std::vector<std::shared_ptr<TestStep>> children_;
};

std::vector<std::string> ConsumeAll(unsigned threads, LookAhead::Limits limits) {
  std::atomic<int> done = 0;
  LookAhead look_ahead(threads, limits);
  std::vector<std::shared_ptr<TestStep>> roots;
  for (const char* name : {"A", "B", "C"}) {
    roots.push_back(std::make_shared<TestStep>(name, 4, done));
  }
  look_ahead.Append({roots.begin(), roots.end()});
  std::vector<std::string> names;
  for (const auto& root : roots) root->Consume(look_ahead, root, names);
  EXPECT_EQ(static_cast<size_t>(done), names.size());
  return names;
}

TEST(LookAhead, EveryStepIsDoneOnceWhoeverDoesIt) {
  const std::vector<std::string> expected = ConsumeAll(0, {});
  EXPECT_EQ(expected.size(), 3U * (1 + 4 + 16 + 64 + 256));
  for (const unsigned threads : {1U, 2U, 8U}) {
    EXPECT_EQ(ConsumeAll(threads, {}), expected);
    EXPECT_EQ(ConsumeAll(threads, {.steps = 1, .bytes = 1}), expected);
    EXPECT_EQ(ConsumeAll(threads, {.steps = 5, .bytes = 1'000}), expected);
  }
}

int DoneWithoutConsumer(LookAhead::Limits limits) {
  std::atomic<int> done = 0;
  LookAhead look_ahead(4, limits);
  look_ahead.Append({std::make_shared<TestStep>("A", 6, done)});
  // Until nothing has happened for a while.
  for (int before = -1; before != done;) {
    before = done;
    std::this_thread::sleep_for(50ms);
  }
  return done;
}

TEST(LookAhead, StopsAtItsLimits) {
  EXPECT_LE(DoneWithoutConsumer({.steps = 10, .bytes = 1'000'000}), 10);
  // Those that are running when the limit is reached come on top.
  EXPECT_LE(DoneWithoutConsumer({.steps = 1'000, .bytes = 200}), 20 + 4);
  EXPECT_GE(DoneWithoutConsumer({.steps = 10, .bytes = 1'000'000}), 7);
}

TEST(LookAhead, WithoutThreadsNothingIsDoneAhead) {
  std::atomic<int> done = 0;
  LookAhead look_ahead(0, {});
  const auto first = std::make_shared<TestStep>("A", 3, done);
  look_ahead.Append({first});
  EXPECT_EQ(done, 0);
  look_ahead.Finish(first);
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace tapir::source
