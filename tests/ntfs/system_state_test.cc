#include "tapir/jobs/system_state.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tapir/hive/read_hive.h"
#include "tapir/ntfs/ntfs_files.h"
#include "tapir/ntfs/ntfs_target.h"
#include "tests/jobs/registry_trees.h"
#include "tests/ntfs/sis_fixture.h"
#include "tests/support/failing_files.h"
#include "tests/support/hive_samples.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kConfig[] = "Windows/System32/config/";
constexpr std::u16string_view kStateKey =
    u"ControlSet001\\Control\\BackupRestore\\SystemStateRestore";

/// Images of Windows with hives, links into a store, an encrypted file and short names.
class NtfsSystemStateTest : public SisVolumeTest {
 protected:
  void SetUp() override {
    session_ = SystemTree();
    RegistryKey sample = SampleTree();
    sample.name = u"Sample";
    session_.SetSubkey(std::move(sample));
    AddEntries(session_, u"KeysNotToRestore", u"Mount Manager", {"MountedDevices\\"});
    existing_ = SystemTree();
    existing_.Make(u"MountedDevices").SetValue({u"\\DosDevices\\C:", 3, "of the target", 0});
    MakeWindows("session", session_, 10);
    MakeWindows("target", existing_, 20);
    ArchiveImage(At("session"), At("volume"));
    reporter_.Clear();
  }

  void MakeWindows(const std::string& name, const RegistryKey& system, uint32_t sequence) {
    const auto fill = [&](NtfsImage& image) {
      image.MakeDirectory(u"Windows");
      image.MakeDirectory(u"Windows/System32");
      image.MakeDirectory(u"Windows/System32/config");
      const HiveDescription description{.sequence = sequence};
      image.MakeFile(u"Windows/System32/config/SYSTEM", Value(BuildHive(system, description)));
      image.MakeFile(u"Windows/System32/config/SYSTEM.LOG1", RandomBytes(1000, sequence));
      image.MakeFile(u"Windows/System32/config/SOFTWARE",
                     Value(BuildHive(SoftwareTree(), description)));
      image.MakeFile(u"Windows/System32/long name of a library.dll", name);
      image.ShortName(u"Windows/System32/long name of a library.dll", "LONGNA~1.DLL");
      image.MakeFile(u"secret", RandomBytes(512, 3) + std::string(2, '\0'));
      image.Encrypt(u"secret", BareEfsMetadata(700));
    };
    // What is in a store is never written over: the target has none yet.
    if (name == "session") return MakeDisk(name, fill);
    NtfsImage::Make(At(name), kSisImageBytes);
    NtfsImage image(At(name));
    fill(image);
  }

  Result<SystemStateReport> TryRestoreState(const OpenVolumeFiles& open) {
    NtfsTargetOptions options;
    options.address.image = At("target");
    options.overwrite = true;
    options.reporter = &reporter_;
    SystemStateRequest request;
    request.restore.volume = At("volume");
    request.restore.target.reporter = &reporter_;
    request.restore.open_target = [options]() -> Result<std::unique_ptr<ObjectTarget>> {
      TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<NtfsTarget> target, NtfsTarget::Open(options));
      return std::unique_ptr<ObjectTarget>(std::move(target));
    };
    request.open_files = open;
    request.pending = pending_;
    return RestoreSystemState(request);
  }
  Result<std::unique_ptr<VolumeFiles>> OpenTarget(bool writable) const {
    return OpenNtfsFiles({.image = At("target"), .partition = {}, .offset_bytes = {}}, writable);
  }
  SystemStateReport RestoreState() {
    return Value(TryRestoreState([this](bool writable) { return OpenTarget(writable); }));
  }
  std::string Contents(const std::string& path) const {
    return Value(Value(OpenTarget(false))->Read(path, kMostHiveBytes));
  }
  RegistryKey System() const {
    return Value(ReadHive({Contents(std::string(kConfig) + "SYSTEM"), {}, {}, {}})).root;
  }
  RegistryKey Wanted(const RegistryKey& merged) const {
    RegistryKey wanted = session_;
    wanted.SetSubkey(*existing_.subkey(u"MountedDevices"));
    const RegistryKey* state = merged.Find(kStateKey);
    if (state != nullptr) wanted.Make(kStateKey) = *state;
    return wanted;
  }
  std::vector<std::string> UnmeantDifferences(const SystemStateReport& report) {
    std::vector<std::string> found;
    for (const Difference& one : DifferencesFrom(At("volume"), At("target"))) {
      if (!IsMeantBySystemState(report, one)) found.push_back(one.path + ": " + one.text);
    }
    return found;
  }

  RegistryKey session_;
  RegistryKey existing_;
  std::vector<std::string> pending_;
};

TEST_F(NtfsSystemStateTest, AFullRound) {
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.restore.failed + report.restore.kept, 0u) << Notices();
  EXPECT_THAT(report.hives,
              ElementsAre(kConfig + std::string("SYSTEM"), kConfig + std::string("SOFTWARE")));
  const RegistryKey merged = System();
  EXPECT_TRUE(merged == Wanted(merged));
  EXPECT_EQ(Contents(std::string(kConfig) + "SYSTEM.LOG1"), "");
  EXPECT_THAT(UnmeantDifferences(report), IsEmpty());
  ExpectSound(At("target"));

  const SystemStateReport again = RestoreState();
  EXPECT_NE(again.restore_id, report.restore_id);
  const RegistryKey second = System();
  EXPECT_TRUE(second == Wanted(second));
}

TEST_F(NtfsSystemStateTest, PendingFilesKeepTheirShortNames) {
  pending_ = {"*.dll"};
  const SystemStateReport report = RestoreState();
  ASSERT_TRUE(report.run.has_value()) << Notices();
  EXPECT_EQ(report.run->done, 4u);
  EXPECT_EQ(report.run->failed, 0u);
  EXPECT_EQ(Contents("Windows/System32/LONGNA~1.DLL"), "session");
  EXPECT_THAT(UnmeantDifferences(report), IsEmpty());
  ExpectSound(At("target"));
}

// The program is killed at each of its calls that change the volume; repeated, it comes to the
// same.
TEST_F(NtfsSystemStateTest, KilledAnywhereAndRepeated) {
  pending_ = {"*.dll"};
  MakeWindows("fresh", existing_, 20);
  uint64_t call = 0;
  bool ended = false;
  for (; !ended; ++call) {
    std::filesystem::copy_file(At("fresh"), At("target"),
                               std::filesystem::copy_options::overwrite_existing);
    const auto fault = std::make_shared<FileFault>();
    fault->calls_before = call;
    fault->is_death = true;
    ended = TryRestoreState([&](bool writable) -> Result<std::unique_ptr<VolumeFiles>> {
              TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<VolumeFiles> files, OpenTarget(writable));
              if (!writable) return files;
              return std::unique_ptr<VolumeFiles>(
                  std::make_unique<FailingFiles>(std::move(files), fault));
            }).ok();
    RestoreState();
    const RegistryKey merged = System();
    EXPECT_TRUE(merged == Wanted(merged)) << call;
    EXPECT_EQ(Contents("Windows/System32/long name of a library.dll"), "session") << call;
  }
  EXPECT_GT(call, 15u);
  ExpectSound(At("target"));
}

}  // namespace
}  // namespace tapir::test
