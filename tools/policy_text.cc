#include "tools/policy_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <vector>

#include "tapir/windows/registry_text.h"
#include "tools/escape.h"

namespace tapir::cli {

namespace {

constexpr size_t kShownHexBytes = 64;

RegistryValue AsRegistryValue(const PolicyValue& value) { return {{}, value.type, value.data}; }

std::string HexOf(std::string_view data) {
  return Hex(std::as_bytes(std::span(data.data(), data.size())));
}

}  // namespace

std::string RegistryTypeName(uint32_t type) {
  switch (type) {
    case kRegSz: return "REG_SZ";
    case kRegExpandSz: return "REG_EXPAND_SZ";
    case kRegDword: return "REG_DWORD";
    case kRegMultiSz: return "REG_MULTI_SZ";
    default: return std::to_string(type);
  }
}

std::string ValueAsText(const PolicyValue& value) {
  const RegistryValue stored = AsRegistryValue(value);
  if (const auto strings = RegistryStrings(stored)) {
    return SafeText(fmt::format("{}", fmt::join(*strings, ", ")));
  }
  if (const std::optional<uint32_t> number = stored.number()) return std::to_string(*number);
  std::string hex = HexOf(std::string_view(value.data).substr(0, kShownHexBytes));
  if (value.data.size() > kShownHexBytes) hex += "...";
  return hex;
}

Json ValueAsObject(const PolicyValue& value) {
  Json object{{"key", value.key}};
  PutName(object, "name", value.name);
  object["type"] = RegistryTypeName(value.type);
  const RegistryValue stored = AsRegistryValue(value);
  if (const auto strings = RegistryStrings(stored)) {
    object["data"] = *strings;
  } else if (const std::optional<uint32_t> number = stored.number()) {
    object["data"] = *number;
  } else {
    object["data"] = HexOf(value.data);
  }
  return object;
}

std::string RuleAsText(const PolicyRule& rule, const PolicyManifest& manifest) {
  return fmt::format("{} {}: {}", PolicyListName(rule.list),
                     Quoted(manifest.values[rule.value].name), SafeText(rule.text));
}

std::string RuleStateName(PolicyRule::State state) {
  switch (state) {
    case PolicyRule::State::kApplies: return "applies";
    case PolicyRule::State::kInert: return "inert";
    case PolicyRule::State::kWriterHere: break;
  }
  return "writer";
}

Json RuleAsObject(const PolicyRule& rule, const PolicyManifest& manifest) {
  Json object{{"list", PolicyListName(rule.list)}};
  PutName(object, "name", manifest.values[rule.value].name);
  PutName(object, "entry", rule.text);
  object["state"] = RuleStateName(rule.state);
  if (!rule.reason.empty()) object["reason"] = rule.reason;
  return object;
}

}  // namespace tapir::cli
