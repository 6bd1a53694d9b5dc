#include "tapir/object/policy_manifest.h"

#include <cstring>
#include <optional>
#include <utility>

#include "container/item.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr uint16_t kInputReplayed = 1;
constexpr uint16_t kInputStale = 2;

// Appends an item whose fields `write` writes.
template <typename Write>
void AppendFieldsOf(std::string& out, ItemType type, Write write) {
  const size_t begin = BeginItem(out, type);
  WriteCursor to(out);
  write(to);
  EndItem(out, begin);
}

void AppendInput(std::string& out, const PolicyInput& input) {
  AppendFieldsOf(out, ItemType::kPolicyInput, [&](WriteCursor& to) {
    to.U8(static_cast<uint8_t>(input.form));
    to.Zeros(1);
    to.U16(static_cast<uint16_t>((input.replayed ? kInputReplayed : 0u) |
                                 (input.stale ? kInputStale : 0u)));
    to.Zeros(4);
    to.U64(input.size);
    to.Bytes(input.sha256);
    to.Text(input.name);
  });
}

void AppendValue(std::string& out, const PolicyValue& value) {
  AppendFieldsOf(out, ItemType::kPolicyValue, [&](WriteCursor& to) {
    to.U32(value.input);
    to.U32(value.type);
    to.U32(static_cast<uint32_t>(value.key.size()));
    to.U32(static_cast<uint32_t>(value.name.size()));
    to.Text(value.key);
    to.Text(value.name);
    to.Text(value.data);
  });
}

void AppendRule(std::string& out, const PolicyRule& rule) {
  AppendFieldsOf(out, ItemType::kPolicyRule, [&](WriteCursor& to) {
    to.U8(static_cast<uint8_t>(rule.list));
    to.U8(static_cast<uint8_t>(rule.state));
    to.Zeros(2);
    to.U32(rule.value);
    to.U32(rule.string);
    to.U32(static_cast<uint32_t>(rule.text.size()));
    to.Text(rule.text);
    to.Text(rule.reason);
  });
}

void AppendVariable(std::string& out, const PolicyVariable& variable) {
  AppendFieldsOf(out, ItemType::kPolicyVariable, [&](WriteCursor& to) {
    to.U32(static_cast<uint32_t>(variable.name.size()));
    to.Zeros(4);
    to.Text(variable.name);
    to.Text(variable.value);
  });
}

void AppendDrive(std::string& out, const PolicyDrive& drive) {
  AppendFieldsOf(out, ItemType::kPolicyDrive, [&](WriteCursor& to) {
    to.U16(drive.letter);
    to.Zeros(2);
    to.U32(static_cast<uint32_t>(drive.prefix.size()));
    to.Text(drive.prefix);
    to.Text(drive.inside);
  });
}

void AppendTexts(std::string& out, ItemType type, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) AppendItem(out, type, AsBytes(text));
}

// Values of an enumeration count from 1.
template <typename T>
T TakeEnum(ReadCursor& in, T last) {
  const uint8_t value = in.U8();
  if (value == 0 || value > static_cast<uint8_t>(last)) in.Fail();
  return static_cast<T>(value);
}

PolicyInput TakeInput(ReadCursor& in) {
  PolicyInput input;
  input.form = TakeEnum(in, PolicyInput::Form::kRuleList);
  in.Zeros(1);
  const uint16_t flags = in.U16();
  in.Zeros(4);
  if ((flags & ~(kInputReplayed | kInputStale)) != 0) in.Fail();
  input.replayed = (flags & kInputReplayed) != 0;
  input.stale = (flags & kInputStale) != 0;
  input.size = in.U64();
  const ByteSpan digest = in.ReadBytes(input.sha256.size());
  if (in.ok()) std::memcpy(input.sha256.data(), digest.data(), digest.size());
  input.name = in.ReadText(in.remaining());
  return input;
}

PolicyValue TakeValue(ReadCursor& in) {
  PolicyValue value;
  value.input = in.U32();
  value.type = in.U32();
  const uint32_t key_bytes = in.U32();
  const uint32_t name_bytes = in.U32();
  value.key = in.ReadText(key_bytes);
  value.name = in.ReadText(name_bytes);
  value.data = in.ReadText(in.remaining());
  return value;
}

PolicyRule TakeRule(ReadCursor& in) {
  PolicyRule rule;
  rule.list = TakeEnum(in, PolicyRule::List::kKeysNotToRestore);
  rule.state = TakeEnum(in, PolicyRule::State::kWriterHere);
  in.Zeros(2);
  rule.value = in.U32();
  rule.string = in.U32();
  const uint32_t text_bytes = in.U32();
  rule.text = in.ReadText(text_bytes);
  rule.reason = in.ReadText(in.remaining());
  return rule;
}

PolicyVariable TakeVariable(ReadCursor& in) {
  PolicyVariable variable;
  const uint32_t name_bytes = in.U32();
  in.Zeros(4);
  variable.name = in.ReadText(name_bytes);
  variable.value = in.ReadText(in.remaining());
  return variable;
}

