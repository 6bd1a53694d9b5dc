#pragma once

#include <string>
#include <vector>

namespace tapir {

/// A tape drive that the system knows.
struct FoundTapeDevice {
  std::string path;     ///< of the no-rewind node, "/dev/nst0"
  std::string sg_path;  ///< "/dev/sg1", or empty
  std::string vendor;
  std::string product;
  std::string revision;
};

/// The drives below `sysfs` ("/sys"), by their numbers. None where there is no st driver.
std::vector<FoundTapeDevice> FindTapeDevices(const std::string& sysfs);

}  // namespace tapir
