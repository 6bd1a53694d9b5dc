#include "tests/support/volume_files_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes/cursor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using testing::UnorderedElementsAre;

constexpr uint64_t kMost = uint64_t{1} << 30;
constexpr char kConfig[] = "Windows/System32/config";

FileFailure Why(const Status& status) {
  EXPECT_FALSE(status.ok());
  return status.ok() ? FileFailure::kOther : FailureOf(status);
}
template <typename T>
FileFailure Why(const Result<T>& result) {
  return Why(result.ok() ? OkStatus() : result.status());
}

std::string In(const std::string& name) { return std::string(kConfig) + "/" + name; }

void FindsInAnyCase(VolumeFiles& files) {
  const VolumeFileInfo info = Value(files.Stat("wINDOWS/sYSTEM32/CONFIG/system"));
  EXPECT_EQ(info.name, "SYSTEM");
  EXPECT_FALSE(info.is_directory);
  EXPECT_EQ(info.size_bytes, 8u);
  EXPECT_EQ(Value(files.Stat("\xC3\x84rger/\xC3\xA4")).name, "\xC3\x84");
  EXPECT_TRUE(Value(files.Stat("windows")).is_directory);
  EXPECT_TRUE(Value(files.Stat(".")).is_directory);
  EXPECT_EQ(Why(files.Stat("Windows/none")), FileFailure::kNotFound);
  EXPECT_EQ(Why(files.Stat("none/SYSTEM")), FileFailure::kParentNotFound);
  EXPECT_EQ(Why(files.Stat(In("SYSTEM/below a file"))), FileFailure::kParentNotFound);
  EXPECT_EQ(Why(files.Stat("Windows/../x")), FileFailure::kInvalidName);
  EXPECT_EQ(Why(files.Stat("")), FileFailure::kInvalidName);
}

void ListsNames(VolumeFiles& files) {
  EXPECT_THAT(Value(files.NamesIn("windows/system32/config")),
              UnorderedElementsAre("SYSTEM", "SOFTWARE"));
  EXPECT_THAT(Value(files.NamesIn(".")), UnorderedElementsAre("Windows", "Empty", "\xC3\x84rger"));
  EXPECT_EQ(Why(files.NamesIn(In("SYSTEM"))), FileFailure::kNotDirectory);
  EXPECT_EQ(Why(files.NamesIn("none")), FileFailure::kNotFound);
}

void Reads(VolumeFiles& files) {
  EXPECT_EQ(Value(files.Read(In("system"), 8)), "the hive");
  EXPECT_THAT(files.Read(In("SYSTEM"), 7), HasCode(StatusCode::kLimitExceeded));
  EXPECT_EQ(Why(files.Read("Windows", kMost)), FileFailure::kIsDirectory);
  EXPECT_EQ(Why(files.Read("Windows/none", kMost)), FileFailure::kNotFound);
}

void ReplacesContents(VolumeFiles& files) {
  const std::string large = RandomBytes(3'000'001, 1);
  for (const std::string& contents : {large, std::string("short"), std::string(), large}) {
    ASSERT_THAT(files.Write(In("sYsTeM"), AsBytes(contents)), IsOk());
    EXPECT_EQ(Value(files.Read(In("SYSTEM"), kMost)), contents);
  }
  EXPECT_THAT(Value(files.NamesIn(kConfig)), UnorderedElementsAre("SYSTEM", "SOFTWARE"));
  EXPECT_EQ(Why(files.Write("Windows", AsBytes("x"))), FileFailure::kIsDirectory);
}