PolicyDrive TakeDrive(ReadCursor& in) {
  PolicyDrive drive;
  drive.letter = in.U16();
  in.Zeros(2);
  const uint32_t prefix_bytes = in.U32();
  drive.prefix = in.ReadText(prefix_bytes);
  drive.inside = in.ReadText(in.remaining());
  return drive;
}

bool TakeMatching(ReadCursor& in) {
  const uint8_t mode = in.U8();
  in.Zeros(7);
  if (mode > 1) in.Fail();
  return mode == 1;
}

// False: it is not known.
bool TakeManifestItem(const Item& item, ReadCursor& in, PolicyManifest& manifest) {
  switch (static_cast<ItemType>(item.type)) {
    case ItemType::kPolicyMatching: manifest.plain_wildcards = TakeMatching(in); return true;
    case ItemType::kPolicyInput: manifest.inputs.push_back(TakeInput(in)); return true;
    case ItemType::kPolicyValue: manifest.values.push_back(TakeValue(in)); return true;
    case ItemType::kPolicyRule: manifest.rules.push_back(TakeRule(in)); return true;
    case ItemType::kPolicyVariable: manifest.variables.push_back(TakeVariable(in)); return true;
    case ItemType::kPolicyDrive: manifest.drives.push_back(TakeDrive(in)); return true;
    case ItemType::kPolicyProfile:
      manifest.profiles.emplace_back(AsText(item.payload));
      return true;
    case ItemType::kPolicyWriter: manifest.writers.emplace_back(AsText(item.payload)); return true;
    case ItemType::kPolicyWarning:
      manifest.warnings.emplace_back(AsText(item.payload));
      return true;
    default: return false;
  }
}

Status CheckCounts(const PolicyManifest& manifest) {
  if (manifest.rules.size() > limits::kMaxPolicyRules) {
    return LimitExceeded("a policy of over 65,536 entries");
  }
  if (manifest.profiles.size() > limits::kMaxPolicyProfiles) {
    return LimitExceeded("a policy of over 4,096 profile directories");
  }
  if (manifest.drives.size() > limits::kMaxPolicyDrives) {
    return LimitExceeded("a policy of over 4,096 drives");
  }
  return OkStatus();
}

// What is named by its place has to be there.
Status CheckManifest(const PolicyManifest& manifest) {
  for (const PolicyValue& value : manifest.values) {
    if (value.input >= manifest.inputs.size()) return Corrupt("POLICY_VALUE of no input");
  }
  for (const PolicyRule& rule : manifest.rules) {
    if (rule.value >= manifest.values.size()) return Corrupt("POLICY_RULE of no value");
  }
  return OkStatus();
}

}  // namespace

std::string_view PolicyListName(PolicyRule::List list) {
  switch (list) {
    case PolicyRule::List::kNotToBackup: return "FilesNotToBackup";
    case PolicyRule::List::kNotToSnapshot: return "FilesNotToSnapshot";
    case PolicyRule::List::kKeysNotToRestore: break;
  }
  return "KeysNotToRestore";
}

Result<std::string> EncodePolicyManifest(const PolicyManifest& manifest) {
  std::string out;
  AppendFieldsOf(out, ItemType::kPolicyMatching, [&](WriteCursor& to) {
    to.U8(manifest.plain_wildcards ? 1 : 0);
    to.Zeros(7);
  });
  for (const PolicyInput& input : manifest.inputs) AppendInput(out, input);
  for (const PolicyValue& value : manifest.values) AppendValue(out, value);
  for (const PolicyRule& rule : manifest.rules) AppendRule(out, rule);
  for (const PolicyVariable& variable : manifest.variables) AppendVariable(out, variable);
  AppendTexts(out, ItemType::kPolicyProfile, manifest.profiles);
  for (const PolicyDrive& drive : manifest.drives) AppendDrive(out, drive);
  AppendTexts(out, ItemType::kPolicyWriter, manifest.writers);
  AppendTexts(out, ItemType::kPolicyWarning, manifest.warnings);
  if (out.size() > limits::kMaxPolicyBytes) return LimitExceeded("the policy is over 8 MiB");
  TAPIR_RETURN_IF_ERROR(CheckCounts(manifest));
  return out;
}

Result<PolicyManifest> DecodePolicyManifest(std::string_view body) {
  if (body.size() > limits::kMaxPolicyBytes) return LimitExceeded("a policy over 8 MiB");
  PolicyManifest manifest;
  ItemReader items(AsBytes(body));
  for (bool first = true;; first = false) {
    TAPIR_ASSIGN_OR_RETURN(const std::optional<Item> item, items.Next());
    if (item ? item->is(ItemType::kPolicyMatching) != first : first) {
      return Corrupt("a policy that does not begin with POLICY_MATCHING, or has two");
    }
    if (!item) break;
    ReadCursor in(item->payload);
    const bool known = TakeManifestItem(*item, in, manifest);
    if (!in.ok()) {
      return Corrupt(std::string(ItemTypeName(item->type)) + " of the policy is malformed");
    }
    if (!known && item->required()) {
      return Unsupported("attribute " + std::to_string(item->type) + " is not known");
    }
    TAPIR_RETURN_IF_ERROR(CheckCounts(manifest));
  }
  TAPIR_RETURN_IF_ERROR(CheckManifest(manifest));
  return manifest;
}

}  // namespace tapir
