#include "tools/catalog/names.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "tapir/catalog/sqlite_store.h"
#include "tests/support/scratch.h"

namespace tapir::cli {
namespace {

using catalog::Inventory;

std::string Split(std::string_view name, char separator) {
  const auto split = SplitNumber(name, separator);
  return split ? std::string(split->first) + "|" + std::to_string(split->second) : "none";
}

TEST(SplitNumber, TakesTheLastOne) {
  EXPECT_EQ(Split("photos:14", ':'), "photos|14");
  EXPECT_EQ(Split("vtape:a.tap:2", ':'), "vtape:a.tap|2");
  EXPECT_EQ(Split("photos#2:3", ':'), "photos#2|3");
  EXPECT_EQ(Split("photos#2", '#'), "photos|2");
  for (const char* name : {"", "photos", ":1", "photos:", "photos:0", "photos:x", "photos:1x",
                           "photos:-1", "photos: 1", "photos:4294967296"}) {
    EXPECT_EQ(Split(name, ':'), "none") << name;
  }
}

/// Volumes as a catalogue may have them: one alone, a set of two, two sets of the same label, a
/// copy, and one without a label.
class CatalogNames : public testing::Test {
 protected:
  void SetUp() override {
    auto store = catalog::OpenSqliteStore(scratch_.At("c.db"), catalog::StoreUse::kWrite);
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = *std::move(store);
    Add('1', 'a', "alone", 1);
    Add('2', 'b', "set", 1);
    Add('3', 'b', "set", 2);
    Add('4', 'c', "same", 1);
    Add('5', 'd', "same", 1);
    Add('6', 'e', "", 1);
    auto inventory = Inventory::Read(*store_);
    ASSERT_TRUE(inventory.ok()) << inventory.status().message();
    inventory_ = std::make_unique<Inventory>(*std::move(inventory));
  }

  void Add(char uuid, char set, const std::string& label, uint32_t sequence) {
    catalog::Volume volume;
    volume.uuid = std::string(8, uuid) + "-0000-4000-8000-000000000000";
    volume.set_uuid = std::string(8, set) + "-0000-4000-8000-000000000000";
    volume.label = label;
    volume.sequence = sequence;
    volume.address = label + std::to_string(sequence) + ".tapir";
    const auto key = store_->PutVolume(volume);
    ASSERT_TRUE(key.ok()) << key.status().message();
    for (uint32_t number = 1; number <= 2; ++number) {
      catalog::Session session;
      session.volume = *key;
      session.id = std::string(15, '0') + std::to_string(number);
      session.number = number;
      const auto begun = store_->BeginSession(session);
      ASSERT_TRUE(begun.ok()) << begun.status().message();
      session.key = *begun;
      ASSERT_TRUE(store_->FinishSession(session).ok());
    }
  }

  std::string FirstDigit(std::string_view name) const {
    const auto volume = FindNamedVolume(*inventory_, name);
    return volume.ok() ? (*volume)->uuid.substr(0, 1)
                       : std::string(StatusCodeName(volume.status().code()));
  }

  test::Scratch scratch_;
  std::unique_ptr<catalog::Store> store_;
  std::unique_ptr<Inventory> inventory_;
};

TEST_F(CatalogNames, AreDifferentAndTakenBack) {
  const VolumeNames names(*inventory_);
  std::set<std::string> all;
  for (const catalog::Volume& volume : inventory_->volumes()) {
    all.insert(names.Of(volume));
    const auto found = FindNamedVolume(*inventory_, names.Of(volume));
    ASSERT_TRUE(found.ok()) << names.Of(volume) << ": " << found.status().message();
    EXPECT_EQ((*found)->key, volume.key);
  }
  EXPECT_EQ(all,
            (std::set<std::string>{"alone", "set#1", "set#2", "44444444", "55555555", "66666666"}));
}

TEST_F(CatalogNames, OfSessionsAreTakenBack) {
  const VolumeNames names(*inventory_);
  for (const catalog::Session& session : inventory_->sessions()) {
    const auto found = FindNamedSession(*inventory_, names.Of(session));
    ASSERT_TRUE(found.ok()) << names.Of(session) << ": " << found.status().message();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front()->key, session.key);
  }
  EXPECT_EQ(FindNamedSession(*inventory_, "set:2")->size(), 2u);
  EXPECT_EQ(FindNamedSession(*inventory_, "set:3").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(FindNamedSession(*inventory_, "set").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(FindNamedSession(*inventory_, "none:1").status().code(), StatusCode::kNotFound);
}

TEST_F(CatalogNames, MeanOneVolumeOrSaySo) {
  EXPECT_EQ(FirstDigit("alone"), "1");
  EXPECT_EQ(FirstDigit("alone#1"), "1");
  EXPECT_EQ(FirstDigit("set#2"), "3");
  EXPECT_EQ(FirstDigit("33333333"), "3");
  EXPECT_EQ(FirstDigit("set"), "invalid argument");
  EXPECT_EQ(FirstDigit("same"), "invalid argument");
  EXPECT_EQ(FirstDigit("set#3"), "not found");
  EXPECT_EQ(FirstDigit("nobody"), "not found");
  EXPECT_EQ(FindNamedSet(*inventory_, "set")->size(), 2u);
  EXPECT_EQ(FindNamedSet(*inventory_, "set#1")->size(), 1u);
}

}  // namespace
}  // namespace tapir::cli
