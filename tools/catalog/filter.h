#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir::cli {

/// Bytes, both ends included.
struct SizeRange {
  std::optional<uint64_t> min, max;
};

/// "4K..2M", "4K..", "..2M", or one size. kInvalidArgument for anything else, and for a range that
/// ends before it begins.
Result<SizeRange> ParseSizeRange(std::string_view text);

/// Letters as find(1) has them, with or without commas: f (regular files, by each of their hard
/// links), d, l, p, c, b; also h (further hard links alone), x (tombstones), e (what a policy left
/// out). kInvalidArgument for others.
Result<std::set<ObjectType>> ParseTypes(std::string_view text);

/// A number, or the name of a user or group of this machine. kInvalidArgument if there is none.
Result<uint32_t> ParseUser(const std::string& text);
Result<uint32_t> ParseGroup(const std::string& text);

/// 1 to 64 hexadecimal digits, in lower case. kInvalidArgument for anything else.
Result<std::string> ParseDigestPart(std::string_view text);

}  // namespace tapir::cli
