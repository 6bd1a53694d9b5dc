#include "tapir/catalog/find.h"

#include <algorithm>
#include <random>

#include "tapir/catalog/search_form.h"
#include "tapir/jobs/list_job.h"
#include "tapir/object/path_order.h"
#include "tests/catalog/catalog_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Lines = std::vector<std::string>;
using Form = catalog::FindRequest::Form;

class FindTest : public CatalogTest {
 protected:
  FindTest() {
    VolumeBuilder volume;
    Check(volume
              .Add({Directory("src"), File("src/Main.cc", "one"), File("src/main.h", "2"),
                    Directory("src/maintenance"), File("src/maintenance/log", "three"),
                    File("x", "x")})
              .status());
    Check(volume.Add({File("src/Main.cc", "newer one"), File("-first", "f")}).status());
    Add("volume", volume);
  }
};

TEST_F(FindTest, WordsArePartsOfPathsInEitherCase) {
  EXPECT_THAT(FindText("MAIN"), UnorderedElementsAre("2 src/Main.cc", "1 src/main.h",
                                                     "1 src/maintenance", "1 src/maintenance/log"));
  EXPECT_THAT(FindText("c/main"),
              UnorderedElementsAre("2 src/Main.cc", "1 src/main.h", "1 src/maintenance",
                                   "1 src/maintenance/log"));
  EXPECT_THAT(FindText("tenance/l"), ElementsAre("1 src/maintenance/log"));
  EXPECT_THAT(FindText("nothing like it"), IsEmpty());
  EXPECT_THAT(Find({.text = "Main", .match_case = true}), ElementsAre("2 src/Main.cc"));
}

TEST_F(FindTest, ShortWordsToo) {
  EXPECT_THAT(FindText("x"), ElementsAre("1 x"));
  EXPECT_THAT(FindText(".h"), ElementsAre("1 src/main.h"));
  EXPECT_THAT(FindText("-"), ElementsAre("2 -first"));
  EXPECT_THAT(FindText("c/"), UnorderedElementsAre("2 src/Main.cc", "1 src/main.h",
                                                   "1 src/maintenance", "1 src/maintenance/log"));
}

// With match_case these are bytes, which stand in whole characters, too.
TEST_F(FindTest, PartsOfCharacters) {
  VolumeBuilder volume(LabelOf(2, 2, "characters"));
  Check(volume
            .Add({Directory("caf\xC3\xA9"), File("caf\xC3\xA9/inside", "1"), File("caf\xC3", "2"),
                  File("\xE9-plain\xC3\xA9", "3"), File("cafe", "4")})
            .status());
  Add("characters", volume);
  EXPECT_THAT(Find({.text = "\xC3", .match_case = true}),
              UnorderedElementsAre("1 caf\xC3\xA9", "1 caf\xC3\xA9/inside", "1 caf\xC3",
                                   "1 \xE9-plain\xC3\xA9"));
  EXPECT_THAT(Find({.text = "\xA9/in", .match_case = true}), ElementsAre("1 caf\xC3\xA9/inside"));
  EXPECT_THAT(Find({.text = "n\xC3", .match_case = true}), ElementsAre("1 \xE9-plain\xC3\xA9"));
  EXPECT_THAT(Find({.text = "\xE9-PLAIN", .match_case = true}), IsEmpty());
  EXPECT_THAT(FindText("caf\xC3"), ElementsAre("1 caf\xC3"));
}

TEST_F(FindTest, GlobsAreOfTheWholePath) {
  EXPECT_THAT(FindText("*main*.h"), ElementsAre("1 src/main.h"));
  EXPECT_THAT(FindText("main*"), IsEmpty());
  EXPECT_THAT(FindText("src*g"), ElementsAre("1 src/maintenance/log"));
  EXPECT_THAT(FindText("src/main.?"), ElementsAre("1 src/main.h"));
  EXPECT_THAT(FindText("*.[ch]"), ElementsAre("1 src/main.h"));
  EXPECT_THAT(FindText("*.[!h]?"), ElementsAre("2 src/Main.cc"));
  EXPECT_THAT(FindText("src/mai[n"), IsEmpty());
  EXPECT_THAT(FindText("\\*"), IsEmpty());
}

