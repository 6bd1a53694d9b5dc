#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// What a file made by Windows' own calls holds.
enum class ForeignForm {
  kEfsRaw,         ///< a raw export of an encrypted file ([MS-EFSR] 2.2.3)
  kBackupStreams,  ///< what BackupRead gave ([MS-BKUP])
};

struct ForeignFile {
  ForeignForm form = ForeignForm::kEfsRaw;
  std::string path;  ///< as in PosixSourceOptions::paths
};

struct ForeignFilesOptions {
  std::string base_directory = ".";  ///< where relative paths begin
  std::vector<ForeignFile> files;
  Reporter* reporter = nullptr;  ///< not owned; required
};

/// Files that stand for objects of a Windows volume. A raw export is archived as it is and marked;
/// backup streams become the object they tell, with what is needed to give the same bytes again,
/// or, where that would lose something, are archived as they are and marked. Files are read in
/// pieces.
///
/// Each file is read through and checked first, its name beside it: kInvalidArgument with the place
/// if it is malformed, kExists for two files that would meet in the archive, device errors. What is
/// readable but not as Windows would have made it is reported as a warning. Reopen is kNotFound:
/// these contents are never looked up. One thread; the objects as SourceObject says.
Result<std::unique_ptr<ObjectSource>> OpenForeignFiles(const ForeignFilesOptions& options);

}  // namespace tapir
