#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapir {

/// Types of registry values that Tapir itself reads ([MS-RRP] 2.2.9).
inline constexpr uint32_t kRegSz = 1;
inline constexpr uint32_t kRegExpandSz = 2;
inline constexpr uint32_t kRegDword = 4;
inline constexpr uint32_t kRegMultiSz = 7;

struct RegistryValue {
  std::u16string name;  ///< empty: the default value
  uint32_t type = 0;
  std::string data;  ///< as stored

  /// Of a REG_DWORD of four bytes.
  std::optional<uint32_t> number() const;
  bool operator==(const RegistryValue&) const = default;
};

/// A key with all that is below it. Names are compared as the registry does, without regard to
/// case. Plain value.
class RegistryKey {
 public:
  RegistryKey() = default;
  explicit RegistryKey(std::u16string_view key_name) : name(key_name) {}

  std::u16string name;
  uint64_t last_written = 0;  ///< 100 ns since 1601
  std::u16string class_name;
  std::shared_ptr<const std::string> security;  ///< descriptor, shared by many keys; null: none
  std::vector<RegistryValue> values;            ///< in any order
  /// Ascending by name in upper case, as hives have them.
  std::vector<RegistryKey> subkeys;

  const RegistryValue* value(std::u16string_view wanted) const;
  /// Puts the value in the place of one of its name.
  void SetValue(RegistryValue one);
  bool RemoveValue(std::u16string_view wanted);

  const RegistryKey* subkey(std::u16string_view wanted) const;
  RegistryKey* subkey(std::u16string_view wanted);
  /// Puts the key in the place of one of its name.
  void SetSubkey(RegistryKey key);

  /// The key at a path of names joined by '\'; itself if that is empty. Null: there is none.
  const RegistryKey* Find(std::u16string_view path) const;
  /// The same, made where it is missing.
  RegistryKey& Make(std::u16string_view path);

  bool operator==(const RegistryKey&) const = default;
};

}  // namespace tapir
