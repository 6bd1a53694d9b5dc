#include "tests/support/hive_samples.h"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/test_bytes.h"
#include "tests/support/windows_samples.h"

namespace tapir::test {
namespace {

constexpr uint64_t kSomeTime = 132'000'000'000'000'000;

std::u16string Numbered(std::u16string text, uint64_t number) {
  for (const char digit : std::to_string(number)) text += static_cast<char16_t>(digit);
  return text;
}

class TreeMaker {
 public:
  TreeMaker(uint64_t seed, size_t keys) : random_(seed), keys_left_(keys) {
    for (uint64_t i = 0; i < 3; ++i) {
      descriptors_.push_back(
          std::make_shared<const std::string>(RandomBytes(20 + 16 * i, seed + i)));
    }
  }

  RegistryKey Make(std::u16string_view name, size_t level) {
    RegistryKey key(name);
    key.last_written = kSomeTime + Below(1u << 30);
    if (Below(4) == 0) key.class_name = Name(20);
    if (Below(6) == 0) key.flags = 0x0010;
    key.control_flags = static_cast<uint16_t>(Below(3) == 0 ? random_() : 0);
    key.access_bits = static_cast<uint32_t>(Below(3));
    if (Below(8) != 0) key.security = descriptors_[Below(descriptors_.size())];
    for (uint64_t i = Below(6); i > 0; --i) key.SetValue(Value());
    if (level < 12) {
      for (uint64_t i = Below(level < 2 ? 30 : 4); i > 0 && keys_left_ > 0; --i) {
        --keys_left_;
        key.SetSubkey(Make(Name(30), level + 1));
      }
    }
    return key;
  }

 private:
  uint64_t Below(uint64_t count) { return random_() % count; }

  // Without a backslash, and never empty.
  std::u16string Name(size_t most) {
    static constexpr std::array<char16_t, 8> kRare = {u'\xE9',   u'\xFF',   u'\x100',  u'\x439',
                                                      u'\x20AC', u'\x3042', u'\xAC00', u'~'};
    std::u16string name;
    const uint64_t units = 1 + Below(most);
    while (name.size() < units) {
      name += Below(10) == 0 ? kRare[Below(kRare.size())] : static_cast<char16_t>(u'a' + Below(26));
    }
    return name;
  }

  RegistryValue Value() {
    static constexpr std::array<size_t, 8> kSizes = {0, 1, 4, 5, 200, 4072, 16344, 16345};
    RegistryValue value;
    if (Below(5) != 0) value.name = Name(40);
    value.type = static_cast<uint32_t>(Below(5) == 0 ? Below(1u << 31) : Below(12));
    value.data = RandomBytes(kSizes[Below(Below(20) == 0 ? kSizes.size() : 5)], random_());
    return value;
  }

  std::mt19937_64 random_;
  size_t keys_left_;
  std::vector<std::shared_ptr<const std::string>> descriptors_;
};

}  // namespace

RegistryKey SampleTree() {
  const auto security = std::make_shared<const std::string>(SampleSecurity());
  RegistryKey root(u"ROOT");
  root.security = security;
  root.last_written = kSomeTime;
  RegistryKey& plain = root.Make(u"Plain");
  plain.last_written = kSomeTime + 1;
  plain.class_name = u"a class";
  plain.security = std::make_shared<const std::string>(*security);
  plain.values = {{u"", 1, std::string("d\0\0\0", 4)},
                  {u"Empty", 3, ""},
                  {u"Number", kRegDword, std::string("\x2A\0\0\0", 4)},
                  {u"Short", 3, "ab"},
                  {u"Long", 3, RandomBytes(300, 1)},
                  {u"\x43A\x43B\x44E\x447", 0x12345, "other type"},
                  {u"caf\xE9", 7, std::string("a\0\0\0\0\0", 6)}};
  RegistryKey& big = root.Make(u"Big");
  big.security = std::make_shared<const std::string>(SampleSecurity() + "more");
  big.values = {{u"one cell", 3, RandomBytes(16344, 2)},
                {u"two segments", 3, RandomBytes(16345, 3)},
                {u"three segments", 3, RandomBytes(2 * 16344 + 1, 4)}};
  root.Make(u"Link").flags = 0x0010;
  root.Make(u"\x43A\x43B\x44E\x447\\below\\below again").access_bits = 2;
  root.Make(u"Virtual").control_flags = 0x00E2;
  return root;
}

RegistryKey OddTree() {
  RegistryKey root(u"ROOT");
  RegistryKey& handle = root.Make(u"Handle");
  handle.flags = kKeyHasHandle;
  handle.predefined_handle = 0x80000002;
  root.values = {{u"gone", 0, "", kValueIsTombstone}, {u"type", 0xFFFFFFFF, "xyz"}};
  root.Make(std::u16string(u"a\0b", 3)).last_written = 7;
  root.Make(u"half\xD800").SetValue({u"\xDC00", 3, "x"});
  root.Make(u"\x1").class_name = u"\xDFFF";
  return root;
}

HiveDescription SampleHiveDescription() {
  return {.sequence = 7, .last_written = kSomeTime, .file_name = u"\\Config\\SYSTEM"};
}

RegistryKey RandomTree(uint64_t seed, size_t keys) {
  return TreeMaker(seed, keys).Make(u"ROOT", 0);
}

RegistryKey WideTree(size_t subkeys) {
  RegistryKey root(u"ROOT");
  std::vector<RegistryKey>& keys = root.Make(u"Wide").subkeys;
  for (size_t i = 0; i < subkeys; ++i) keys.emplace_back(Numbered(u"Subkey ", 100'000 + i));
  return root;
}

}  // namespace tapir::test
