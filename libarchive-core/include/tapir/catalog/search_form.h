#pragma once

#include <string>
#include <string_view>

namespace tapir::catalog {

/// Text as names are searched without regard to case: the characters of UTF-8 in upper case by the
/// table that NTFS compares names with, in every language alike; a byte that is not UTF-8 becomes
/// U+FFFD. So it is always UTF-8, and the form of a part is part of the form of the whole. Any
/// thread.
std::string SearchForm(std::string_view bytes);

/// The same with its letters as they are.
std::string TextForm(std::string_view bytes);

}  // namespace tapir::catalog
