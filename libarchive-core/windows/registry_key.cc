#include "tapir/windows/registry_key.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/upcase.h"

namespace tapir {
namespace {

template <typename Values>
auto FindValue(Values& values, std::u16string_view wanted) {
  const std::u16string upper = Upcase(wanted);
  return std::find_if(values.begin(), values.end(),
                      [&](const RegistryValue& one) { return Upcase(one.name) == upper; });
}

// Where the key stands, or would.
template <typename Keys>
auto PlaceOf(Keys& keys, std::u16string_view wanted) {
  return std::lower_bound(
      keys.begin(), keys.end(), Upcase(wanted),
      [](const RegistryKey& one, const std::u16string& upper) { return Upcase(one.name) < upper; });
}

template <typename Keys>
auto* FindKey(Keys& keys, std::u16string_view wanted) {
  const auto place = PlaceOf(keys, wanted);
  const bool is_there = place != keys.end() && Upcase(place->name) == Upcase(wanted);
  return is_there ? &*place : nullptr;
}

std::string_view SecurityBytes(const RegistryKey& key) {
  return key.security == nullptr ? std::string_view() : std::string_view(*key.security);
}

// The first name of a path, which is taken off it.
std::u16string_view TakeName(std::u16string_view& path) {
  const size_t slash = path.find(u'\\');
  const std::u16string_view name = path.substr(0, slash);
  path = slash == std::u16string_view::npos ? std::u16string_view() : path.substr(slash + 1);
  return name;
}

}  // namespace

std::optional<uint32_t> RegistryValue::number() const {
  if (type != kRegDword || data.size() != sizeof(uint32_t)) return std::nullopt;
  return LoadLe<uint32_t>(AsBytes(data).data());
}

bool RegistryKey::operator==(const RegistryKey& other) const {
  const auto cell = [](const RegistryKey& key) {
    return std::tie(key.name, key.last_written, key.class_name, key.flags, key.control_flags,
                    key.access_bits, key.predefined_handle, key.values, key.subkeys);
  };
  return (security == nullptr) == (other.security == nullptr) &&
         SecurityBytes(*this) == SecurityBytes(other) && cell(*this) == cell(other);
}

const RegistryValue* RegistryKey::value(std::u16string_view wanted) const {
  const auto found = FindValue(values, wanted);
  return found == values.end() ? nullptr : &*found;
}

void RegistryKey::SetValue(RegistryValue one) {
  const auto there = FindValue(values, one.name);
  if (there == values.end()) {
    values.push_back(std::move(one));
  } else {
    *there = std::move(one);
  }
}

bool RegistryKey::RemoveValue(std::u16string_view wanted) {
  const auto found = FindValue(values, wanted);
  if (found == values.end()) return false;
  values.erase(found);
  return true;
}

const RegistryKey* RegistryKey::subkey(std::u16string_view wanted) const {
  return FindKey(subkeys, wanted);
}

RegistryKey* RegistryKey::subkey(std::u16string_view wanted) { return FindKey(subkeys, wanted); }

void RegistryKey::SetSubkey(RegistryKey key) {
  RegistryKey* there = subkey(key.name);
  if (there != nullptr) {
    *there = std::move(key);
  } else {
    subkeys.insert(PlaceOf(subkeys, key.name), std::move(key));
  }
}

const RegistryKey* RegistryKey::Find(std::u16string_view path) const {
  const RegistryKey* at = this;
  while (at != nullptr && !path.empty()) at = at->subkey(TakeName(path));
  return at;
}

RegistryKey& RegistryKey::Make(std::u16string_view path) {
  RegistryKey* at = this;
  while (!path.empty()) {
    const std::u16string_view first = TakeName(path);
    if (at->subkey(first) == nullptr) {
      RegistryKey made(first);
      made.security = at->security;
      at->SetSubkey(std::move(made));
    }
    at = at->subkey(first);
  }
  return *at;
}

}  // namespace tapir
