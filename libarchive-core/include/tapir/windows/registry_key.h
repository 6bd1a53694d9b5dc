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
  /// Of the value's cell, but the bit that tells the form of its name, which follows from it.
  uint16_t flags = 0;

  /// Of a REG_DWORD of four bytes.
  std::optional<uint32_t> number() const;
  bool operator==(const RegistryValue&) const = default;
};

/// Bits of RegistryKey::flags and RegistryValue::flags that matter to how the rest is read.
inline constexpr uint16_t kKeyHasHandle = 0x0040;
inline constexpr uint16_t kValueIsTombstone = 0x0002;

/// A key with all that is below it. Names are compared as the registry does, without regard to
/// case. Plain value.
class RegistryKey {
 public:
  RegistryKey() = default;
  explicit RegistryKey(std::u16string_view key_name) : name(key_name) {}

  std::u16string name;
  uint64_t last_written = 0;  ///< 100 ns since 1601
  std::u16string class_name;
  /// Of the key's cell: symbolic link, predefined handle, virtualization and so on, but the bits
  /// for the root of a hive and for the form of the name, which follow from the key.
  uint16_t flags = 0;
  uint16_t control_flags = 0;      ///< virtualization control, user flags and debugging
  uint32_t access_bits = 0;        ///< who used the key, and its part in layers
  uint32_t predefined_handle = 0;  ///< of a key with kKeyHasHandle, which has no values
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
  /// The same, made where it is missing, with the security of the key above.
  RegistryKey& Make(std::u16string_view path);

  /// Of equal contents; descriptors are compared by their bytes.
  bool operator==(const RegistryKey& other) const;
};

}  // namespace tapir
