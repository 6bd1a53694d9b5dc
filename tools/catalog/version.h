#pragma once

#include <string>

#include "tapir/catalog/find.h"
#include "tools/catalog/place.h"
#include "tools/entry_text.h"
#include "tools/json.h"

namespace tapir::cli {

/// The entry as `list --json` has it, with "volume" as VolumeNames, "volume_uuid",
/// "volume_sequence", "location" if it is known, and "block" and "unit", where the object begins. A
/// directory that only stands in paths has its path and type alone.
Json VersionAsObject(const catalog::Version& version, const OpenedCatalog& opened);

/// "photos#2:14  -rw-r--r-- ... docs/a.txt", or less of it.
class VersionLines {
 public:
  enum class Form { kShort, kLong };

  /// `escape`: for a terminal.
  VersionLines(const OpenedCatalog& opened, Form form, bool escape);

  /// Without a line end.
  void Append(std::string& out, const catalog::Version& version);

 private:
  const OpenedCatalog& opened_;
  const Form form_;
  const bool escape_;
  size_t name_width_ = 0;
  LongLines long_lines_;
};

/// The entry as a list of its session has it.
ListedEntry ListedOf(const catalog::Version& version, const catalog::Inventory& inventory);

}  // namespace tapir::cli
