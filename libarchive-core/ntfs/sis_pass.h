#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ntfs/volume.h"
#include "tapir/base/reporter.h"
#include "tapir/object/ntfs_metadata.h"
#include "tapir/windows/sis_backup.h"

namespace tapir::ntfs {

/// What of a volume's Single Instance Store is archived with the links that are. Made by a walk
/// over the whole volume before the first object is archived. Single-thread.
class SisPass {
 public:
  /// Whether an object is archived by the choice of the user.
  using IsWanted = std::function<bool(const std::string& path)>;

  /// Nothing if the volume has no store. `root`: the path that stands for the root of the volume in
  /// the archive.
  static Result<std::unique_ptr<SisPass>> Make(const std::shared_ptr<Volume>& volume,
                                               const std::string& root, const IsWanted& is_wanted,
                                               Reporter& reporter);

  /// Whether the path is in the store.
  bool IsInStore(const std::string& path) const;
  /// What the file is to the store; no role: it is not archived if it is in the store.
  SisMembership MembershipOf(const std::string& path) const;

 private:
  SisPass(SisVolume volume, std::string root)
      : backup_(std::move(volume)), root_(std::move(root)) {}

  void Decide(const IsWanted& is_wanted, Reporter& reporter);
  void TakeLink(size_t number, Reporter& reporter);
  std::string InArchive(const std::string& path) const;
  std::string OnVolume(const std::string& path) const;

  SisBackup backup_;
  std::string root_;
  std::unordered_map<std::string, SisMembership> members_;  ///< by path in the archive
};

}  // namespace tapir::ntfs
