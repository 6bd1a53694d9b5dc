#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/vtape/side_file.h"
#include "device/vtape/tape_image.h"
#include "device/vtape/time_model.h"
#include "tapir/device/virtual_tape.h"

namespace tapir {

/// What a VirtualTape is while it is open. Partitions and objects count from 0 here.
struct VirtualTape::State {
  std::string path;
  bool writable = true;  ///< the files are
  vtape::SideFile side;
  std::vector<vtape::TapeImage> images;
  std::unique_ptr<vtape::TimeModel> model;
  bool position_known = true;
  bool change_noted = false;
  /// Said once, by the next call (a reset, another medium).
  TapeError attention = TapeError::kNone;

  const TapeProfile& profile() const;
  /// A medium of less capacity than the profile's is as long: far apart on it is far apart.
  void StartModel(const vtape::ModelTimes& times, vtape::TimeModel::Clock clock);
  vtape::TapeImage& image() { return images[side.partition]; }
  uint64_t object_count() { return image().objects().size(); }
  bool protects() const { return side.write_protected || !writable; }
  /// Bytes from the beginning of the medium, for the time model.
  uint64_t PlaceBytes() { return PlaceBytes(side.partition, side.object); }
  uint64_t PlaceBytes(uint32_t partition, uint64_t object);

  /// Whether the drive can do anything with its medium: loaded, and nothing to be told first.
  Status CheckReady(std::string_view doing);
  /// Ready, and the position is known.
  Status CheckPosition(std::string_view doing);
  Status CheckWritable(std::string_view doing);
  /// The fault due at the next object, if there is one of this kind. It is used up if `once`.
  bool TakeFault(VirtualTapeFault::Kind kind, bool once);
  /// Faults that strike whatever is done at the present place.
  Status StrikeFaults(std::string_view doing);
  bool IsSetmark(uint64_t object) const { return side.setmarks.contains({side.partition, object}); }
  /// Called before the medium is changed: counts up the volume change reference, once after it was
  /// last asked for.
  Status NoteChange();
  /// Forgets the setmarks from the present place on, which is written over.
  void DropSetmarks();
  void MoveTo(uint32_t partition, uint64_t object);

  /// `ours`: the side file says that these are images.
  Status OpenPartitions(size_t count, bool create, bool ours);
  std::string PartitionPath(size_t partition) const;
  std::string SidePath() const { return path + ".side"; }
  Status Save();
};

}  // namespace tapir
