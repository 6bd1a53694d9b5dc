#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"
#include "tapir/object/entry.h"

namespace tapir::catalog {

/// One version of an object: what one session holds under its path.
struct Version {
  Entry entry;             ///< with its whole path
  const Session* session;  ///< of the last part of it
  /// Of a file that is in pieces: sessions of those before, in order.
  std::vector<const Session*> earlier_parts;
  bool has_beginning = true;  ///< false: the catalogue does not know where its first part is
};

struct FindRequest {
  enum class Form : uint8_t {
    kPlain,  ///< a part of the path, or with `*`, `?` or `[` a glob over all of it
    kExact,  ///< the whole path
    kRegex,  ///< RE2 syntax, anywhere in the path
  };
  std::string text;  ///< empty: every path
  Form form = Form::kPlain;
  bool match_case = false;

  std::optional<uint64_t> min_size, max_size;  ///< bytes
  std::optional<Timestamp> modified_from, modified_before;
  std::optional<uint32_t> uid, gid;
  std::set<ObjectType> types;   ///< empty: all but tombstones and what was left out
  std::string digest;           ///< hexadecimal, or its beginning: XXH3-128 or SHA-256
  std::string thumbprint;       ///< what this certificate opens
  std::set<VolumeKey> volumes;  ///< empty: all
  std::optional<uint32_t> session_number;

  bool all_versions = false;  ///< else of each path in each set the newest that fits
  uint64_t limit = 0;         ///< 0: none
  const std::atomic<bool>* cancelled = nullptr;
};

/// Hands out what fits as it is found, in no order that means anything; versions of one path come
/// together, the newest first. Letters are equal in either case unless match_case. A glob's `*`
/// and `?` match '/' too. `take` may end it by a failure, which is returned. kInvalidArgument for a
/// malformed expression.
Status Find(Store& store, const Inventory& inventory, const FindRequest& request,
            const std::function<Status(const Version&)>& take);

}  // namespace tapir::catalog
