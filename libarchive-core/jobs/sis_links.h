#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "tapir/base/reporter.h"
#include "tapir/jobs/sis_form.h"
#include "tapir/object/object_target.h"
#include "tapir/windows/sis_restore.h"

namespace tapir {

/// Keeps the order of a restore of SIS links as they were: common-store files only after a link
/// that needs them, and never over one that is there. Thread-safe.
class SisLinks {
 public:
  /// References must outlive this. `take_call` learns of everything in the order in which Windows
  /// wants to hear it; may be empty.
  SisLinks(ObjectTarget& target, Reporter& reporter, TakeSisCall take_call);

  /// A common-store file that stood on the target before: its contents never change.
  bool IsThere(const Metadata& metadata);
  /// An object is on the target now.
  void Restored(const Metadata& metadata);

  /// Keys of the store files to be restored now.
  std::set<std::string> Awaited() const;
  /// No more comes: names the links that cannot be read.
  void Finish();

  uint64_t link_count() const { return link_count_; }
  /// Links whose store file is not known, and store files that did not come.
  uint64_t unresolved() const { return unresolved_; }

 private:
  struct Store {
    explicit Store(SisRestore restore) : order(std::move(restore)) {}
    SisRestore order;
    std::set<std::string> there;               ///< names of files, before this run
    std::map<std::string, std::string> early;  ///< restored before a link asked: name, path
    bool has_links = false;
  };

  Store& StoreAt(const std::string& root);
  void TakeLink(const Metadata& link);
  void TakeStoreFile(const std::string& path);
  void Call(SisCall call) const;

  ObjectTarget& target_;
  Reporter& reporter_;
  const TakeSisCall take_call_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Store>> stores_;  ///< by path of the root
  uint64_t link_count_ = 0;
  uint64_t unresolved_ = 0;
};

}  // namespace tapir
