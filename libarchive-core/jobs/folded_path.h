#pragma once

#include <string>

namespace tapir {

/// A path in the form in which paths of a Windows volume are compared: in upper case by NTFS'
/// table. What is not WTF-8 keeps its bytes.
std::u16string FoldedPath(const std::string& path);

}  // namespace tapir
