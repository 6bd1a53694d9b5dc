#include "tapir/windows/environment.h"

#include <gtest/gtest.h>

namespace tapir {
namespace {

TEST(WindowsEnvironment, NamesInAnyCaseAndValuesThatNameOthers) {
  WindowsEnvironment environment;
  environment.Set("SystemRoot", "C:\\Windows");
  environment.Set("TEMP", "%systemroot%\\TEMP");
  environment.Set("Ünïcode", "x");
  EXPECT_EQ(environment.Value("temp"), "C:\\Windows\\TEMP");
  EXPECT_EQ(environment.Value("ÜNÏCODE"), "x");
  EXPECT_EQ(environment.Expand("a%SYSTEMROOT%b%TEMP%c"), "aC:\\WindowsbC:\\Windows\\TEMPc");
  EXPECT_EQ(environment.Expand("100%"), "100%");
  EXPECT_EQ(environment.Expand(""), "");
  EXPECT_TRUE(environment.Has("TeMp"));
}

TEST(WindowsEnvironment, WhatIsNotKnownHasNoValue) {
  WindowsEnvironment environment;
  environment.Set("half", "%nope%\\x");
  EXPECT_EQ(environment.Value("nope"), std::nullopt);
  EXPECT_EQ(environment.Value("half"), std::nullopt);
  EXPECT_EQ(environment.Expand("%%"), std::nullopt);
  EXPECT_FALSE(environment.Has("nope"));
}

TEST(WindowsEnvironment, CirclesAndGrowthEnd) {
  WindowsEnvironment environment;
  environment.Set("a", "%b%");
  environment.Set("b", "%a%");
  EXPECT_EQ(environment.Value("a"), std::nullopt);
  environment.Set("0", std::string(100, 'x'));
  for (int i = 1; i < 12; ++i) {
    const std::string before = "%" + std::to_string(i - 1) + "%";
    environment.Set(std::to_string(i), before + before + before);
  }
  EXPECT_EQ(environment.Value("5").value_or("").size(), 24300u);
  EXPECT_EQ(environment.Value("11"), std::nullopt);
}

TEST(WindowsEnvironment, NamesOfNothingEndToo) {
  WindowsEnvironment environment;
  environment.Set("0", "");
  for (int i = 1; i < 16; ++i) {
    std::string many;
    for (int k = 0; k < 1000; ++k) many += "%" + std::to_string(i - 1) + "%";
    environment.Set(std::to_string(i), many);
  }
  EXPECT_EQ(environment.Value("1"), "");
  EXPECT_EQ(environment.Value("15"), std::nullopt);
}

}  // namespace
}  // namespace tapir
