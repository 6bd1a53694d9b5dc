#include "tests/hive/hive_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/scratch.h"

namespace tapir::test {
namespace {

std::string Quoted(const std::string& name) {
  if (name.empty()) return "@";
  std::string text = "\"";
  for (const char c : name) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string DataText(const RegistryValue& value) {
  if (const auto number = value.number()) return fmt::format("dword:{:08x}", *number);
  std::string text = fmt::format("hex({:x}):", value.type);
  for (size_t i = 0; i < value.data.size(); ++i) {
    if (i > 0) text += ',';
    text += fmt::format("{:02x}", static_cast<unsigned char>(value.data[i]));
  }
  return text;
}

template <typename Named>
std::vector<std::pair<std::string, const Named*>> ByName(const std::vector<Named>& all) {
  std::vector<std::pair<std::string, const Named*>> named;
  for (const Named& one : all) named.emplace_back(Wtf8(one.name), &one);
  std::ranges::stable_sort(named, {}, [](const auto& pair) { return pair.first; });
  return named;
}

void AppendKey(const RegistryKey& key, const std::string& path, std::string& text) {
  text += "[" + (path.empty() ? "\\" : path) + "]\n";
  for (const auto& [name, value] : ByName(key.values)) {
    text += Quoted(name) + "=" + DataText(*value) + "\n";
  }
  text += "\n";
  for (const auto& [name, subkey] : ByName(key.subkeys)) {
    AppendKey(*subkey, path + "\\" + name, text);
  }
}

}  // namespace

std::string CommandOutput(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 65536> buffer{};
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error(command + " fails");
  return output;
}

std::string ToolOutput(const std::string& hive, const std::string& command) {
  const Scratch scratch;
  std::string call = command;
  return CommandOutput(call.replace(call.find("HIVE"), 4, scratch.Put("hive", hive)));
}

std::string ExportOutput(const std::string& hive) {
  return ToolOutput(hive, "PERL_UNICODE=S hivexregedit --export HIVE '\\'");
}

std::string HivexText(const RegistryKey& root) {
  std::string text = "Windows Registry Editor Version 5.00\n\n";
  AppendKey(root, "", text);
  return text;
}

}  // namespace tapir::test
