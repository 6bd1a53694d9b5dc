#pragma once

#include <cstdint>
#include <optional>

#include "device/scsi/command_runner.h"
#include "tapir/device/tape_drive.h"

namespace tapir::scsi {

/// Knows where the drive stands and brings it elsewhere: by READ POSITION and LOCATE, or on drives
/// without them by counting from a rewind, and SPACE. Objects are blocks and marks; partitions
/// count from 1.
class PositionKeeper {
 public:
  /// `residuals_work`: false for a drive that does not tell how much of a movement was left over,
  /// and passes marks as if they were blocks. Where objects have to be counted it has to read,
  /// and backward there is no spacing.
  PositionKeeper(CommandRunner& runner, bool residuals_work)
      : runner_(runner), residuals_work_(residuals_work) {}

  /// Asks the drive, or takes the count.
  Result<TapePosition> Ask();
  /// False: the position is counted here. Asks the drive the first time.
  bool DriveTells();
  /// The place as far as it is known without asking.
  std::optional<uint64_t> object() const { return object_; }
  /// Makes object() known, if the drive can tell.
  void Settle();

  /// Reading or writing went over so many objects.
  void Passed(uint64_t objects);
  void Forget() { object_.reset(); }
  void Stand(uint32_t partition, uint64_t object);

  Status Rewind(bool immediate);
  /// `partition` 0: the current one.
  Status Locate(uint32_t partition, uint64_t object, bool immediate);
  Status EndOfData(uint32_t partition);
  Status Space(SpaceCode code, int64_t count);

 private:
  enum class Source { kUnknown, kLong, kShort, kCount };
  struct Walk {
    uint64_t passed = 0;
    uint64_t marks = 0;
    bool at_end = false;
  };

  Status Choose();
  Result<PositionReply> AskDrive(bool long_form);
  Result<Cdb> LocateCommand(uint32_t partition, uint64_t object, bool immediate);
  Status LocateByCount(uint32_t partition, uint64_t object);
  /// Over `objects`, or until `marks` marks were passed, or to the end of data.
  Result<Walk> WalkForward(uint64_t objects, uint64_t marks);
  /// One step of that: over at most `objects`.
  Result<Walk> StepBySpacing(uint64_t objects);
  Result<Walk> StepByReading();
  Status SpaceMarksByCount(int64_t count);
  Status SpaceByReading(SpaceCode code, int64_t count);
  void AccountBlocks(const Answer& answer, int64_t count);
  Status CheckPartition(uint32_t partition) const;

  CommandRunner& runner_;
  const bool residuals_work_;
  Source source_ = Source::kUnknown;
  uint32_t partition_ = 1;
  std::optional<uint64_t> object_;
};

}  // namespace tapir::scsi
