// Writes what model drives answer, as seeds of scsi_reply: tapir_fuzz_make_scsi_seeds FOLDER.

#include <memory>
#include <string>

#include "fuzz/support/scsi_script.h"
#include "fuzz/support/seed_maker.h"
#include "tests/support/ssc_model/model_transport.h"

namespace {

using namespace tapir;
using namespace tapir::test;

void Write(const std::string& path, const ModelOptions& options,
           const std::vector<ModelFault>& faults) {
  SscModel model(options);
  for (const ModelFault& fault : faults) model.AddFault(fault);
  ModelTransport way(model);
  std::string script;
  fuzz::CallEverything(std::make_unique<fuzz::RecordingTransport>(way, script));
  fuzz::WriteSeed(path, script);
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    Write(folder + "/lto", {}, {});
    Write(folder + "/minimal", {.profile = ModelProfile::kMinimal}, {});
    Write(folder + "/tgt", {.profile = ModelProfile::kTgt}, {});
    Write(folder + "/full", {.capacity_bytes = 70000, .early_warning_bytes = 30000}, {});
    Write(folder + "/faults", {},
          {{.opcode = 0x08, .sense = 0x031100},
           {.opcode = 0x0A, .times = 2, .sense = 0x0B4E00},
           {.effect = ModelFault::Effect::kReset, .command = 40},
           {.opcode = 0x10, .sense = 0x030C00, .deferred = true},
           {.opcode = 0x1A, .command = 60, .sense = 0x062A01},
           {.opcode = 0x01, .times = 3, .sense = 0x020401}});
  });
}
