#include "tools/catalog/web/host.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

namespace tapir::cli {

namespace {

bool IsAddress(int family, const std::string& text) {
  in6_addr bytes = {};
  return inet_pton(family, text.c_str(), &bytes) == 1;
}

bool IsPort(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(),
                                         [](char digit) { return digit >= '0' && digit <= '9'; });
}

/// Without port and brackets, in lower case; nothing if it is malformed.
std::optional<std::string> NameIn(std::string_view host) {
  const bool bracketed = !host.empty() && host.front() == '[';
  const size_t end = bracketed ? host.find(']') : std::min(host.find(':'), host.size());
  if (end == std::string_view::npos) return std::nullopt;
  std::string name(host.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0)));
  std::string_view rest = host.substr(bracketed ? end + 1 : end);
  if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) return std::nullopt;
  if (bracketed && !IsAddress(AF_INET6, name)) return std::nullopt;
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return name;
}

}  // namespace

bool IsOwnHost(std::string_view host, std::string_view address) {
  const std::optional<std::string> name = NameIn(host);
  if (!name || name->empty()) return false;
  if (*name == "localhost" || *name == "127.0.0.1" || *name == "::1") return true;
  if (address == "0.0.0.0" || address == "::") {
    return IsAddress(AF_INET, *name) || IsAddress(AF_INET6, *name);
  }
  return std::equal(name->begin(), name->end(), address.begin(), address.end(),
                    [](char left, char right) {
                      const bool upper = right >= 'A' && right <= 'Z';
                      return left == (upper ? static_cast<char>(right - 'A' + 'a') : right);
                    });
}

std::string PageAddress(const std::string& address, int port) {
  const bool brackets = address.find(':') != std::string::npos;
  return brackets ? fmt::format("http://[{}]:{}/", address, port)
                  : fmt::format("http://{}:{}/", address, port);
}

}  // namespace tapir::cli
