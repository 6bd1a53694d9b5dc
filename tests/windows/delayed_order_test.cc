#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tapir/windows/delayed_operations.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using Kind = DelayedKind;
using Plan = std::vector<DelayedOperation>;

std::string On(const std::string& path) { return "\\??\\C:\\" + path; }

DelayedOperation Move(const std::string& from, const std::string& to) {
  return {Kind::kMoveFile, On(from), On(to), {}};
}
DelayedOperation Delete(const std::string& path) { return {Kind::kDeleteFile, {}, On(path), {}}; }
DelayedOperation Short(const std::string& name, const std::string& path) {
  return {Kind::kSetFileShortName, name, On(path), {}};
}

void ExpectOrder(const Plan& given, const Plan& wanted) {
  EXPECT_EQ(test::Value(OrderDelayedOperations(given)), wanted);
}

void ExpectRefused(const Plan& given, const std::string& why) {
  const auto ordered = OrderDelayedOperations(given);
  ASSERT_FALSE(ordered.ok());
  EXPECT_NE(ordered.status().message().find(why), std::string::npos) << ordered.status().message();
}

TEST(DelayedOrder, ContentsGoBeforeTheirDirectory) {
  ExpectOrder({Delete("d"), Delete("d\\e\\f"), Delete("d\\e"), Delete("D\\g")},
              {Delete("d\\e\\f"), Delete("d\\e"), Delete("D\\g"), Delete("d")});
  ExpectOrder({Delete("d"), Move("d\\x\\keep", "kept")}, {Move("d\\x\\keep", "kept"), Delete("d")});
}

TEST(DelayedOrder, WhatIsFreedComesBeforeWhatTakesItsPlace) {
  ExpectOrder({Move("new", "a"), Delete("a")}, {Delete("a"), Move("new", "a")});
  ExpectOrder({Move("a", "b"), Move("b", "c"), Move("c", "d")},
              {Move("c", "d"), Move("b", "c"), Move("a", "b")});
}

TEST(DelayedOrder, ACircleGoesByWayOfAnotherName) {
  ExpectOrder({Move("x", "y"), Move("y", "x")},
              {Move("x", "tapir-delayed-0.tmp"), Move("y", "x"), Move("tapir-delayed-0.tmp", "y")});
}

TEST(DelayedOrder, ShortNamesComeLast) {
  ExpectOrder({Short("A~1", "a long"), Move("stage", "a long"), Delete("other")},
              {Move("stage", "a long"), Delete("other"), Short("A~1", "a long")});
}

TEST(DelayedOrder, TheSameTwiceIsOnce) {
  ExpectOrder(
      {Delete("a"), Delete("A"), Move("b", "c"), Move("B", "c"), Short("X", "d"), Short("x", "D")},
      {Delete("a"), Move("b", "c"), Short("X", "d")});
}

TEST(DelayedOrder, Contradictions) {
  ExpectRefused({Move("a", "c"), Move("b", "C")}, "two files are moved there");
  ExpectRefused({Move("a", "b"), Move("A", "c")}, "moved elsewhere too");
  ExpectRefused({Delete("a"), Move("a", "b")}, "is deleted");
  ExpectRefused({Move("a", "d\\e\\b"), Delete("d")}, "its directory is deleted");
  ExpectRefused({Move("a", "A")}, "the same place");
  ExpectRefused({Short("X", "d\\a"), Short("X", "d\\b")}, "gets this short name");
  ExpectRefused({Short("X", "a"), Delete("a")}, "deleted or moved away");
  ExpectRefused({Short("X", "d\\a"), Delete("d")}, "deleted or moved away");
  ExpectRefused({Delete("d"), Move("d\\a", "x"), Move("x", "d")}, "wait for each other");
  ExpectOrder({Short("X", "d\\a"), Short("X", "e\\a")}, {Short("X", "d\\a"), Short("X", "e\\a")});
}

// Carries moves and deletes out on names alone; false: one cannot be.
bool CarryOut(const Plan& plan, std::map<std::string, std::string>& files) {
  for (const DelayedOperation& operation : plan) {
    if (operation.kind == Kind::kDeleteFile) {
      if (files.erase(operation.target) == 0) return false;
      continue;
    }
    const auto from = files.find(operation.source);
    if (from == files.end() || files.contains(operation.target)) return false;
    files.emplace(operation.target, from->second);
    files.erase(operation.source);
  }
  return true;
}

TEST(DelayedOrder, RandomRenamingsOfManyFilesComeOut) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const size_t count = 1 + random() % 12;
    std::vector<size_t> places(count);
    for (size_t i = 0; i < count; ++i) places[i] = i;
    std::shuffle(places.begin(), places.end(), random);
    Plan plan;
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> wanted;
    for (size_t i = 0; i < count; ++i) {
      const std::string name = std::to_string(i);
      files.emplace(On(name), name);
      const std::string to = random() % 4 == 0 ? "free" + name : std::to_string(places[i]);
      if (to != name) plan.push_back(Move(name, to));
      wanted.emplace(On(to), name);
    }
    const Plan ordered = test::Value(OrderDelayedOperations(plan));
    ASSERT_TRUE(CarryOut(ordered, files)) << round;
    EXPECT_EQ(files, wanted) << round;
  }
}

}  // namespace
}  // namespace tapir
