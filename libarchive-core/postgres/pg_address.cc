#include "postgres/pg_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tapir::catalog {
namespace {

constexpr unsigned kMostPort = 65535;

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && rest == end && port > 0 && port <= kMostPort;
}

bool IsAddress(int family, std::string_view text) {
  in6_addr bytes = {};
  return inet_pton(family, std::string(text).c_str(), &bytes) == 1;
}

bool IsIpAddress(std::string_view text) {
  // "fe80::1%eth0" names the interface, too.
  return IsAddress(AF_INET, text) || IsAddress(AF_INET6, text.substr(0, text.find('%')));
}

// A name, an address or the directory of a socket.
bool IsHost(std::string_view text) {
  if (text.starts_with('/')) return text.find('@') == std::string_view::npos;
  return text.find_first_of("@:/") == std::string_view::npos || IsIpAddress(text);
}

// Several servers stand beside each other with commas between; an empty one is the usual one.
template <typename Test>
bool AllAre(std::string_view list, const Test& test) {
  for (;;) {
    const size_t end = std::min(list.find(','), list.size());
    if (end > 0 && !test(list.substr(0, end))) return false;
    if (end == list.size()) return true;
    list.remove_prefix(end + 1);
  }
}

// What stands behind the servers: the database alone.
bool HasPlainDatabase(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return true;
  url.remove_prefix(scheme + 3);
  const size_t slash = url.find('/');
  if (slash == std::string_view::npos) return true;
  const std::string_view path = url.substr(slash + 1);
  return path.substr(0, path.find('?')).find_first_of("@:/") == std::string_view::npos;
}

}  // namespace

Status CheckPgAddress(const std::string& url, const PQconninfoOption* options) {
  bool fine = HasPlainDatabase(url);
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    const std::string_view value = option->val;
    if (keyword == "port") fine = fine && AllAre(value, IsPort);
    if (keyword == "host") fine = fine && AllAre(value, IsHost);
    if (keyword == "hostaddr") fine = fine && AllAre(value, IsIpAddress);
  }
  return fine ? OkStatus() : UnreadablePgAddress();
}

Status UnreadablePgAddress() {
  return InvalidArgument(
      "the address of the server cannot be read: postgresql://USER@HOST:PORT/DATABASE is one; "
      "letters like / @ : in a password are written %2F %40 %3A");
}

}  // namespace tapir::catalog
