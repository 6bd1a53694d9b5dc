#include "catalog/path_matcher.h"

#include <re2/re2.h>

#include <vector>

#include "bytes/utf8.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// What an expression may take of memory, compiled.
constexpr int64_t kExpressionBytes = 16 << 20;

size_t CountCharacters(std::string_view form) {
  size_t count = 0;
  for (char c : form) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

// The longest part between '/' of any of these texts.
std::string LongestComponent(const std::vector<std::string>& texts) {
  std::string_view longest;
  for (std::string_view text : texts) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('/'), text.size());
      const std::string_view part = text.substr(0, end);
      if (CountCharacters(part) > CountCharacters(longest)) longest = part;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return std::string(longest);
}

// What stands between bytes that are no character, each of which is U+FFFD in the form.
std::vector<std::string> WholeCharacters(std::string_view form) {
  constexpr std::string_view kNoCharacter = "\xEF\xBF\xBD";
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = form.find(kNoCharacter);
    parts.emplace_back(form.substr(0, end));
    if (end == std::string_view::npos) return parts;
    form.remove_prefix(end + kNoCharacter.size());
  }
}

// A glob taken apart: as an expression, and the runs of characters that stand for themselves.
struct Glob {
  std::string expression;
  std::vector<std::string> literals;
};

// Where the set that begins at `at` ends, behind its ']'; npos if it has no end.
size_t SetEnd(std::string_view glob, size_t at) {
  size_t next = at + 1;
  if (next < glob.size() && (glob[next] == '!' || glob[next] == '^')) ++next;
  // A ']' at the beginning is one of the set.
  const size_t end = glob.find(']', next + 1);
  return end == std::string_view::npos ? end : end + 1;
}

std::string SetExpression(std::string_view set) {
  std::string_view inside = set.substr(1, set.size() - 2);
  std::string expression = "[";
  if (inside.front() == '!' || inside.front() == '^') {
    expression += '^';
    inside.remove_prefix(1);
  }
  for (char c : inside) {
    if (c == '\\' || c == '[' || c == ']' || c == '^') expression += '\\';
    expression += c;
  }
  return expression + "]";
}

Glob TakeApart(std::string_view glob) {
  Glob apart;
  std::string literal;
  const auto end_literal = [&] {
    if (literal.empty()) return;
    apart.expression += re2::RE2::QuoteMeta(literal);
    apart.literals.push_back(std::move(literal));
    literal.clear();
  };
  for (size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    const size_t set_end = c == '[' ? SetEnd(glob, i) : std::string_view::npos;
    if (c == '*' || c == '?') {
      end_literal();
      apart.expression += c == '*' ? ".*" : ".";
    } else if (set_end != std::string_view::npos) {
      end_literal();
      apart.expression += SetExpression(glob.substr(i, set_end - i));
      i = set_end - 1;
    } else {
      if (c == '\\' && i + 1 < glob.size()) ++i;
      literal += glob[i];
    }
  }
  end_literal();
  return apart;
}

}  // namespace

PathMatcher::PathMatcher() = default;
PathMatcher::PathMatcher(PathMatcher&&) noexcept = default;
PathMatcher::~PathMatcher() = default;

Result<PathMatcher> PathMatcher::Make(const FindRequest& request) {
  PathMatcher matcher;
  matcher.match_case_ = request.match_case;
  const auto form = [&](std::string_view text) {
    return request.match_case ? TextForm(text) : SearchForm(text);
  };
  if (request.text.empty()) return matcher;
  if (request.form == FindRequest::Form::kRegex) {
    TAPIR_RETURN_IF_ERROR(matcher.Compile(request.text, request.match_case));
    return matcher;
  }
  const bool is_glob = request.form == FindRequest::Form::kPlain &&
                       request.text.find_first_of("*?[") != std::string::npos;
  if (is_glob) {
    Glob apart = TakeApart(form(request.text));
    TAPIR_RETURN_IF_ERROR(matcher.Compile("(?s)\\A" + apart.expression + "\\z", true));
    matcher.upper_ = !request.match_case;
    matcher.piece_ = SearchForm(LongestComponent(apart.literals));
    return matcher;
  }
  const bool is_exact = request.form == FindRequest::Form::kExact;
  matcher.test_ = is_exact ? Test::kEquals : Test::kContains;
  matcher.wanted_ = request.match_case ? request.text : form(request.text);
  const std::string searched = SearchForm(request.text);
  // As bytes, a part of a character stands in names that have all of it.
  matcher.piece_ = request.match_case ? LongestComponent(WholeCharacters(searched))
                                      : LongestComponent({searched});
  return matcher;
}

Status PathMatcher::Compile(const std::string& expression, bool match_case) {
  re2::RE2::Options options;
  options.set_case_sensitive(match_case);
  options.set_log_errors(false);
  options.set_max_mem(kExpressionBytes);
  expression_ = std::make_unique<re2::RE2>(TextForm(expression), options);
  if (!expression_->ok()) {
    return InvalidArgument("'" + expression + "' is no expression: " + expression_->error());
  }
  test_ = Test::kExpression;
  return OkStatus();
}

bool PathMatcher::Matches(std::string_view path) const {
  switch (test_) {
    case Test::kAll: return true;
    case Test::kExpression:
      return re2::RE2::PartialMatch(upper_ ? SearchForm(path) : TextForm(path), *expression_);
    case Test::kContains:
      return match_case_ ? path.find(wanted_) != std::string_view::npos
                         : SearchForm(path).find(wanted_) != std::string::npos;
    case Test::kEquals: return match_case_ ? path == wanted_ : SearchForm(path) == wanted_;
  }
  return false;
}

}  // namespace tapir::catalog
