#pragma once

#include <map>
#include <string>

#include "jobs/archived_object.h"
#include "tapir/jobs/sis_form.h"
#include "tapir/object/entry.h"

namespace tapir {

/// What archived objects are expected to be where they were restored: onto a directory links of
/// Windows are symbolic links, and links into a Single Instance Store may be files. Thread-safe
/// after the last call of Learn.
class ExpectedForm {
 public:
  ExpectedForm(bool on_directory, SisForm sis) : on_directory_(on_directory), sis_(sis) {}

  SisForm sis() const { return sis_; }
  /// A common-store file that links are files of.
  void Learn(const Entry& store_file);
  /// Makes the object what is expected of it. Returns what of it cannot be compared, if anything.
  std::string Apply(ArchivedObject& object) const;

 private:
  std::string ApplyToSisLink(ArchivedObject& object) const;

  bool on_directory_;
  SisForm sis_;
  std::map<std::string, Entry> store_files_;  ///< by SisStoreKey
};

}  // namespace tapir
