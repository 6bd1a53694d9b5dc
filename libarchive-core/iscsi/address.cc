#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "iscsi/iscsi_transport.h"

namespace tapir::iscsi {
namespace {

Status Malformed(const std::string& text, const std::string& why) {
  return InvalidArgument("'" + text + "': " + why + "; give iscsi://HOST[:PORT]/IQN/LUN");
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

Result<Address> ParseAddress(const std::string& text) {
  constexpr std::string_view kScheme = "iscsi://";
  std::string_view rest = text;
  if (!rest.starts_with(kScheme)) return Malformed(text, "no iSCSI address");
  rest.remove_prefix(kScheme.size());
  size_t target = rest.find('/');
  size_t lun = target == rest.npos ? rest.npos : rest.find('/', target + 1);
  if (lun == rest.npos) return Malformed(text, "target or logical unit is missing");
  Address address;
  address.portal = rest.substr(0, target);
  address.target = rest.substr(target + 1, lun - target - 1);
  std::string_view number = rest.substr(lun + 1);
  if (address.portal.find('@') != std::string::npos) {
    return InvalidArgument(
        "a name or secret in the address can be read by others; put both into a file and name it "
        "in TAPIR_ISCSI_CHAP_FILE");
  }
  if (address.portal.empty() || address.target.empty()) return Malformed(text, "host or target");
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), address.lun);
  bool right = error == std::errc() && end == number.data() + number.size() && address.lun >= 0 &&
               address.lun < 16384;
  return right ? Result<Address>(address) : Malformed(text, "logical unit");
}

Result<std::optional<Credentials>> FindCredentials() {
  Credentials found;
  if (const std::string path = Environment("TAPIR_ISCSI_CHAP_FILE"); !path.empty()) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) return NotFound("cannot read '" + path + "' for CHAP");
    std::istringstream(line) >> found.name >> found.secret;
    if (found.secret.empty()) return InvalidArgument("'" + path + "': no name and secret");
    return std::optional(found);
  }
  found = {Environment("TAPIR_ISCSI_CHAP_NAME"), Environment("TAPIR_ISCSI_CHAP_SECRET")};
  return found.name.empty() ? std::optional<Credentials>() : std::optional(found);
}

}  // namespace tapir::iscsi
