#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/system_state.h"
#include "tapir/target/directory_files.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/hive_samples.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {

inline RegistryValue BytesValue(std::u16string_view name, const std::string& data) {
  return {std::u16string(name), 3, data, 0};
}

/// Strings of a value, joined by '|'; "(none)" if it is not there.
inline std::string TextAt(const RegistryKey& root, std::u16string_view key,
                          std::u16string_view name) {
  const RegistryKey* at = root.Find(key);
  const RegistryValue* value = at == nullptr ? nullptr : at->value(name);
  if (value == nullptr) return "(none)";
  std::string text;
  for (const std::string& one : RegistryStrings(*value).value_or(std::vector<std::string>())) {
    text += (text.empty() ? "" : "|") + one;
  }
  return text;
}

/// Restores the system state of one directory onto another.
class SystemStateTest : public testing::Test {
 protected:
  SystemStateTest() {
    session_ = SystemTree();
    RegistryKey sample = SampleTree();
    sample.name = u"Sample";
    session_.SetSubkey(std::move(sample));
    AddEntries(session_, u"KeysNotToRestore", u"Mount Manager", {"MountedDevices\\"});
    session_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\C:", "of the session"));
    session_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\D:", "too"));
    existing_ = SystemTree();
    existing_.Make(u"OnlyOfTheTarget");
    existing_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\E:", "disk"));
    existing_.Make(u"MountedDevices")
        .SetValue(BytesValue(u"\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}", "disk"));
  }

  static std::string In(const std::string& name) { return "Windows/System32/config/" + name; }

  void PutHives(const std::string& tree, const RegistryKey& system, uint32_t sequence) {
    HiveDescription description;
    description.sequence = sequence;
    scratch_.Put(tree + "/" + In("SYSTEM"), Value(BuildHive(system, description)));
    scratch_.Put(tree + "/" + In("SOFTWARE"), Value(BuildHive(SoftwareTree(), description)));
  }

  void ArchiveTree() {
    ArchiveRequest request;
    request.volume = scratch_.At("volume");
    request.source.base_directory = scratch_.At("session");
    request.source.paths = {"."};
    request.source.reporter = request.session.reporter = &reporter_;
    Check(Archive(request).status());
  }
  // Both sides as they are now.
  void Prepare() {
    PutHives("session", session_, 7);
    PutHives("target", existing_, 90);
    ArchiveTree();
  }

  Result<SystemStateReport> TryRestore() {
    request_.restore.volume = scratch_.At("volume");
    request_.restore.target.directory = scratch_.At("target");
    request_.restore.target.overwrite = true;
    request_.restore.target.reporter = &reporter_;
    request_.open_files = [this](bool) { return OpenDirectoryFiles(scratch_.At("target")); };
    request_.ambient = &ambient_;
    request_.take_decision = [this](const KeyDecision& decision) {
      decisions_.push_back(decision.text);
    };
    decisions_.clear();
    return RestoreSystemState(request_);
  }
  SystemStateReport RestoreState() { return Value(TryRestore()); }

  std::string Contents(const std::string& name) const {
    return BytesOfFile(scratch_.At("target/" + name));
  }
  HiveContents Hive(const std::string& name) const {
    return Value(ReadHive({Contents(In(name)), Contents(In(name) + ".LOG1"), {}, {}}));
  }
  std::vector<std::string> NamesInRoot() const {
    std::vector<std::string> names;
    for (const auto& one : std::filesystem::directory_iterator(scratch_.At("target"))) {
      names.push_back(one.path().filename());
    }
    return names;
  }
  std::string Notices() const {
    std::string all;
    for (const auto& one : reporter_.notices()) all += one.subject + ": " + one.text + "\n";
    return all;
  }

  Scratch scratch_;
  CollectingReporter reporter_;
  FixedAmbient ambient_;
  SystemStateRequest request_;
  RegistryKey session_;
  RegistryKey existing_;
  std::vector<std::string> decisions_;
};

}  // namespace tapir::test
