#pragma once

#include <string>
#include <string_view>

namespace tapir {

/// Upper case as NTFS compares names: unit by unit, in every language alike, by the table $UpCase
/// that Windows 7 and later put onto a volume. Surrogates stay as they are. Any thread.
char16_t Upcase(char16_t unit);
std::u16string Upcase(std::u16string_view units);

}  // namespace tapir
