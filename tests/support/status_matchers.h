#pragma once

#include <gmock/gmock.h>

#include <stdexcept>
#include <utility>

#include "tapir/base/status.h"

namespace tapir::test {

inline const Status& StatusOf(const Status& status) { return status; }
template <typename T>
const Status& StatusOf(const Result<T>& result) {
  return result.status();
}

/// EXPECT_THAT(expression, IsOk()): a Status or a Result that did not fail.
MATCHER(IsOk, "is ok") {
  *result_listener << StatusOf(arg).ToString();
  return arg.ok();
}

/// EXPECT_THAT(expression, HasCode(StatusCode::kCorrupt)).
MATCHER_P(HasCode, code, "has code " + std::string(StatusCodeName(code))) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

/// The value of a result, or an exception that fails the test with its text.
template <typename T>
T Value(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

inline void Check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace tapir::test
