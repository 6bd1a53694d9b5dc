#include "catalog/session_builder.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

// Entries that are put into the store at a time.
constexpr size_t kBatchEntries = 32'768;

// The last component of a path; "." is the root's own.
std::string_view LastComponent(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

SessionBuilder::SessionBuilder(Store& store, NameCache& names, SessionKey session)
    : session_(session), writer_(store, names, session) {
  open_.push_back({0, {}, 0});
}

Status SessionBuilder::Add(Entry entry) {
  const std::string directory = ParentPath(entry.path);
  TAPIR_RETURN_IF_ERROR(CloseUpTo(directory));
  TAPIR_RETURN_IF_ERROR(OpenDirectory(directory));
  ++entry_count_;
  entry.path = LastComponent(entry.path);
  Open& open = open_.back();
  open.entries.push_back(std::move(entry));
  if (open.entries.size() >= kListingPageEntries) TAPIR_RETURN_IF_ERROR(ClosePage(open));
  return batch_entries_ >= kBatchEntries ? HandOver() : OkStatus();
}

// Closes what `path` does not lie in. What both begin with is looked at once, however deep they
// are.
Status SessionBuilder::CloseUpTo(const std::string& path) {
  const std::string& at = path_.get();
  const auto [differs, ignored] = std::mismatch(path.begin(), path.end(), at.begin(), at.end());
  const auto alike = static_cast<size_t>(differs - path.begin());
  const auto lies_in = [&](const std::string& directory) {
    const size_t bytes = directory.size();
    return bytes <= alike && (bytes == path.size() || path[bytes] == '/');
  };
  while (open_.size() > 1 && !lies_in(at)) {
    TAPIR_RETURN_IF_ERROR(CloseDirectory());
    path_.Leave();
  }
  return OkStatus();
}

// Opens what lies between the innermost open directory and `path`, one below the other.
Status SessionBuilder::OpenDirectory(const std::string& path) {
  while (path_.get() != path) {
    const size_t begin = open_.size() == 1 ? 0 : path_.get().size() + 1;
    const std::string name = path.substr(begin, path.find('/', begin) - begin);
    const uint64_t number = directory_count_++;
    ++batch_entries_;
    batch_.directories.push_back({number, open_.back().number, open_.size(), name});
    open_.push_back({number, {}, 0});
    TAPIR_RETURN_IF_ERROR(path_.Enter(name));
  }
  return OkStatus();
}

Status SessionBuilder::ClosePage(Open& open) {
  if (open.entries.empty()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(std::string bytes, codec_.Encode(open.entries, session_));
  SessionBatch::Page page{open.number, open.pages++, {}, std::move(bytes)};
  page.names.reserve(open.entries.size());
  for (Entry& entry : open.entries) page.names.push_back(std::move(entry.path));
  batch_entries_ += open.entries.size();
  batch_.pages.push_back(std::move(page));
  open.entries.clear();
  return OkStatus();
}

Status SessionBuilder::CloseDirectory() {
  TAPIR_RETURN_IF_ERROR(ClosePage(open_.back()));
  open_.pop_back();
  return OkStatus();
}

Status SessionBuilder::Finish() {
  while (!open_.empty()) TAPIR_RETURN_IF_ERROR(CloseDirectory());
  TAPIR_RETURN_IF_ERROR(HandOver());
  TAPIR_RETURN_IF_ERROR(Settle());
  return writer_.Finish();
}

Status SessionBuilder::HandOver() {
  TAPIR_RETURN_IF_ERROR(Settle());
  for (const Open& open : open_) batch_.open.push_back(open.number);
  writing_ = std::async(std::launch::async, [this, batch = std::exchange(batch_, {})]() mutable {
    return writer_.Write(std::move(batch));
  });
  batch_entries_ = 0;
  return OkStatus();
}

Status SessionBuilder::Settle() { return writing_.valid() ? writing_.get() : OkStatus(); }

}  // namespace tapir::catalog
