#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "tapir/base/hex.h"
#include "tapir/base/timestamp.h"

namespace tapir::cli {

/// Keeps fields in the order in which they were put in.
using Json = nlohmann::ordered_json;

/// The object on one line, with its line feed. What is not UTF-8 has U+FFFD in place of bad bytes.
std::string ToLine(const Json& object);

/// Puts in `name`, and if it is not UTF-8 also `name`_base64 with its bytes.
void PutName(Json& object, std::string_view name, std::string_view value);

std::string Base64(std::string_view bytes);

/// Nanoseconds since 1970 as a number, or as a string of digits beyond 64 bits.
Json Nanoseconds(const Timestamp& time);

}  // namespace tapir::cli
