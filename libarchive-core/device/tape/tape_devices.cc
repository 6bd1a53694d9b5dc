#include "tapir/device/tape_devices.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "device/scsi/sg_transport.h"

namespace tapir {
namespace {

namespace fs = std::filesystem;

std::string FirstLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// N of "nstN"; nothing for "nst0a" and others, which are the same drive in other modes.
bool IsNoRewindNode(const std::string& name, unsigned& number) {
  constexpr std::string_view kPrefix = "nst";
  if (!name.starts_with(kPrefix)) return false;
  const char* end = name.data() + name.size();
  auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

std::vector<FoundTapeDevice> FindTapeDevices(const std::string& sysfs) {
  std::vector<std::pair<unsigned, FoundTapeDevice>> found;
  std::error_code ignored;
  for (const auto& node : fs::directory_iterator(sysfs + "/class/scsi_tape", ignored)) {
    unsigned number = 0;
    const std::string name = node.path().filename().string();
    if (!IsNoRewindNode(name, number)) continue;
    const fs::path device = node.path() / "device";
    Result<std::string> sg_node = scsi::FindSgNode("/dev/" + name, sysfs);
    found.push_back(
        {number,
         {"/dev/" + name, sg_node.ok() ? *sg_node : std::string(), FirstLine(device / "vendor"),
          FirstLine(device / "model"), FirstLine(device / "rev")}});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FoundTapeDevice> devices;
  for (auto& [number, device] : found) devices.push_back(std::move(device));
  return devices;
}

}  // namespace tapir
