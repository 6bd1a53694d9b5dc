#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// What stands with an object that was archived from a file made by Windows' own backup calls
/// (format chapter 11): records of the types RAW_ENCRYPTED_STREAM and BACKUP_STREAMS.

/// Says that stream 0 is a raw export of an encrypted file, byte for byte.
OpaqueRecord MakeRawExportRecord();
/// Whether one of the records says so.
bool HoldsRawExport(const std::vector<OpaqueRecord>& records);

/// How the streams of an object were one sequence of backup streams.
struct BackupLayout {
  /// Stream 0 is the sequence itself; else the object's streams are the data in it.
  bool verbatim = false;
  /// The sequence without the data of BACKUP_DATA, BACKUP_ALTERNATE_DATA and BACKUP_SPARSE_BLOCK:
  /// their headers, and headers and payloads of all others. The data are those of stream 0, of the
  /// further streams in their order, and of the blocks' places in the stream before them.
  std::string skeleton;
};

OpaqueRecord MakeBackupRecord(const BackupLayout& layout);
/// Nothing if no record tells a layout, kUnsupported for one of a later version.
Result<std::optional<BackupLayout>> FindBackupLayout(const std::vector<OpaqueRecord>& records);

}  // namespace tapir
