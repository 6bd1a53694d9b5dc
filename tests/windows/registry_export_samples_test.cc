#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/registry_export.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/scratch.h"

namespace tapir {
namespace {

std::string OutputOf(const std::string& command_line) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command_line.c_str(), "r"), &pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command_line);
  std::string output;
  std::array<char, 1 << 16> piece{};
  for (;;) {
    const size_t count = std::fread(piece.data(), 1, piece.size(), pipe.get());
    if (count == 0) return output;
    output.append(piece.data(), count);
  }
}

// A field of reglookup: %XX are bytes.
std::string Unescaped(const std::string& field) {
  std::string text;
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '%') {
      text += field[i];
      continue;
    }
    text += static_cast<char>(std::stoi(field.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return text;
}

struct Shown {
  std::string type;
  std::string value;
};

// What reglookup prints of a hive: path, type, value and time in lines.
std::multimap<std::string, Shown> ShownByReglookup(const std::string& hive) {
  std::multimap<std::string, Shown> all;
  const std::string lines = OutputOf("reglookup -H '" + hive + "' 2>/dev/null");
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    const std::string line = lines.substr(begin, end - begin);
    const size_t first = line.find(',');
    const size_t second = line.find(',', first + 1);
    const size_t third = line.find(',', second + 1);
    all.emplace(Unescaped(line.substr(0, first)),
                Shown{line.substr(first + 1, second - first - 1),
                      Unescaped(line.substr(second + 1, third - second - 1))});
    begin = end + 1;
  }
  return all;
}

std::string ReversedHex(const std::string& data) {
  std::string text = "0x";
  for (size_t i = data.size(); i > 0; --i) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<uint8_t>(data[i - 1]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

bool IsShown(const RegistryValue& value, const Shown& shown) {
  static const std::map<std::string, uint32_t> kTypes = {
      {"NONE", 0},     {"SZ", 1},        {"EXPAND_SZ", 2}, {"BINARY", 3},         {"DWORD", 4},
      {"MULTI_SZ", 7}, {"RSRC_LIST", 8}, {"RSRC_DESC", 9}, {"RSRC_REQ_LIST", 10}, {"QWORD", 11}};
  const auto type = kTypes.find(shown.type);
  if (type == kTypes.end() || type->second != value.type) return false;
  if (shown.value == (value.data.empty() ? "(null)" : value.data)) return true;
  if (value.type == kRegDword || shown.type == "QWORD") {
    return shown.value == ReversedHex(value.data);
  }
  const std::optional<std::vector<std::string>> strings = RegistryStrings(value);
  if (!strings) return false;
  std::string joined;
  for (const std::string& one : *strings) joined.append(joined.empty() ? "" : "|").append(one);
  return shown.value == joined;
}

class Comparison {
 public:
  explicit Comparison(std::multimap<std::string, Shown> shown) : shown_(std::move(shown)) {}

  void Compare(const RegistryKey& key, const std::string& path) {
    if (!Take(path.empty() ? "/" : path, [](const Shown& one) { return one.type == "KEY"; })) {
      ADD_FAILURE() << "a key that is not there: " << path;
    }
    for (const RegistryValue& value : key.values) {
      const std::string place = path + '/' + Wtf8(value.name);
      if (!Take(place, [&](const Shown& one) { return IsShown(value, one); })) {
        const auto other = shown_.find(place);
        ADD_FAILURE() << "a value that is not there: " << place << " of type " << value.type
                      << (other == shown_.end()
                              ? ""
                              : ", but " + other->second.type + " '" + other->second.value + "'");
      }
    }
    for (const RegistryKey& subkey : key.subkeys) Compare(subkey, path + '/' + Wtf8(subkey.name));
  }

  const std::multimap<std::string, Shown>& left() const { return shown_; }

 private:
  template <typename Fits>
  bool Take(const std::string& place, const Fits& fits) {
    const auto [begin, end] = shown_.equal_range(place);
    const auto found = std::find_if(begin, end, [&](const auto& one) { return fits(one.second); });
    if (found == end) return false;
    shown_.erase(found);
    return true;
  }

  std::multimap<std::string, Shown> shown_;
};

// All keys and values of a hive of Windows 7, as another program exports them and a third shows
// them.
TEST(RegistryExportSamples, AWholeHive) {
  const test::Scratch scratch;
  const std::string hive =
      scratch.Put("SYSTEM", OutputOf("xz -dc '" TAPIR_SAMPLES "/hives/regipy_SYSTEM.xz'"));
  const std::string text =
      OutputOf("hivexregedit --export --prefix 'HKEY_LOCAL_MACHINE\\SYSTEM' '" + hive + "' '\\'");
  const RegistryExport read = ReadRegistryExport(AsBytes(text));
  for (const Finding& finding : read.findings) ADD_FAILURE() << finding.text;
  const RegistryKey* system = read.root.Find(u"HKEY_LOCAL_MACHINE\\SYSTEM");
  ASSERT_NE(system, nullptr);
  Comparison comparison(ShownByReglookup(hive));
  EXPECT_EQ(comparison.left().size(), 104'212u);
  comparison.Compare(*system, "");
  for (const auto& [path, shown] : comparison.left()) {
    ADD_FAILURE() << "not read: " << path << " of type " << shown.type;
  }
}

}  // namespace
}  // namespace tapir
