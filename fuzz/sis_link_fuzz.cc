#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/sis_backup.h"
#include "tapir/windows/sis_restore.h"
#include "tests/support/windows_samples.h"

namespace {

using namespace tapir;
using fuzz::Require;

// What is read builds to the same bytes, and is rejected if and only if it is not read.
void CheckGeneric(ByteSpan bytes) {
  const Result<ReparseView> reparse = ParseReparse(bytes);
  bool rejected = false;
  for (const Finding& finding : CheckReparse(bytes)) {
    rejected = rejected || finding.severity == Severity::kReject;
    Require(finding.offset <= bytes.size(), "a finding outside");
  }
  Require(rejected != reparse.ok(), "parsing and checking differ");
  if (!reparse.ok()) return;
  const Result<std::string> again = BuildReparse(*reparse);
  Require(again.ok() && *again == AsText(bytes), "reparse data come back otherwise");
}

// A target that is read can be built, and is read from that again.
void CheckTarget(ByteSpan bytes) {
  const Result<ReparseTarget> target = ParseReparseTarget(bytes);
  if (!target.ok()) return;
  const bool is_symlink = ParseReparse(bytes)->tag == kReparseTagSymlink;
  const Result<std::string> built = is_symlink ? BuildSymlink(*target) : BuildMountPoint(*target);
  // Names that overlap take less than what is built of them.
  if (built.status().code() == StatusCode::kLimitExceeded) return;
  Require(built.ok(), "a target cannot be built: " + built.status().ToString());
  const Result<ReparseTarget> again = ParseReparseTarget(AsBytes(*built));
  Require(again.ok() && *again == *target, "a target comes back otherwise");
}

// Any link has its place in a backup and in a restore.
void CheckSis(ByteSpan bytes) {
  if (!IsSisLink(bytes)) return;
  const std::optional<SisLinkFields> fields = ReadSisLink(bytes);
  SisVolume volume;
  volume.store_root = "S";
  volume.store_files = {{"S/" + GuidText(test::SampleGuid(1)) + ".sis", {1}}, {"S/index", {2}}};
  volume.links = {{.path = "l", .reparse = std::string(AsText(bytes))}};
  SisBackup backup(volume);
  Require(!backup.internal_files().empty() || backup.pairs()[0].store_file.has_value(),
          "an internal file is lost");
  const Result<SisFilesForLink> files = backup.FilesForLink(bytes, 0);
  Require(files.ok() == backup.pairs()[0].store_file.has_value(), "two pairings of one link");
  SisRestore restore("S", {}, {});
  const auto asked = restore.RestoredLink("l", bytes, {});
  Require(asked.ok() == fields.has_value(), "a link that is known is refused, or the reverse");
  if (!asked.ok()) return;
  for (const std::string& name : *asked) {
    Require(restore.RestoredCommonStoreFile(name).ok(), "what is asked for is refused");
  }
  Require(restore.Free().ok() && restore.links_readable(), "a restore does not end");
}

}  // namespace

// A reparse buffer that anybody may have written.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan bytes = std::as_bytes(std::span(data, size));
  CheckGeneric(bytes);
  CheckTarget(bytes);
  CheckSis(bytes);
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  // Mostly the length is made right again: hardly a change would get past it otherwise.
  if (size < 8 || seed % 8 == 0) return size;
  const size_t head = data[3] >= 0x80 ? 8 : 24;
  if (size < head) return size;
  StoreLe(reinterpret_cast<std::byte*>(data + 4), static_cast<uint16_t>(size - head));
  return size;
}
