#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "source/listing.h"
#include "source/scan.h"

namespace tapir::source {
namespace {

// Large directories are looked at in pieces, by several threads and with bounded memory.
constexpr size_t kEntriesInBatch = 1024;

/// What the batches of one directory share.
struct Listing {
  DirectoryRef directory;
  NameList names;
};

class ListingBatch final : public Batch {
 public:
  /// The first one, which reads the names.
  ListingBatch(const ScanRules& rules, DirectoryRef directory)
      : Batch(rules), listing_(std::make_shared<Listing>()) {
    listing_->directory = std::move(directory);
  }
  ListingBatch(const ScanRules& rules, std::shared_ptr<Listing> listing, size_t first)
      : Batch(rules), listing_(std::move(listing)), first_(first) {}

  std::vector<std::shared_ptr<Step>> Run() override {
    Result<SharedDescriptor> open = rules_.context->directories->Acquire(listing_->directory);
    if (!open.ok()) {
      Fail(open.status());
      return {};
    }
    const int fd = (*open)->get();
    if (first_ == 0) ReadNames(fd);
    const NameList& names = listing_->names;
    const size_t end = std::min(first_ + kEntriesInBatch, names.size());
    entries_.resize(end - first_);
    for (size_t i = first_; i < end; ++i) {
      Entry& entry = entries_[i - first_];
      entry.name = names[i];
      LookAt(fd, entry.name, listing_->directory, entry);
    }
    cost_bytes_ += entries_.size() * sizeof(Entry);
    return Followers();
  }

 private:
  void ReadNames(int fd) {
    NameList& names = listing_->names;
    if (const int error = names.ReadFrom(fd); error != 0) {
      failure_ = std::make_unique<Notice>(
          Notice{NoticeKind::kWarning,
                 "cannot list all of it: " + std::generic_category().message(error)});
    }
    const size_t found = names.size();
    if (rules_.exclude_caches && names.Contains(kCacheTagName) &&
        HasCacheTag(*rules_.context->directories, fd)) {
      names.KeepIf([](const char* name) { return std::strcmp(name, kCacheTagName) == 0; });
    }
    DropExcluded();
    rules_.left_out_count += found - names.size();
    cost_bytes_ = names.cost_bytes();
    for (size_t first = kEntriesInBatch; first < names.size(); first += kEntriesInBatch) {
      rest_.push_back(std::make_shared<ListingBatch>(rules_, listing_, first));
    }
  }

  void DropExcluded() {
    if (rules_.excludes.empty()) return;
    std::string path = listing_->directory->Path();
    if (!path.empty()) path += '/';
    const size_t prefix_bytes = path.size();
    listing_->names.KeepIf([&](const char* name) {
      path.resize(prefix_bytes);
      path += name;
      return std::none_of(rules_.excludes.begin(), rules_.excludes.end(),
                          [&](const PathPattern& pattern) { return pattern.Matches(path); });
    });
  }

  void Fail(const Status& status) {
    const int error = status.sys_errno();
    std::string text;
    if (status.code() == StatusCode::kNotFound || error == ENOTDIR || error == ELOOP) {
      text = "was replaced by something else before it could be listed";
    } else if (error == ENOENT) {
      text = "vanished before it could be listed";
    } else {
      text =
          "cannot list its entries, they are left out: " + std::generic_category().message(error);
    }
    failure_ = std::make_unique<Notice>(Notice{NoticeKind::kWarning, std::move(text)});
  }

  const std::shared_ptr<Listing> listing_;
  const size_t first_ = 0;
};

}  // namespace

std::shared_ptr<Batch> DirectoryBatch(const ScanRules& rules, DirectoryRef directory) {
  return std::make_shared<ListingBatch>(rules, std::move(directory));
}

}  // namespace tapir::source
