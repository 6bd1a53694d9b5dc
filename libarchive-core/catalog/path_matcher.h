#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/catalog/find.h"

namespace re2 {
class RE2;
}

namespace tapir::catalog {

/// What a find request asks of paths. Immutable; any thread.
class PathMatcher {
 public:
  /// kInvalidArgument for a malformed expression.
  static Result<PathMatcher> Make(const FindRequest& request);
  PathMatcher(PathMatcher&&) noexcept;
  ~PathMatcher();

  bool Matches(std::string_view path) const;

  /// A search form without '/' that stands in one component of every path that matches; empty if
  /// none is known.
  const std::string& piece() const { return piece_; }

 private:
  enum class Test : uint8_t { kAll, kContains, kEquals, kExpression };

  PathMatcher();
  Status Compile(const std::string& expression, bool match_case);

  Test test_ = Test::kAll;
  bool match_case_ = false;
  std::string wanted_;  ///< in the form that is compared
  std::string piece_;
  std::unique_ptr<re2::RE2> expression_;
  bool upper_ = false;  ///< the expression is of search forms
};

}  // namespace tapir::catalog
