#pragma once

#include <functional>
#include <string>

namespace tapir::fuzz {

/// Writes a file of a corpus. Throws if it cannot.
void WriteSeed(const std::string& path, const std::string& bytes);

/// The main function of a program that makes seeds below a folder, its only argument.
int MakeSeeds(int argc, char** argv, const std::function<void(const std::string& folder)>& make);

}  // namespace tapir::fuzz
