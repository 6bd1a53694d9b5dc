#include "tapir/windows/ea_list.h"

#include <gtest/gtest.h>

#include "bytes/cursor.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

TEST(EaList, BothFormsOfAListLeadToEachOther) {
  const std::string list = test::SampleEa();
  const std::string on_volume = EaVolumeForm(list);
  EXPECT_NE(on_volume, list);
  EXPECT_EQ(on_volume.size() % 4, 0u);
  EXPECT_EQ(EaVolumeForm(on_volume), on_volume);
  EXPECT_EQ(EaListForm(on_volume), list);
  EXPECT_EQ(EaListForm(list), list);
  EXPECT_TRUE(CheckEaList(AsBytes(EaListForm(on_volume))).empty());
}

TEST(EaList, WhatCannotBeWalkedStays) {
  const std::string list = EaVolumeForm(test::SampleEa());
  for (size_t size = 0; size < list.size(); ++size) {
    const std::string cut = list.substr(0, size);
    const std::string listed = EaListForm(cut);
    EXPECT_LE(listed.size(), cut.size());
    if (CheckEaList(AsBytes(listed)).empty()) continue;
    EXPECT_EQ(listed, cut);
    EXPECT_EQ(EaVolumeForm(cut), cut);
  }
  for (size_t at = 0; at < list.size(); ++at) {
    std::string flipped = list;
    flipped[at] = static_cast<char>(flipped[at] ^ 0xFF);
    EXPECT_LE(EaListForm(flipped).size(), flipped.size());
    EXPECT_LE(EaVolumeForm(flipped).size(), RoundUp(flipped.size(), 4));
  }
}

}  // namespace
}  // namespace tapir
