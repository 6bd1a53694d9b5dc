#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "container/format.h"
#include "jobs/policed_source.h"
#include "tests/conformance/vector_file.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"

// Volumes whose sessions were shaped by a policy.
namespace tapir::test {
namespace {

MemoryObject InWtf8(MemoryObject object) {
  object.metadata.path_encoding = PathEncoding::kWtf8;
  return object;
}

MemoryObject Link(const std::string& path, const std::string& target) {
  MemoryObject link = InWtf8(File(path, ""));
  link.type = ObjectType::kSymlink;
  link.metadata.link_target = target;
  return link;
}

std::vector<MemoryObject> ObjectsOfDrive() {
  return {InWtf8(Directory("SIS Common Store")),
          InWtf8(File("SIS Common Store/1.sis", "contents of many")),
          InWtf8(Directory("Windows")),
          InWtf8(Directory("Windows/Temp")),
          InWtf8(Directory("Windows/Temp/deep")),
          InWtf8(File("Windows/Temp/deep/scratch.tmp", "never mind")),
          InWtf8(Link("Windows/Temp/link", "anywhere")),
          InWtf8(File("Windows/notepad.exe", "kept")),
          InWtf8(File("pagefile.sys", std::string(300, 'p')))};
}

PolicyManifest PolicyOfDrive() {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"Memory Page File", {"\\Pagefile.sys"});
  AddEntries(system, u"FilesNotToBackup", u"Single Instance Storage",
             {"\\SIS Common Store\\*.* /s"});
  AddEntries(system, u"FilesNotToBackup", u"Temporary Files", {"%TEMP%\\* /s", "%NOPE%\\*"});
  AddEntries(system, u"FilesNotToSnapshot", u"OutlookOST", {"$UserProfile$\\*.ost"});
  AddEntries(system, u"KeysNotToRestore", u"Mount Manager", {"MountedDevices\\"});
  system.Make(u"ControlSet001\\Services\\VSS\\Settings")
      .SetValue(MakeRegistryNumber(u"MaxShadowCopies", 1000));
  SetText(system.Make(u"ControlSet001\\Control\\Session Manager\\Environment"), u"TEMP",
          "%SystemRoot%\\TEMP", kRegExpandSz);
  PolicyManifest manifest = PolicyOf(system, {.writers = {"A Writer"}});
  manifest.inputs[0].replayed = true;
  manifest.inputs[0].size = 8192;
  manifest.inputs[0].sha256.fill(std::byte{0x5A});
  manifest.inputs[0].name = "Windows/System32/config/SYSTEM";
  return manifest;
}

void AddShaped(VolumeBuilder& volume, const PolicyManifest& manifest) {
  volume.options().session_records = {
      {static_cast<uint16_t>(ItemType::kPolicyManifest), Value(EncodePolicyManifest(manifest))}};
  MemorySource source(ObjectsOfDrive());
  PolicedSource policed(source, manifest);
  Check(volume.Add(policed).status());
}

// The first session holds all, the second what the policy leaves.
TEST(PolicyVectors, APolicyAndWhatItLeftOut) {
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  Check(volume.Add(ObjectsOfDrive()).status());
  AddShaped(volume, PolicyOfDrive());
  ExpectIsVector("policy", BytesOf(volume.device()));
}

// A rule of a value that is not there: the manifest is damaged, the objects are sound.
TEST(PolicyVectors, AMalformedManifest) {
  PolicyManifest manifest = PolicyOfDrive();
  manifest.rules[1].value = 99;
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  AddShaped(volume, manifest);
  ExpectIsVector("policy-malformed", BytesOf(volume.device()));
}

}  // namespace
}  // namespace tapir::test