TEST_F(FindTest, ExactAndExpressions) {
  EXPECT_THAT(Find({.text = "src/main.cc", .form = Form::kExact}), ElementsAre("2 src/Main.cc"));
  EXPECT_THAT(Find({.text = "src/main.cc", .form = Form::kExact, .match_case = true}), IsEmpty());
  EXPECT_THAT(Find({.text = "src/Main.cc", .form = Form::kExact, .match_case = true}),
              ElementsAre("2 src/Main.cc"));
  EXPECT_THAT(Find({.text = "main", .form = Form::kExact}), IsEmpty());
  EXPECT_THAT(Find({.text = "^SRC/main\\.[ch]$", .form = Form::kRegex}),
              ElementsAre("1 src/main.h"));
  EXPECT_THAT(Find({.text = "n/log$|^x$", .form = Form::kRegex, .match_case = true}),
              UnorderedElementsAre("1 x"));
  const catalog::Inventory inventory = ReadInventory();
  EXPECT_THAT(catalog::Find(*store_, inventory, {.text = "(", .form = Form::kRegex},
                            [](const catalog::Version&) { return OkStatus(); }),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(FindTest, FiltersVersionsAndLimits) {
  EXPECT_THAT(Find({.text = "main.cc", .all_versions = true}),
              ElementsAre("2 src/Main.cc", "1 src/Main.cc"));
  EXPECT_THAT(Find({.text = "main.cc", .max_size = 3}), ElementsAre("1 src/Main.cc"));
  EXPECT_THAT(Find({.min_size = 5}),
              UnorderedElementsAre("2 src/Main.cc", "1 src/maintenance/log"));
  EXPECT_THAT(Find({.types = {ObjectType::kDirectory}}),
              UnorderedElementsAre("1 src", "1 src/maintenance"));
  EXPECT_THAT(Find({.text = "main.cc", .session_number = 1}), ElementsAre("1 src/Main.cc"));
  EXPECT_EQ(Find({.limit = 2}).size(), 2u);
  EXPECT_EQ(Find({.text = "main", .limit = 1}).size(), 1u);
}

TEST_F(FindTest, ByDigest) {
  const catalog::Inventory inventory = ReadInventory();
  std::string digest;
  Check(catalog::Find(*store_, inventory, {.text = "x", .form = Form::kExact},
                      [&](const catalog::Version& version) {
                        digest = ToHex(version.entry.xxh128);
                        return OkStatus();
                      }));
  ASSERT_EQ(digest.size(), 32u);
  EXPECT_THAT(Find({.digest = digest}), ElementsAre("1 x"));
  EXPECT_THAT(Find({.digest = digest.substr(0, 8)}), ElementsAre("1 x"));
  EXPECT_THAT(Find({.digest = std::string(32, '0')}), IsEmpty());
}

TEST_F(FindTest, ByCertificateOnlyWhatItOpens) {
  const catalog::Inventory inventory = ReadInventory();
  const std::vector<catalog::KeyEntry> keys = {
      {inventory.sessions().at(0).key, "src/Main.cc", EfsKeyList::kUsers, "aa11", "", ""},
      {inventory.sessions().at(0).key, "x", EfsKeyList::kUsers, "bb22", "", ""}};
  Check(store_->AddKeyEntries(keys));
  Check(store_->Flush());
  // The newer version of it is open to everybody.
  EXPECT_THAT(Find({.thumbprint = "aa11"}), ElementsAre("1 src/Main.cc"));
  EXPECT_THAT(Find({.thumbprint = "aa11", .all_versions = true}), ElementsAre("1 src/Main.cc"));
  EXPECT_THAT(Find({.text = "nothing", .thumbprint = "bb22"}), IsEmpty());
  EXPECT_THAT(Find({.thumbprint = "cc33"}), IsEmpty());
}

// Names of a few letters, so that many are alike, with some that are hard.
std::string RandomName(std::mt19937& random) {
  static const std::vector<std::string> kHard = {"-",
                                                 "a b",
                                                 "a\nb",
                                                 "\xff\xfe",
                                                 "\xc3\xa9t\xc3\xa9",
                                                 "\xc3\x89t\xc3\xa9",
                                                 "%",
                                                 "a_b",
                                                 "\"quoted\"",
                                                 "back\\s",
                                                 "a.txt",
                                                 "A.TXT",
                                                 "abcd",
                                                 "ABCD",
                                                 "xabcdx",
                                                 "[bracket]*",
                                                 "caf\xe9",
                                                 "abc"};
  if (random() % 3 == 0) return kHard[random() % kHard.size()];
  std::string name;
  for (size_t i = random() % 5 + 1; i > 0; --i) name += "abAB."[random() % 5];
  return name == "." || name == ".." ? "dots" : name;
}

class RandomTrees : public CatalogTest, public testing::WithParamInterface<unsigned> {};

// What find says is what looking at every path says.
TEST_P(RandomTrees, FoundIsWhatLookingAtEveryPathFinds) {
  std::mt19937 random(GetParam());
  VolumeBuilder volume;
  for (int session = 0; session < 3; ++session) {
    std::map<std::string, MemoryObject, PathLess> objects;
    for (int i = 0; i < 40; ++i) {
      std::string path = RandomName(random);
      while (random() % 2 == 0 && path.size() < 60) {
        objects.emplace(path, Directory(path));
        path += "/" + RandomName(random);
      }
      objects.emplace(path, File(path, std::string(random() % 100, 'x')));
    }
    // A file has nothing below it.
    std::vector<MemoryObject> list;
    std::vector<std::string> files;
    for (const auto& one : objects) {
      const auto is_above = [&](const std::string& file) { return IsBelow(one.first, file); };
      if (std::ranges::any_of(files, is_above)) continue;
      if (one.second.type == ObjectType::kRegular) files.push_back(one.first);
      list.push_back(one.second);
    }
    Check(volume.Add(std::move(list)).status());
  }
  Add("volume", volume);

  std::map<std::string, uint32_t> newest;
  std::vector<std::pair<std::string, uint32_t>> all;
  Check(ListObjects(scratch_.At("volume"), {.sessions = SessionChoice::kAll},
                    [&](const ListedEntry& listed) {
                      newest[listed.entry.path] = listed.session_number;
                      all.emplace_back(listed.entry.path, listed.session_number);
                      return OkStatus();
                    })
            .status());
  for (int i = 0; i < 60; ++i) {
    std::string text = RandomName(random);
    if (random() % 4 == 0) text += "/" + RandomName(random);
    if (text.find_first_of("*?[\\") != std::string::npos) continue;
    const bool match_case = random() % 2 == 0;
    const auto matches = [&](const std::string& path) {
      return match_case
                 ? path.find(text) != std::string::npos
                 : catalog::SearchForm(path).find(catalog::SearchForm(text)) != std::string::npos;
    };
    Lines expected;
    for (const auto& [path, session] : newest) {
      if (matches(path)) expected.push_back(std::to_string(session) + " " + path);
    }
    EXPECT_THAT(Find({.text = text, .match_case = match_case}),
                testing::UnorderedElementsAreArray(expected))
        << text;
    Lines expected_all;
    for (const auto& [path, session] : all) {
      if (matches(path)) expected_all.push_back(std::to_string(session) + " " + path);
    }
    EXPECT_THAT(Find({.text = text, .match_case = match_case, .all_versions = true}),
                testing::UnorderedElementsAreArray(expected_all))
        << text;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomTrees, testing::Range(0u, 8u));

}  // namespace
}  // namespace tapir::test
