#include "catalog/import_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <vector>

namespace tapir::test {
namespace {

using catalog::MayBeRunning;
using catalog::NameOfThisProcess;

std::vector<std::string> Words(const std::string& text) {
  std::istringstream from(text);
  std::vector<std::string> words;
  for (std::string word; from >> word;) words.push_back(word);
  return words;
}

std::string Joined(const std::vector<std::string>& words) {
  return words.at(0) + " " + words.at(1) + " " + words.at(2) + " " + words.at(3);
}

TEST(ImportProcess, ThisOneIsRunning) {
  EXPECT_EQ(Words(NameOfThisProcess()).size(), 4u);
  EXPECT_EQ(NameOfThisProcess(), NameOfThisProcess());
  EXPECT_TRUE(MayBeRunning(NameOfThisProcess()));
}

TEST(ImportProcess, AnotherOneWithItsNumberIsNotIt) {
  std::vector<std::string> words = Words(NameOfThisProcess());
  ASSERT_EQ(words.size(), 4u);
  const std::vector<std::string> mine = words;
  words[3] += "0";
  EXPECT_FALSE(MayBeRunning(Joined(words)));
  words = mine;
  words[1] = "of-another-boot";
  EXPECT_FALSE(MayBeRunning(Joined(words)));
  words = mine;
  words[0] = "of-another-machine";
  EXPECT_TRUE(MayBeRunning(Joined(words)));
}

TEST(ImportProcess, OneThatIsOverIsNot) {
  int out[2];
  ASSERT_EQ(pipe(out), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string name = NameOfThisProcess();
    if (write(out[1], name.data(), name.size()) < 0) _exit(1);
    close(out[1]);
    pause();
    _exit(0);
  }
  close(out[1]);
  std::string name;
  char space[256];
  for (ssize_t got = 0; (got = read(out[0], space, sizeof space)) > 0;) {
    name.append(space, static_cast<size_t>(got));
  }
  close(out[0]);
  EXPECT_NE(name, NameOfThisProcess());
  EXPECT_TRUE(MayBeRunning(name));
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(MayBeRunning(name));
}

TEST(ImportProcess, WhatNamesNoneIsOver) {
  const std::string machine = Words(NameOfThisProcess()).at(0);
  EXPECT_FALSE(MayBeRunning(machine));
  EXPECT_FALSE(MayBeRunning(machine + " x"));
}

}  // namespace
}  // namespace tapir::test
