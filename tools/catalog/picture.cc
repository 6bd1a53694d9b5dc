#include "tools/catalog/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "tapir/base/limits.h"

namespace tapir::cli {

namespace {

using Look = VolumePicture::Look;
using Kind = catalog::MapRange::Kind;

constexpr size_t kLooks = 6;
/// More than any volume has (16 EiB); a catalogue may say anything.
constexpr uint64_t kMostUnits = uint64_t{1} << 52;

struct Tally {
  std::array<uint64_t, kLooks> units{};
  uint32_t session = 0;
  uint64_t session_units = 0;  ///< of the range that gave `session`
  bool damaged = false;
};

Look LookOf(Kind kind) {
  switch (kind) {
    case Kind::kLabel: return Look::kLabel;
    case Kind::kData: return Look::kData;
    case Kind::kShared: return Look::kShared;
    case Kind::kIndex: return Look::kIndex;
    case Kind::kEnd: return Look::kEnd;
    case Kind::kUnused:
    case Kind::kDamage: break;
  }
  return Look::kUnused;
}

/// Units behind the last one that is known of.
uint64_t UnitsOf(const catalog::Volume& volume, const std::vector<catalog::MapRange>& ranges) {
  uint64_t bytes = std::max(volume.used_bytes, volume.capacity_bytes.value_or(0));
  uint64_t units = bytes / limits::kUnitBytes + (bytes % limits::kUnitBytes != 0 ? 1 : 0);
  for (const catalog::MapRange& range : ranges) {
    if (range.kind == Kind::kDamage) continue;
    units =
        std::max(units, std::min(range.first_unit, kMostUnits) + std::min(range.units, kMostUnits));
  }
  return std::min(units, kMostUnits);
}

void Count(const catalog::MapRange& range, const VolumePicture& picture,
           std::vector<Tally>& tallies) {
  if (range.first_unit >= picture.units) return;
  const uint64_t length = std::max<uint64_t>(range.units, 1);
  const uint64_t end = range.first_unit + std::min(length, picture.units - range.first_unit);
  for (uint64_t unit = range.first_unit; unit < end;) {
    const uint64_t place = unit / picture.units_per_cell;
    const uint64_t next = std::min(end, (place + 1) * picture.units_per_cell);
    Tally& tally = tallies[place];
    if (range.kind == Kind::kDamage) {
      tally.damaged = true;
    } else {
      tally.units[static_cast<size_t>(LookOf(range.kind))] += next - unit;
      if (range.session_number != 0 && next - unit > tally.session_units) {
        tally.session = range.session_number;
        tally.session_units = next - unit;
      }
    }
    unit = next;
  }
}

VolumePicture::Cell CellOf(const Tally& tally) {
  const auto most = std::max_element(tally.units.begin(), tally.units.end());
  Look look = *most == 0 ? Look::kUnused : static_cast<Look>(most - tally.units.begin());
  if (tally.units[static_cast<size_t>(Look::kIndex)] > 0) look = Look::kIndex;
  return {look, look == Look::kUnused ? 0 : tally.session, tally.damaged};
}

std::vector<VolumePicture::Row> RowsOf(const std::vector<catalog::MapRange>& ranges) {
  std::map<uint32_t, VolumePicture::Row> rows;
  for (const catalog::MapRange& range : ranges) {
    if (range.kind == Kind::kDamage || range.session_number == 0) continue;
    const auto [found, added] = rows.try_emplace(range.session_number);
    VolumePicture::Row& row = found->second;
    if (added) {
      row.session = range.session_number;
      row.first_unit = range.first_unit;
    }
    row.first_unit = std::min(row.first_unit, range.first_unit);
    switch (LookOf(range.kind)) {
      case Look::kData: row.data += range.units; break;
      case Look::kShared: row.shared += range.units; break;
      case Look::kIndex: row.index += range.units; break;
      default: row.other += range.units; break;
    }
  }
  std::vector<VolumePicture::Row> list;
  for (const auto& [number, row] : rows) list.push_back(row);
  return list;
}

}  // namespace

VolumePicture DrawVolume(const catalog::Volume& volume,
                         const std::vector<catalog::MapRange>& ranges) {
  VolumePicture picture;
  picture.units = UnitsOf(volume, ranges);
  picture.units_per_cell = std::max<uint64_t>(
      1, (picture.units + VolumePicture::kMostCells - 1) / VolumePicture::kMostCells);
  const uint64_t cells = (picture.units + picture.units_per_cell - 1) / picture.units_per_cell;
  std::vector<Tally> tallies(cells);
  for (const catalog::MapRange& range : ranges) Count(range, picture, tallies);
  picture.cells.reserve(cells);
  for (const Tally& tally : tallies) picture.cells.push_back(CellOf(tally));
  picture.rows = RowsOf(ranges);
  return picture;
}

std::string_view LookName(Look look) {
  switch (look) {
    case Look::kUnused: return "unused";
    case Look::kLabel: return "label";
    case Look::kData: return "data";
    case Look::kShared: return "shared content";
    case Look::kIndex: return "index";
    case Look::kEnd: return "end of a session";
  }
  return "unused";
}

std::string CellClass(const VolumePicture::Cell& cell) {
  const std::string parity = cell.session % 2 == 0 ? " even" : " odd";
  switch (cell.look) {
    case Look::kUnused: return "unused";
    case Look::kLabel: return "label";
    case Look::kData: return "data" + parity;
    case Look::kShared: return "shared" + parity;
    case Look::kIndex: return "index";
    case Look::kEnd: return "end";
  }
  return "unused";
}

std::vector<PictureShape> ShapesOf(const VolumePicture& picture) {
  std::map<std::string, std::string> paths;
  std::string crosses;
  for (size_t at = 0; at < picture.cells.size();) {
    const size_t column = at % VolumePicture::kColumns;
    const size_t line = at / VolumePicture::kColumns;
    const std::string style = CellClass(picture.cells[at]);
    size_t length = 0;
    // A run ends with its line.
    while (at + length < picture.cells.size() && column + length < VolumePicture::kColumns &&
           CellClass(picture.cells[at + length]) == style) {
      if (picture.cells[at + length].damaged) {
        fmt::format_to(std::back_inserter(crosses), "M{0}.1 {1}.1l.8 .8M{0}.9 {1}.1l-.8 .8",
                       column + length, line);
      }
      ++length;
    }
    fmt::format_to(std::back_inserter(paths[style]), "M{} {}h{}v1h-{}z", column, line, length,
                   length);
    at += length;
  }
  std::vector<PictureShape> shapes;
  for (const auto& [style, path] : paths) shapes.push_back({style, path});
  if (!crosses.empty()) shapes.push_back({"damage", crosses});
  return shapes;
}

}  // namespace tapir::cli
