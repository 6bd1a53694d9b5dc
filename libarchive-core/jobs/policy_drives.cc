#include "tapir/jobs/policy_drives.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "source/given_paths.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

// Without the leading slash; "." for the root.
Result<std::string> RealPath(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return Status::FromErrno(error.value(), path.string());
  const std::string text = real.string().substr(1);
  return text.empty() ? std::string(".") : text;
}

bool IsOrIsBelow(const std::string& path, const std::string& above) {
  return above == "." || path == above || IsBelow(path, above);
}

// What follows `above` in a path that is below it; "." if it is that itself.
std::string Rest(const std::string& path, const std::string& above) {
  if (path == above) return ".";
  return above == "." ? path : path.substr(above.size() + 1);
}

std::string Joined(const std::string& path, const std::string& rest) {
  if (rest == ".") return path;
  return path == "." ? rest : path + "/" + rest;
}

// Components that both end with belong to both: the drive begins further up.
void TakeOffCommonEnd(PolicyDrive& drive) {
  const auto last = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  while (drive.inside != "." && drive.prefix != "." && last(drive.inside) == last(drive.prefix)) {
    drive.inside = ParentPath(drive.inside);
    drive.prefix = ParentPath(drive.prefix);
  }
}

}  // namespace

Result<std::vector<PolicyDrive>> DrivesInTree(const std::string& base_directory,
                                              const std::vector<std::string>& paths,
                                              const DriveDirectories& drives) {
  std::vector<PolicyDrive> found;
  for (const auto& [drive_letter, directory] : drives) {
    const char16_t letter = drive_letter;
    TAPIR_ASSIGN_OR_RETURN(const std::string root, RealPath(directory));
    for (const std::string& text : paths) {
      TAPIR_ASSIGN_OR_RETURN(const source::GivenPath given, source::NormalisePath(text));
      const std::filesystem::path base = given.from_root ? "/" : base_directory;
      // Of what is not there nothing is archived.
      const Result<std::string> real = RealPath(base / given.path);
      if (!real.ok()) continue;
      PolicyDrive drive{letter, given.path, "."};
      if (IsOrIsBelow(root, *real)) {
        drive.prefix = Joined(given.path, Rest(root, *real));
      } else if (IsOrIsBelow(*real, root)) {
        drive.inside = Rest(*real, root);
        TakeOffCommonEnd(drive);
      } else {
        continue;
      }
      const bool known = std::ranges::any_of(found, [&](const PolicyDrive& other) {
        return other.letter == letter && other.prefix == drive.prefix &&
               other.inside == drive.inside;
      });
      if (!known) found.push_back(std::move(drive));
    }
  }
  return found;
}

}  // namespace tapir
