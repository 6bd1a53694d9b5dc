#include "container/foreign.h"

#include <array>
#include <string_view>

namespace tapir {
namespace {

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures = {
    Signature{257, "ustar"sv, "a tar archive"},
    Signature{0, "\x1F\x8B"sv, "a gzip file"},
    Signature{0, "\x28\xB5\x2F\xFD"sv, "a zstd file"},
    Signature{0,
              "\xFD"
              "7zXZ\0"sv,
              "an xz file"},
    Signature{0, "BZh"sv, "a bzip2 file"},
    Signature{0, "PK\x03\x04"sv, "a zip file"},
    Signature{0, "hsqs"sv, "a squashfs image"},
    Signature{0, "MSWIM\0\0\0"sv, "a WIM image"},
    Signature{0, "070701"sv, "a cpio archive"},
    Signature{0, "070707"sv, "a cpio archive"},
    Signature{0, "TAPE"sv, "an MTF (NTBackup) medium"},
    Signature{0, "VOL1"sv, "an ANSI-labelled tape"},
    Signature{0,
              "\x7F"
              "ELF"sv,
              "a program"},
    Signature{3, "NTFS    "sv, "an NTFS volume image"},
    Signature{0x438, "\x53\xEF"sv, "an ext file system image"},
    Signature{510, "\x55\xAA"sv, "a disk image"},
};

}  // namespace

std::string IdentifyForeign(ByteSpan first_bytes) {
  std::string_view text = AsText(first_bytes);
  if (text.empty()) return "nothing";
  if (text.starts_with("VOL1") && text.substr(0, 80).find("LTFS") != text.npos) {
    return "an LTFS tape";
  }
  for (const Signature& signature : kSignatures) {
    if (text.size() >= signature.offset &&
        text.substr(signature.offset).starts_with(signature.bytes)) {
      return std::string(signature.name);
    }
  }
  return AllZero(first_bytes) ? "zeros" : "unknown data";
}

}  // namespace tapir
