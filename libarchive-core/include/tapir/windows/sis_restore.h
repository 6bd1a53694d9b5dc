#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// The order in which links and store files of one volume are restored, in the shape of
/// SisCreateRestoreStructure (the constructor), SisRestoredLink, SisRestoredCommonStoreFile and
/// SisFreeRestoreStructure. Does no I/O. One instance for each volume and restore; single-thread.
///
/// A store file is restored only after a link that needs it, and only if it is not on the target
/// already: its contents never change. Nobody reads a link before Free() has succeeded. Each call
/// that fails leaves everything as it was, Free() apart.
///
/// Store files go by name: a path stands for what follows its last '/', and spellings of one GUID
/// are the same name.
class SisRestore {
 public:
  /// `on_target`: the store files that the target has already.
  SisRestore(std::string store_root, std::vector<std::string> internal_files,
             const std::vector<std::string>& on_target);

  const std::string& store_root() const { return store_root_; }
  const std::vector<std::string>& internal_files() const { return internal_files_; }

  /// Says that a link was restored: holes unallocated, size set, then this reparse buffer. `needed`
  /// are the store files the archive recorded for it; without any, the GUID of the reparse data
  /// names it. Returns which of them have to be restored now: none that an earlier call returned,
  /// none that the target has. Fails with kInvalidArgument after Free() or if the buffer is no
  /// SIS link, with kNotFound if nothing says which store file the link needs.
  Result<std::vector<std::string>> RestoredLink(std::string_view path,
                                                std::span<const std::byte> reparse,
                                                const std::vector<std::string>& needed);

  /// Says that a store file was restored. Fails with kInvalidArgument after Free(), if no link
  /// asked for it, or if it was said before.
  Status RestoredCommonStoreFile(std::string_view name);

  /// Store files that were asked for and did not come yet, each with the first link that did.
  const std::map<std::string, std::string>& awaited() const { return awaited_; }

  /// Ends the restore, on failures too. Fails with kNotFound if a store file is still awaited, with
  /// kInvalidArgument if it was called before.
  Status Free();

  /// True once links can be read: Free() succeeded.
  bool links_readable() const { return freed_ && awaited_.empty(); }

 private:
  std::string store_root_;
  std::vector<std::string> internal_files_;
  std::set<std::string> present_;               // on the target, or restored since
  std::map<std::string, std::string> awaited_;  // name -> path of the first link
  bool freed_ = false;
};

}  // namespace tapir