void MakesFiles(VolumeFiles& files) {
  const std::string contents = RandomBytes(100'000, 2);
  ASSERT_THAT(files.Write("windows/New Name", AsBytes(contents)), IsOk());
  EXPECT_EQ(Value(files.Read("Windows/new name", kMost)), contents);
  EXPECT_EQ(Value(files.Stat("windows/NEW NAME")).name, "New Name");
  EXPECT_EQ(Why(files.Write("none/x", AsBytes("x"))), FileFailure::kParentNotFound);
}

// The way of a restored hive.
void MovesWithinADirectory(VolumeFiles& files) {
  ASSERT_THAT(files.Move(In("SYSTEM"), In("SYSTEM.tapir-old")), IsOk());
  ASSERT_THAT(files.Write(In("SYSTEM"), AsBytes("new")), IsOk());
  EXPECT_EQ(Value(files.Read(In("system.TAPIR-OLD"), kMost)), "the hive");
  EXPECT_EQ(Value(files.Read(In("system"), kMost)), "new");
}

void MovesElsewhere(VolumeFiles& files) {
  ASSERT_THAT(files.Move(In("system"), "empty/Moved"), IsOk());
  EXPECT_EQ(Value(files.Read("Empty/moved", kMost)), "the hive");
  EXPECT_EQ(Why(files.Stat(In("SYSTEM"))), FileFailure::kNotFound);
}

void MovesOverNothing(VolumeFiles& files) {
  EXPECT_EQ(Why(files.Move(In("SYSTEM"), In("software"))), FileFailure::kExists);
  EXPECT_EQ(Why(files.Move(In("SYSTEM"), "EMPTY")), FileFailure::kExists);
  EXPECT_EQ(Why(files.Move(In("none"), "x")), FileFailure::kNotFound);
  EXPECT_EQ(Why(files.Move(In("SYSTEM"), "none/x")), FileFailure::kParentNotFound);
  EXPECT_EQ(Why(files.Move("Empty", "Full")), FileFailure::kIsDirectory);
  EXPECT_EQ(Value(files.Read(In("SYSTEM"), kMost)), "the hive");
  EXPECT_EQ(Value(files.Read(In("SOFTWARE"), kMost)), "other");
}

void ChangesCase(VolumeFiles& files) {
  ASSERT_THAT(files.Move(In("SYSTEM"), In("SYSTEM")), IsOk());
  ASSERT_THAT(files.Move(In("system"), In("System")), IsOk());
  EXPECT_THAT(Value(files.NamesIn(kConfig)), UnorderedElementsAre("System", "SOFTWARE"));
}

void Deletes(VolumeFiles& files) {
  EXPECT_EQ(Why(files.Delete("windows/system32/config")), FileFailure::kDirectoryNotEmpty);
  ASSERT_THAT(files.Delete(In("system")), IsOk());
  EXPECT_EQ(Why(files.Delete(In("system"))), FileFailure::kNotFound);
  ASSERT_THAT(files.Delete(In("Software")), IsOk());
  ASSERT_THAT(files.Delete(kConfig), IsOk());
  EXPECT_EQ(Why(files.Write(In("x"), AsBytes("x"))), FileFailure::kParentNotFound);
  EXPECT_EQ(Why(files.Delete("none/x")), FileFailure::kParentNotFound);
  ASSERT_THAT(files.Delete("Empty"), IsOk());
  EXPECT_EQ(Why(files.Delete(".")), FileFailure::kInvalidName);
}

void KeepsOddNames(VolumeFiles& files) {
  const std::string odd = "Empty/a\nb \xED\xA0\x80 \xF0\x9F\x98\x80";
  ASSERT_THAT(files.Write(odd, AsBytes("odd")), IsOk());
  EXPECT_EQ(Value(files.Read(odd, kMost)), "odd");
  EXPECT_THAT(Value(files.NamesIn("Empty")), UnorderedElementsAre(odd.substr(6)));
  ASSERT_THAT(files.Delete(odd), IsOk());
}

}  // namespace

const std::vector<VolumeFilesCase>& VolumeFilesCases() {
  static const std::vector<VolumeFilesCase> kCases = {
      {"FindsInAnyCase", FindsInAnyCase},
      {"ListsNames", ListsNames},
      {"Reads", Reads},
      {"ReplacesContents", ReplacesContents},
      {"MakesFiles", MakesFiles},
      {"MovesWithinADirectory", MovesWithinADirectory},
      {"MovesElsewhere", MovesElsewhere},
      {"MovesOverNothing", MovesOverNothing},
      {"ChangesCase", ChangesCase},
      {"Deletes", Deletes},
      {"KeepsOddNames", KeepsOddNames}};
  return kCases;
}

const std::vector<CaseFile>& CaseFiles() {
  static const std::vector<CaseFile> kFiles = {{"Windows", true, {}},
                                               {"Windows/System32", true, {}},
                                               {kConfig, true, {}},
                                               {"Empty", true, {}},
                                               {"\xC3\x84rger", true, {}},
                                               {In("SYSTEM"), false, "the hive"},
                                               {In("SOFTWARE"), false, "other"},
                                               {"\xC3\x84rger/\xC3\x84", false, "umlaut"}};
  return kFiles;
}

}  // namespace tapir::test
