#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/catalog/reports.h"

namespace tapir::cli {

/// A volume as rows of cells, each of which stands for equally many units of 4,096 bytes.
struct VolumePicture {
  enum class Look : uint8_t { kUnused, kLabel, kData, kShared, kIndex, kEnd };
  struct Cell {
    Look look = Look::kUnused;
    uint32_t session = 0;  ///< 0: none
    bool damaged = false;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  /// What one session holds, in units; `session` 0 is what belongs to none.
  struct Row {
    uint32_t session = 0;
    uint64_t first_unit = 0;
    uint64_t data = 0;
    uint64_t shared = 0;
    uint64_t index = 0;
    uint64_t other = 0;  ///< label and ends
  };

  static constexpr uint32_t kColumns = 64;
  static constexpr uint32_t kMostCells = kColumns * 16;

  uint64_t units = 0;  ///< all that the picture stands for
  uint64_t units_per_cell = 1;
  std::vector<Cell> cells;
  std::vector<Row> rows;  ///< of sessions, by number
  uint32_t lines() const { return (static_cast<uint32_t>(cells.size()) + kColumns - 1) / kColumns; }
};

/// `ranges` are those of MapVolume for `volume`. A cell looks like what takes most of it, but for
/// indexes and damage, which are seen wherever there is any.
VolumePicture DrawVolume(const catalog::Volume& volume,
                         const std::vector<catalog::MapRange>& ranges);

/// "data odd", "shared", "index", ...: the classes of a style sheet for cells; odd and even are
/// those of the session's number, so that neighbours can be told apart.
std::string CellClass(const VolumePicture::Cell& cell);
/// "data", "shared content", ...: for people.
std::string_view LookName(VolumePicture::Look look);

/// The cells of one class, as the data of an SVG path with cells of 1 x 1.
struct PictureShape {
  std::string style_class;
  std::string path;
};
/// One for each class that occurs, and last a cross over each damaged cell ("damage").
std::vector<PictureShape> ShapesOf(const VolumePicture& picture);

}  // namespace tapir::cli
