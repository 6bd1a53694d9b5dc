#include "tapir/base/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace tapir::test {
namespace {

using Work = OrderedWork<int>;

// A generator of `count` jobs that take a random while and return their number.
Work::Generator Jobs(int count, std::atomic<int>* running = nullptr, size_t cost_bytes = 0) {
  return [count, running, cost_bytes, next = 0]() mutable -> std::optional<Work::Job> {
    if (next == count) return std::nullopt;
    int number = next++;
    return Work::Job{[number, running] {
                       std::minstd_rand random(static_cast<unsigned>(number) + 1);
                       random.discard(2);
                       std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
                       if (running != nullptr) --*running;
                       return number;
                     },
                     cost_bytes};
  };
}

std::vector<int> Drain(Work& work) {
  std::vector<int> results;
  while (std::optional<int> result = work.Next()) results.push_back(*result);
  EXPECT_FALSE(work.Next().has_value());
  return results;
}

TEST(OrderedWork, ResultsComeInOrderFromAnyNumberOfThreads) {
  std::vector<int> wanted(300);
  std::iota(wanted.begin(), wanted.end(), 0);
  Work serial(nullptr, {}, Jobs(300));
  EXPECT_EQ(Drain(serial), wanted);
  for (unsigned threads : {1u, 2u, 8u, 32u}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (size_t jobs : {size_t{1}, size_t{3}, size_t{64}}) {
      Work work(&pool, {jobs}, Jobs(300));
      EXPECT_EQ(Drain(work), wanted);
    }
  }
}

// How far the generator is ahead of the results, at most.
size_t GreatestLead(Work::Window window, size_t cost_bytes, int count) {
  ThreadPool pool(4);
  size_t asked = 0;
  size_t taken = 0;
  size_t greatest = 0;
  Work::Generator jobs = Jobs(count, nullptr, cost_bytes);
  Work work(&pool, window, [&]() -> std::optional<Work::Job> {
    std::optional<Work::Job> job = jobs();
    asked += job ? 1u : 0u;
    greatest = std::max(greatest, asked - taken);
    return job;
  });
  while (work.Next()) ++taken;
  EXPECT_EQ(taken, static_cast<size_t>(count));
  return greatest;
}

TEST(OrderedWork, TheWindowBoundsJobsAndBytes) {
  EXPECT_EQ(GreatestLead({.jobs = 5}, 0, 50), 5u);
  EXPECT_EQ(GreatestLead({.jobs = 1}, 0, 10), 1u);
  EXPECT_EQ(GreatestLead({.jobs = 50, .bytes = 1000}, 250, 50), 4u);
  // A job that costs more than the window runs all the same, alone.
  EXPECT_EQ(GreatestLead({.jobs = 50, .bytes = 1000}, 5000, 20), 1u);
}

TEST(OrderedWork, TheGeneratorIsNotCalledAgainAfterItsEnd) {
  ThreadPool pool(2);
  for (ThreadPool* where : {&pool, static_cast<ThreadPool*>(nullptr)}) {
    int calls = 0;
    Work work(where, {4}, [&]() -> std::optional<Work::Job> {
      if (++calls > 1) return std::nullopt;
      return Work::Job{[] { return 1; }, 0};
    });
    EXPECT_EQ(work.Next(), 1);
    EXPECT_FALSE(work.Next());
    EXPECT_FALSE(work.Next());
    EXPECT_EQ(calls, 2);
  }
}

TEST(OrderedWork, TheDestructorWaitsForRunningJobs) {
  for (int round = 0; round < 20; ++round) {
    ThreadPool pool(4);
    std::atomic<int> running = 0;
    {
      Work::Generator jobs = Jobs(100, &running);
      Work work(&pool, {16}, [&]() -> std::optional<Work::Job> {
        ++running;
        return jobs();
      });
      EXPECT_EQ(work.Next(), 0);
    }
    EXPECT_EQ(running, 0);
  }
}

TEST(OrderedWork, StagesFeedEachOther) {
  ThreadPool first_pool(3);
  ThreadPool second_pool(2);
  Work first(&first_pool, {8}, Jobs(200));
  Work second(&second_pool, {8}, [&]() -> std::optional<Work::Job> {
    std::optional<int> number = first.Next();
    if (!number) return std::nullopt;
    return Work::Job{[value = *number] { return value * 2; }, 0};
  });
  std::vector<int> results = Drain(second);
  ASSERT_EQ(results.size(), 200u);
  for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], static_cast<int>(i) * 2);
}

TEST(ThreadPool, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 500; ++i) pool.Submit([&] { ++done; });
  }
  EXPECT_EQ(done, 500);
}

}  // namespace
}  // namespace tapir::test
