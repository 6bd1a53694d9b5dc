#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/sis_link.h"

namespace tapir {

/// A file found below the store root of a volume.
struct SisStoreFile {
  std::string path;  ///< from the root of the volume, components joined by '/'
  FileReference reference;
  uint64_t size_bytes = 0;
};

/// A link found on a volume.
struct SisLinkFile {
  std::string path;
  std::string reparse;  ///< its whole reparse buffer
  FileReference reference;
  uint64_t size_bytes = 0;
};

/// A volume with a Single Instance Store, as a walk of it gave it.
struct SisVolume {
  std::string store_root;  ///< as it is spelled there, e.g. "SIS Common Store"
  std::vector<SisStoreFile> store_files;
  std::vector<SisLinkFile> links;  ///< all of the volume, whichever of them are wanted
};

/// How a link was paired with a store file, or why not.
enum class SisPairedBy {
  kFileReference,  ///< record and sequence of its reparse data are those of the file
  kName,           ///< its GUID is the name of the file
  kOrphan,         ///< what it names is not in the store
  kOpaque,         ///< its reparse data do not have the layout that is known
};

/// "file reference", "name", "no such store file", "unknown reparse data". The view is a literal.
std::string_view SisPairedByName(SisPairedBy by);

struct SisPair {
  SisPairedBy by = SisPairedBy::kOpaque;
  std::optional<size_t> store_file;  ///< a place in SisVolume::store_files, if there is one

  bool operator==(const SisPair&) const = default;
};

/// What one link needs, as SisCSFilesToBackupForLink has it.
struct SisFilesForLink {
  /// Empty if an earlier link of this pass named the same store file; else what to store now. More
  /// than one path is possible by contract. Files that are stored as internal ones are not named.
  std::vector<std::string> to_store;
  /// The context given with that earlier link.
  std::optional<uint64_t> first_link;
  /// Every store file the link needs, whether named before or not: its edges in the archive.
  std::vector<std::string> needed;
  SisPairedBy by = SisPairedBy::kOpaque;
};

/// The decisions of backing up one volume with a Single Instance Store, in the shape of
/// SisCreateBackupStructure (the constructor), SisCSFilesToBackupForLink and
/// SisFreeBackupStructure. Does no I/O. One instance for each volume and pass; single-thread.
///
/// A file of the store counts as a common-store file if a link names it or its name is a GUID and
/// ".sis"; all others are internal and are stored always. A link is paired by file reference if
/// record and sequence fit and the file's name is not the GUID of another one, else by its GUID.
class SisBackup {
 public:
  /// Store files whose path is not below the store root are passed over.
  explicit SisBackup(SisVolume volume);

  const std::string& store_root() const { return volume_.store_root; }
  const SisVolume& volume() const { return volume_; }

  /// True of the store root and all below it: stored only when named by this class.
  bool IsInStore(std::string_view path) const;

  /// Paths that are stored whatever links are chosen.
  const std::vector<std::string>& internal_files() const { return internal_files_; }

  /// One for each link of the volume, in their order.
  const std::vector<SisPair>& pairs() const { return pairs_; }
  /// How many links of the volume are paired with each store file, in the order of those.
  const std::vector<uint64_t>& reference_counts() const { return reference_counts_; }
  /// Common-store files that no link of the volume is paired with.
  const std::vector<std::string>& unreferenced_files() const { return unreferenced_files_; }
  /// Common-store files that share their GUID with an earlier one, which alone is paired by name.
  const std::vector<std::string>& ambiguous_files() const { return ambiguous_files_; }

  /// True while a link of the volume, or one asked for, is not paired with a store file.
  bool has_unpaired() const { return has_unpaired_; }

  /// What to store for a link with this reparse buffer. `context` is the caller's own number of
  /// the link. Fails with kInvalidArgument if it is no SIS link or the pass has ended, with
  /// kNotFound if it cannot be paired, with kCorrupt if a file it needs could not be stored.
  Result<SisFilesForLink> FilesForLink(std::span<const std::byte> reparse, uint64_t context);

  /// Says that a file named by FilesForLink cannot be read. Returns the contexts of the links that
  /// named it: none of them can be resolved. Fails with kInvalidArgument if it was not named.
  Result<std::vector<uint64_t>> CannotStore(std::string_view path);

  /// Ends the pass. If has_unpaired(), the files of the store that were not named are needed too:
  /// they are returned, once.
  std::vector<std::string> Free();

 private:
  struct Named {
    std::vector<uint64_t> contexts;  // of the links that named it, first to last
    bool unreadable = false;
  };

  SisPair PairOf(std::span<const std::byte> reparse) const;
  void IndexStore();
  void PairLinks();
  void SortFiles();

  SisVolume volume_;
  std::map<FileReference, size_t> by_reference_;
  std::map<Guid, size_t> by_guid_;
  std::vector<SisPair> pairs_;
  std::vector<uint64_t> reference_counts_;
  std::vector<std::string> internal_files_;
  std::vector<std::string> unreferenced_files_;
  std::vector<std::string> ambiguous_files_;
  std::set<size_t> internal_;
  std::map<size_t, Named> named_;
  bool has_unpaired_ = false;
  bool freed_ = false;
};

}  // namespace tapir
