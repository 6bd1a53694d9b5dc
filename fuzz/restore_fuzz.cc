#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/support/memory_file.h"
#include "fuzz/support/require.h"
#include "fuzz/support/sandbox.h"
#include "fuzz/support/volume_mutator.h"
#include "tapir/jobs/restore_job.h"

namespace {

using namespace tapir;

class SilentReporter final : public Reporter {
 public:
  void Report(NoticeKind, std::string_view, std::string_view) override {}
};

PosixTargetOptions Into(const fuzz::Sandbox& sandbox, bool overwrite) {
  static SilentReporter silent;
  PosixTargetOptions options;
  options.directory = sandbox.target();
  options.overwrite = overwrite;
  options.reporter = &silent;
  return options;
}

void RestoreAll(const std::string& volume, const PosixTargetOptions& target, SessionChoice choice) {
  RestoreRequest request;
  request.volume = volume;
  request.selection.sessions = choice;
  request.selection.include_torn = true;
  request.target = target;
  request.threads = 1;
  static_cast<void>(Restore(request).ok());
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  fuzz::GiveUpPrivileges();
  return 0;
}

// A whole volume restored, restored over what is there, and salvaged: nothing but the target is
// touched, through whatever names, links and references.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::MemoryFile file;
  static fuzz::Sandbox sandbox;
  file.Set({data, size});
  sandbox.Refill();
  RestoreAll(file.path(), Into(sandbox, false), SessionChoice::kNewest);
  RestoreAll(file.path(), Into(sandbox, true), SessionChoice::kAll);
  sandbox.ExpectOutsideUntouched();
  sandbox.Refill();
  static_cast<void>(Salvage(file.path(), {}, Into(sandbox, true), 1, nullptr, nullptr).ok());
  sandbox.ExpectOutsideUntouched();
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return fuzz::MutateVolume(data, size, max_size, seed);
}
