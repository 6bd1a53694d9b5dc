#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/policy_file.h"
#include "tapir/windows/registry_export.h"
#include "tapir/windows/rule_list.h"
#include "tapir/windows/upcase.h"
#include "tests/support/registry_export_text.h"

namespace {

using namespace tapir;
using fuzz::Require;

void RequirePlaces(const std::vector<Finding>& findings, ByteSpan text) {
  for (const Finding& finding : findings) {
    Require(finding.offset <= text.size(), "a finding outside");
    Require(!finding.text.empty(), "a finding without words");
  }
}

size_t ItemsOf(const RegistryKey& key) {
  size_t items = key.values.size();
  for (size_t i = 0; i < key.subkeys.size(); ++i) {
    const RegistryKey& subkey = key.subkeys[i];
    const bool in_order = i == 0 || Upcase(key.subkeys[i - 1].name) < Upcase(subkey.name);
    Require(in_order && !subkey.name.empty(), "keys out of order, or without a name");
    items += 1 + ItemsOf(subkey);
  }
  return items;
}

}  // namespace

// An export of the registry, or a file of rules.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan text = std::as_bytes(std::span(data, size));
  const RegistryExport read = ReadRegistryExport(text);
  RequirePlaces(read.findings, text);
  Require(read.version != 0 || read.root == RegistryKey(), "keys of what is no export");
  const size_t items = ItemsOf(read.root);
  Require(items <= size, "more than the text can hold");
  const RegistryExport again = ReadRegistryExport(AsBytes(test::ExportText(read.root)));
  Require(again.findings.empty() && again.root == read.root, "an export of it is another");
  const RegistryExport half = ReadRegistryExport(text, {.items = items / 2});
  Require(ItemsOf(half.root) <= items / 2, "a limit that does not hold");
  const bool is_export =
      DetectPolicyFile(text.first(std::min(text.size(), kPolicyFileHeadBytes))) ==
      PolicyFileKind::kRegistryExport;
  Require(read.version == 0 || is_export, "an export that is not seen");
  const RuleList list = ReadRuleList(text);
  RequirePlaces(list.findings, text);
  Require(list.system.subkeys.size() == 2, "more or less than a control set and Select");
  return 0;
}
