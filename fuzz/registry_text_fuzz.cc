#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/backup_value.h"
#include "tapir/windows/registry_text.h"

namespace {

using namespace tapir;
using fuzz::Require;
using Strings = std::vector<std::string>;

// What was read is written and read again.
void Rewrite(const RegistryValue& value, const Strings& strings) {
  const auto made = MakeRegistryStrings(value.name, value.type, strings);
  Require(made.has_value(), "text is not written");
  Require(RegistryStrings(*made) == strings, "text comes back otherwise");
}

void CheckAgainstAll(const RegistryValue& value, const Strings& texts) {
  for (const BackupValue& known : BackupValues()) {
    const CheckedBackupValue checked = CheckBackupValue(known, value);
    Require(!checked.problem.empty() || checked.applies.empty(), "what applies, and no problem");
    const Result<RegistryValue> made = MakeBackupValue(known, texts);
    if (!made.ok()) continue;
    Require(made->type == known.type, "a value of another type");
    Require(CheckBackupValue(known, *made).problem.empty(), "a value made that is wrong");
  }
}

}  // namespace

// A type, and data of a value; the data are also texts that a user gives, NUL between.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = AsText(std::as_bytes(std::span(data, size)));
  const RegistryValue value{u"v", static_cast<uint8_t>(bytes[0]), std::string(bytes.substr(1))};
  const std::optional<Strings> strings = RegistryStrings(value);
  const bool is_text =
      value.type == kRegSz || value.type == kRegExpandSz || value.type == kRegMultiSz;
  Require(strings.has_value() == is_text, "text of another type, or none of its own");
  if (strings) Rewrite(value, *strings);
  Strings texts(1);
  for (const char byte : value.data) {
    if (byte == '\0') {
      texts.emplace_back();
    } else {
      texts.back() += byte;
    }
  }
  CheckAgainstAll(value, texts);
  return 0;
}
