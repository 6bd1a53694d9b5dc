#include "object/index_copies.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

// So many sessions are listed from one place: going to another one may take a drive two minutes.
constexpr size_t kCopyStep = 64;

Result<FoundEnd> EndOf(BlockDevice& device, const SessionDirectory& directory, size_t position) {
  const bool last = position + 1 == directory.sessions.size();
  if (last && directory.last_end != nullptr) return *directory.last_end;
  return ReadEnd(device, directory.label, directory.sessions[position]);
}

// Goes from section to section and takes what is wanted.
class Gathering {
 public:
  Gathering(BlockDevice& device, const SessionDirectory& directory, WantedIndexes wanted)
      : device_(device), directory_(directory), wanted_(std::move(wanted)) {}

  Result<std::vector<GatheredIndex>> Run() {
    if (sessions().empty()) return std::move(gathered_);
    TAPIR_RETURN_IF_ERROR(FollowFrom(NewestWanted()));
    // Damage may break a chain.
    TAPIR_RETURN_IF_ERROR(FollowFrom(sessions().size() - 1));
    for (size_t i = sessions().size(); i-- > 0;) {
      if (!wanted_.sessions.contains(sessions()[i].session_id)) continue;
      TAPIR_RETURN_IF_ERROR(TakeSection(i).status());
    }
    return std::move(gathered_);
  }

 private:
  const std::vector<SessionEntry>& sessions() const { return directory_.sessions; }
  bool IsUnfinished() const { return !wanted_.sessions.empty() || wanted_.of_earlier_volumes; }

  // Where the chain begins: a single session is gone to directly.
  size_t NewestWanted() const {
    const bool single = wanted_.sessions.size() == 1 && !wanted_.of_earlier_volumes;
    const std::optional<size_t> at = single ? PositionOf(*wanted_.sessions.begin()) : std::nullopt;
    return at.value_or(sessions().size() - 1);
  }

  std::optional<size_t> PositionOf(const SessionId& id) const {
    for (size_t i = 0; i < sessions().size(); ++i) {
      if (sessions()[i].session_id == id) return i;
    }
    return std::nullopt;
  }

  Status FollowFrom(size_t position) {
    std::optional<size_t> at = position;
    while (at && IsUnfinished() && !visited_.contains(*at)) {
      TAPIR_ASSIGN_OR_RETURN(at, TakeSection(*at));
    }
    return OkStatus();
  }

  // Returns where the oldest session that has a copy there ended: that section goes further back.
  Result<std::optional<size_t>> TakeSection(size_t position) {
    if (!visited_.insert(position).second) return std::optional<size_t>();
    if (position == 0) wanted_.of_earlier_volumes = false;
    Result<FoundEnd> end = EndOf(device_, directory_, position);
    if (!end.ok() && EndsReading(end.status().code())) return std::move(end).status();
    if (!end.ok()) return Before(position);
    TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<SectionPages> pages,
                           SectionPages::Load(device_, directory_.label, end->record));
    const EndRecord& record = end->record;
    Take({sessions()[position], record.root, record.root_level, record.root_digest,
          directory_.label.volume_sequence},
         pages);
    std::optional<size_t> oldest;
    for (const IndexCopy& copy : record.index_copies) {
      Take(copy, pages);
      std::optional<size_t> at = PositionOf(copy.session.session_id);
      if (at && *at < oldest.value_or(position)) oldest = at;
    }
    return oldest;
  }

  static std::optional<size_t> Before(size_t position) {
    return position == 0 ? std::nullopt : std::optional(position - 1);
  }

  void Take(const IndexCopy& index, const std::shared_ptr<SectionPages>& pages) {
    const bool elsewhere =
        takes_elsewhere_ && index.volume_sequence < directory_.label.volume_sequence;
    const bool wanted = wanted_.sessions.contains(index.session.session_id) || elsewhere;
    if (!wanted) return;
    GatheredIndex gathered{index, pages};
    // A copy whose leaves are not all there is no help: another one may be whole.
    if (!pages->Leaves(gathered.root(), index.root_level).ok()) return;
    wanted_.sessions.erase(index.session.session_id);
    gathered_.push_back(std::move(gathered));
  }

  BlockDevice& device_;
  const SessionDirectory& directory_;
  WantedIndexes wanted_;
  const bool takes_elsewhere_ = wanted_.of_earlier_volumes;
  std::set<size_t> visited_;
  std::vector<GatheredIndex> gathered_;
};

WantedIndexes WantedFrom(const SessionDirectory& directory, size_t first) {
  WantedIndexes wanted;
  for (size_t i = first; i < directory.sessions.size(); ++i) {
    wanted.sessions.insert(directory.sessions[i].session_id);
  }
  return wanted;
}

// In the order of volumes and sessions.
Result<std::vector<CopiedIndex>> GatherToCopy(BlockDevice& device,
                                              const SessionDirectory& directory,
                                              WantedIndexes wanted) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<GatheredIndex> gathered,
                         GatherIndexes(device, directory, std::move(wanted)));
  std::vector<CopiedIndex> copied;
  for (GatheredIndex& one : gathered) {
    TAPIR_ASSIGN_OR_RETURN(StoredLeaves leaves,
                           one.pages->Leaves(one.root(), one.index.root_level));
    copied.push_back({one.index, std::move(leaves)});
  }
  std::stable_sort(copied.begin(), copied.end(), [](const CopiedIndex& a, const CopiedIndex& b) {
    return std::pair(a.index.volume_sequence, a.index.session.session_number) <
           std::pair(b.index.volume_sequence, b.index.session.session_number);
  });
  return copied;
}

}  // namespace

ChildPage GatheredIndex::root() const {
  ChildPage page;
  page.locator = index.root;
  page.digest = index.root_digest;
  return page;
}

Result<std::vector<GatheredIndex>> GatherIndexes(BlockDevice& device,
                                                 const SessionDirectory& directory,
                                                 WantedIndexes wanted) {
  return Gathering(device, directory, std::move(wanted)).Run();
}

Result<std::vector<IndexCopy>> CopiesOfEarlierVolumes(BlockDevice& device,
                                                      const SessionDirectory& directory) {
  std::vector<IndexCopy> copies;
  if (directory.sessions.empty() || directory.label.volume_sequence < 2) return copies;
  Result<FoundEnd> end = EndOf(device, directory, 0);
  if (!end.ok() && EndsReading(end.status().code())) return std::move(end).status();
  if (!end.ok()) return copies;
  for (const IndexCopy& copy : end->record.index_copies) {
    if (copy.volume_sequence < directory.label.volume_sequence) copies.push_back(copy);
  }
  return copies;
}

size_t FirstToCopy(size_t count) {
  if (count == 0) return 0;
  size_t step = kCopyStep;
  while (count % step == 0) step *= kCopyStep;
  const size_t first = (count - 1) / step * step;
  return std::max(first, count - std::min<size_t>(count, limits::kMaxIndexCopies));
}

Result<std::vector<CopiedIndex>> IndexesToCopy(BlockDevice& device,
                                               const SessionDirectory& directory) {
  return GatherToCopy(device, directory,
                      WantedFrom(directory, FirstToCopy(directory.sessions.size())));
}

Result<std::vector<CopiedIndex>> AllIndexes(BlockDevice& device,
                                            const SessionDirectory& directory) {
  WantedIndexes wanted = WantedFrom(directory, 0);
  wanted.of_earlier_volumes = directory.label.volume_sequence > 1;
  return GatherToCopy(device, directory, std::move(wanted));
}

}  // namespace tapir
