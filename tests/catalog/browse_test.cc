#include "tapir/catalog/browse.h"

#include <random>

#include "tapir/jobs/list_job.h"
#include "tapir/object/path_order.h"
#include "tests/catalog/catalog_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

std::string Line(const catalog::Version& version) {
  const std::string number =
      version.session == nullptr ? "-" : std::to_string(version.session->number);
  return number + " " + version.entry.path;
}

class BrowseTest : public CatalogTest {
 protected:
  catalog::State NewestState(const std::string& volume) {
    inventory_ = ReadInventory();
    return {*store_, inventory_.SessionsOf(Value(inventory_.FindSet(volume)))};
  }
  Lines List(const std::string& path) {
    catalog::State state = NewestState(scratch_.At("volume"));
    Lines lines;
    for (const catalog::Version& version : Value(state.List(path))) lines.push_back(Line(version));
    return lines;
  }
  Lines Walk(const std::string& path) {
    catalog::State state = NewestState(scratch_.At("volume"));
    Lines lines;
    Check(state.Walk(path, [&](const catalog::Version& version) {
      lines.push_back(Line(version));
      return OkStatus();
    }));
    return lines;
  }

  catalog::Inventory inventory_;
};

TEST_F(BrowseTest, NewestStateHidesWhatAFileReplaced) {
  VolumeBuilder volume;
  Check(volume.Add({File("-x", "x"), Directory("a"), File("a/old", "1"), File("b/c/deep", "2")})
            .status());
  Check(volume.Add({File("a", "no directory")}).status());
  Check(volume.Add({Directory("a"), File("a/new", "3"), File("b/e", "4")}).status());
  Add("volume", volume);
  EXPECT_THAT(List("."), ElementsAre("1 -x", "3 a", "- b"));
  EXPECT_THAT(List("a"), ElementsAre("3 a/new"));
  EXPECT_THAT(List("b"), ElementsAre("- b/c", "3 b/e"));
  EXPECT_THAT(List("b/c"), ElementsAre("1 b/c/deep"));
  EXPECT_THAT(Walk("b"), ElementsAre("1 b/c/deep", "3 b/e"));
  EXPECT_THAT(Walk("a/old"), IsEmpty());
  catalog::State state = NewestState(scratch_.At("volume"));
  EXPECT_THAT(state.List("a/new"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(state.List("a/old"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(state.List("nothing"), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Line(*Value(state.Find("b/e"))), "3 b/e");
  EXPECT_FALSE(Value(state.Find("b")).has_value());
}

TEST_F(BrowseTest, OneSessionAlone) {
  VolumeBuilder volume;
  Check(volume.Add({Directory("a"), File("a/one", "1")}).status());
  Check(volume.Add({File("a/two", "2")}).status());
  Add("volume", volume);
  inventory_ = ReadInventory();
  const auto sessions = inventory_.SessionsOf(Value(inventory_.FindSet(scratch_.At("volume"))));
  catalog::State second(*store_, {sessions.at(1)});
  const std::vector<catalog::Version> listed = Value(second.List("a"));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(Line(listed.front()), "2 a/two");
}

TEST_F(BrowseTest, DeepPathsTakeNoStack) {
  std::string path = "d";
  while (path.size() < 4000) path += "/d";
  VolumeBuilder volume;
  Check(volume.Add({File(path, "deep")}).status());
  Add("volume", volume);
  EXPECT_THAT(Walk("."), ElementsAre("1 " + path));
  EXPECT_THAT(List("d"), ElementsAre("- d/d"));
}

TEST_F(BrowseTest, DirectoriesOfSeveralPages) {
  VolumeBuilder volume;
  std::vector<MemoryObject> files;
  for (int i = 100'000; i < 105'000; ++i) files.push_back(File("d/" + std::to_string(i), "x"));
  Check(volume.Add(std::move(files)).status());
  Add("volume", volume);
  const Lines lines = List("d");
  ASSERT_EQ(lines.size(), 5'000u);
  EXPECT_EQ(lines.front(), "1 d/100000");
  EXPECT_EQ(lines.back(), "1 d/104999");
}

class RandomSessions : public BrowseTest, public testing::WithParamInterface<unsigned> {};

// The newest state is the one that the volume's own indexes give.
TEST_P(RandomSessions, StateIsThatOfTheVolume) {
  std::mt19937 random(GetParam());
  VolumeBuilder volume;
  for (int session = 0; session < 5; ++session) {
    std::map<std::string, MemoryObject, PathLess> objects;
    for (int i = 0; i < 12; ++i) {
      std::string path(1, "abc"[random() % 3]);
      while (random() % 3 != 0 && path.size() < 9) {
        if (random() % 2 == 0) objects.emplace(path, Directory(path));
        path += std::string("/") + "abc"[random() % 3];
      }
      objects.emplace(path, random() % 4 == 0 ? Directory(path) : File(path, "f"));
    }
    std::vector<MemoryObject> list;
    std::string file = "none";
    for (auto& [path, object] : objects) {
      if (IsBelow(path, file)) continue;
      if (object.type == ObjectType::kRegular) file = path;
      list.push_back(object);
    }
    Check(volume.Add(std::move(list)).status());
  }
  Add("volume", volume);
  for (const std::string& below : {std::string("."), std::string("a"), std::string("b/c")}) {
    Selection selection;
    if (below != ".") selection.patterns = {below};
    Lines expected;
    Check(ListObjects(scratch_.At("volume"), selection, [&](const ListedEntry& listed) {
            expected.push_back(std::to_string(listed.session_number) + " " + listed.entry.path);
            return OkStatus();
          }).status());
    EXPECT_THAT(Walk(below), ElementsAreArray(expected)) << below;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomSessions, testing::Range(0u, 12u));

}  // namespace
}  // namespace tapir::test
