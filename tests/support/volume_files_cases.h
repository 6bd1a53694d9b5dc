#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tapir/object/volume_files.h"

namespace tapir::test {

/// What VolumeFiles does alike on every kind of volume. Each begins with what MakeCaseFiles makes.
struct VolumeFilesCase {
  std::string name;
  std::function<void(VolumeFiles&)> body;
};
inline std::ostream& operator<<(std::ostream& out, const VolumeFilesCase& one) {
  return out << one.name;
}

const std::vector<VolumeFilesCase>& VolumeFilesCases();

struct CaseFile {
  std::string path;
  bool is_directory = false;
  std::string contents;
};
/// What there is before each case, directories first.
const std::vector<CaseFile>& CaseFiles();

}  // namespace tapir::test
