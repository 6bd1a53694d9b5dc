#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// A link as it was archived.
struct ArchivedSisLink {
  struct Range {
    uint64_t offset = 0;
    uint64_t length_bytes = 0;
  };

  std::string path;
  std::string reparse;
  bool is_regular = true;
  bool is_sparse = true;   ///< has the attribute
  bool is_reparse = true;  ///< has the attribute
  bool has_extended_attributes = false;
  uint64_t size_bytes = 0;
  std::vector<Range> allocated;
  std::vector<std::string> needed;  ///< names of store files: its edges
};

/// A store file as it was archived, in the same pass or an earlier one that is referred to.
struct ArchivedSisStoreFile {
  std::string name;
  uint64_t pass = 0;  ///< tells passes apart
  uint64_t size_bytes = 0;
  std::string digest;  ///< of its contents; empty if not known
};

/// The rule of a finding.
enum class SisRule {
  kReparseData,    ///< tag and lengths of the reparse buffer
  kAttributes,     ///< a regular file, sparse, with a reparse point
  kRanges,         ///< allocated ranges ascend inside the size
  kUnresolvable,   ///< each edge leads to a store file
  kStoredTwice,    ///< a store file comes once in a pass
  kOtherContents,  ///< one name has one content, everywhere
  kSize,           ///< link and store file have one size
  kLayout,         ///< the layout that is known
  kEa,             ///< no extended attributes
  kPartial,        ///< no data of the link's own
};

struct SisFinding {
  SisRule rule = SisRule::kReparseData;
  std::string subject;  ///< path of the link or name of the store file
  Finding finding;      ///< offset: in the reparse data or the file

  bool operator==(const SisFinding&) const = default;
};

/// Holds archived links and store files against what a restore needs. Any thread.
std::vector<SisFinding> CheckSis(const std::vector<ArchivedSisLink>& links,
                                 const std::vector<ArchivedSisStoreFile>& store_files);

}  // namespace tapir
