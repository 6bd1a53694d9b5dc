#pragma once

#include <cstdint>
#include <string>

#include "tapir/windows/hive_writer.h"
#include "tapir/windows/registry_key.h"

namespace tapir::test {

/// A few keys with all that keys and values can have: class names, flags, shared descriptors, names
/// of every form, values of every form of storage.
RegistryKey SampleTree();
/// What a registry can hold and other programs do not read: half a surrogate pair or NUL in a name,
/// a predefined handle, a tombstone.
RegistryKey OddTree();
HiveDescription SampleHiveDescription();

/// A tree of about so many keys, other ones for each seed.
RegistryKey RandomTree(uint64_t seed, size_t keys);

/// A key with so many subkeys.
RegistryKey WideTree(size_t subkeys);

}  // namespace tapir::test
