#include "tapir/windows/sis_link.h"

#include <algorithm>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"

namespace tapir {
namespace {

constexpr size_t kSisDataBytes = 64;
constexpr std::string_view kSisEnding = ".sis";

std::string_view LastComponent(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool EndsAsSis(std::string_view name) {
  if (name.size() < kSisEnding.size()) return false;
  const std::string_view ending = name.substr(name.size() - kSisEnding.size());
  return std::ranges::equal(ending, kSisEnding, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
}

}  // namespace

bool IsSisLink(std::span<const std::byte> reparse) {
  const Result<ReparseView> view = ParseReparse(reparse);
  return view.ok() && view->tag == kReparseTagSis;
}

std::optional<SisLinkFields> ReadSisLink(std::span<const std::byte> reparse) {
  const Result<ReparseView> view = ParseReparse(reparse);
  if (!view.ok() || view->tag != kReparseTagSis || view->data.size() != kSisDataBytes) {
    return std::nullopt;
  }
  ReadCursor read(view->data);
  SisLinkFields fields;
  fields.version = read.U32();
  fields.reserved = read.U32();
  std::ranges::copy(read.ReadBytes(sizeof(Guid)), fields.store_file.begin());
  fields.link_index = read.U64();
  fields.link_file.value = read.U64();
  fields.store_reference.value = read.U64();
  fields.contents_checksum = read.U64();
  fields.structure_checksum = read.U64();
  if (AllZero(fields.store_file)) return std::nullopt;
  return fields;
}

std::optional<Guid> SisNameGuid(std::string_view path) {
  const std::string_view name = LastComponent(path);
  if (!EndsAsSis(name)) return std::nullopt;
  return ParseGuid(name.substr(0, name.size() - kSisEnding.size()));
}

std::string SisStoreName(std::string_view path) {
  const std::optional<Guid> guid = SisNameGuid(path);
  if (guid) return GuidText(*guid) + std::string(kSisEnding);
  return std::string(LastComponent(path));
}

}  // namespace tapir
