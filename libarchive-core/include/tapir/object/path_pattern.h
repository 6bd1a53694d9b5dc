#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapir {

/// A glob over paths of the archive, by bytes and without any locale. Immutable, thread-safe.
///
/// It is compared with paths component by component:
/// - `*` is any number of bytes, `?` one byte, `[a-z]` one byte of a set, `[!a-z]` or `[^a-z]` one
///   byte that is not in it, `\` takes the next byte as it is. None of them matches '/'. A leading
///   dot is a byte like others. A '[' without its ']' is itself.
/// - `**` as a whole component is any number of components, none included; at the end of a pattern
///   at least one.
/// - A leading '/' ties the pattern to the start of the path. Other leading, trailing and doubled
///   '/' and components '.' are ignored.
///
/// So, tied nowhere, "*.o" matches "a/b.o"; "a/b" matches "a/b" and "x/a/b" but neither "xa/b" nor
/// "a/b/c"; "/a/*.o" matches "a/b.o" only there. The root itself, ".", never matches.
class PathPattern {
 public:
  enum class Anchor : uint8_t {
    kAnyComponent,  ///< may begin behind any '/'
    kStart,         ///< always begins where the path begins
  };

  /// Every text is a pattern; one without components matches nothing.
  explicit PathPattern(std::string_view text, Anchor anchor = Anchor::kAnyComponent);

  /// Whether the pattern matches the path itself, to its end.
  bool Matches(std::string_view path) const;

  /// Whether it matches the path or a directory above it.
  bool MatchesOrIsAbove(std::string_view path) const;

  /// Whether Matches looks at the last component only, so that it can be called with just that.
  bool names_only() const { return names_only_; }

 private:
  std::vector<std::string> components_;
  bool names_only_ = false;
};

}  // namespace tapir
