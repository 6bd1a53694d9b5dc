#include <sys/stat.h>

#include <charconv>

#include "tapir/ntfs/ntfs_address.h"

namespace tapir {
namespace {

template <typename T>
std::optional<T> WholeNumber(std::string_view digits) {
  T value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<NtfsAddress> ParseNtfsAddress(std::string_view text) {
  NtfsAddress address;
  address.image = text;
  if (text.empty()) return InvalidArgument("ntfs: needs the name of an image or device");
  struct stat info;
  if (::stat(address.image.c_str(), &info) == 0) return address;
  const size_t mark = text.find_last_of("#@");
  if (mark == std::string_view::npos || mark == 0) return address;
  const std::string_view number = text.substr(mark + 1);
  address.image = text.substr(0, mark);
  if (text[mark] == '#') {
    address.partition = WholeNumber<uint32_t>(number);
    if (address.partition && *address.partition > 0) return address;
    return InvalidArgument("'" + std::string(text) + "': behind # stands a partition from 1 on");
  }
  address.offset_bytes = WholeNumber<uint64_t>(number);
  if (address.offset_bytes && *address.offset_bytes <= INT64_MAX) return address;
  return InvalidArgument("'" + std::string(text) + "': behind @ stands an offset in bytes");
}

}  // namespace tapir
