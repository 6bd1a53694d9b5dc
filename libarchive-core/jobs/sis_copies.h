#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "jobs/sis_needs.h"
#include "tapir/object/entry.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// Makes files of SIS links: everything from the link but that it is one, and the contents of its
/// common-store file below what data the link has of its own. The contents stand in hidden files of
/// the target meanwhile. Single-thread.
class SisCopies {
 public:
  /// The target must outlive this.
  explicit SisCopies(ObjectTarget& target) : target_(target) {}

  /// A link that is going to be restored.
  void Expect(const Entry& link);
  /// The store files of such links.
  const SisNeeds& needs() const { return needs_; }
  /// The store file is in the archive. Returns where its contents are to be put.
  std::string Await(const Entry& store_file);
  /// kLimitExceeded if the target has no room for the copies and the hidden files. Before anything
  /// is written.
  Status CheckSpace() const;

  /// Whether it is one, or a further name of one.
  static bool IsLink(const Metadata& metadata);
  /// What the file is that stands for a link.
  static Metadata AsFile(const Metadata& link);

  /// Writes the contents of the store file into the file that stands for a link, proving them by
  /// their digest. kUnsupported if there is no one that fits, kCorrupt if it could not be brought
  /// whole.
  Status Fill(const Metadata& file, TargetFile& into);

 private:
  struct Contents {
    std::string hidden_path;
    Entry entry;
  };

  Status Copy(const Contents& contents, TargetFile& into);

  ObjectTarget& target_;
  SisNeeds needs_;
  std::map<std::string, Contents> contents_;  ///< by SisStoreKey; those in the archive
  uint64_t needed_bytes_ = 0;
};

}  // namespace tapir
