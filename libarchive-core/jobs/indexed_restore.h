#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "jobs/entry_view.h"
#include "jobs/index_plan.h"
#include "jobs/restore_sink.h"
#include "jobs/volume_set.h"
#include "jobs/volume_shelf.h"
#include "object/decoded_reader.h"
#include "object/object_assembler.h"
#include "tapir/base/thread_pool.h"
#include "tapir/jobs/restore_job.h"

namespace tapir {

/// Restores from volumes on devices that can locate, guided by their indexes. Single-thread, but
/// for the threads it starts itself.
class IndexedRestore {
 public:
  /// References must outlive this.
  IndexedRestore(const RestoreRequest& request, OpenedSet& volumes, ObjectTarget& target,
                 SisHandling& sis, RestoreReport& report);

  Status Run();

 private:
  Status RestoreSessions();
  template <typename Plan>
  Status Complete(std::vector<Plan>& plans);
  template <typename Plan>
  Status RestorePlans(std::vector<Plan>& plans);
  Status MakePlans();
  void Select(const ViewedEntry& viewed);
  void SelectIn(std::vector<IndexPlan>& plans, const ViewedEntry& viewed);
  void SelectStoreFiles();
  Status TakeStoreFiles(std::set<std::string> keys,
                        const std::function<void(size_t place, const Entry& entry)>& take);
  Status RestoreContentsOfLinks();
  Status RestoreFilesOfLinks();
  void Expect(const Entry& entry);
  Status RestoreSession(const SessionPlace& place, IndexPlan& plan);
  Status LeaveOut(const SessionPlace& place, IndexPlan& plan);
  Status ReadObjects(DecodedReader& reader, ObjectAssembler& assembler, const WantedChunks& chunks);
  Status NameUnsettled(OpenedVolume& volume, const SessionPlace& place, IndexPlan& plan);

  const RestoreRequest& request_;
  OpenedSet& volumes_;
  SisHandling& sis_;
  VolumeShelf shelf_;
  IndexPlan none_;
  RestoreSink sink_;
  RestoreReport& report_;
  std::vector<Damage> damages_;
  std::vector<SessionPlace> places_;
  std::vector<IndexPlan> plans_;          ///< of each place
  std::vector<ViewedEntry> store_files_;  ///< common-store files that are selected
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace tapir
