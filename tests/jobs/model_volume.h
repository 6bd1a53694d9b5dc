#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "device/scsi/ssc_drive.h"
#include "tapir/device/open_device.h"
#include "tapir/device/tape_block_device.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/ssc_model/model_transport.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {

/// A volume on the model of a drive, behind the real SCSI layer. Each session is the same, byte for
/// byte, as long as the drive says the same.
class ModelVolumeTest : public testing::Test {
 protected:
  ModelVolumeTest() {
    AddTapeOpener("model:", [this](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
      auto opened = scsi::SscDrive::Open(std::make_unique<ModelTransport>(*model_),
                                         {.wait = [](uint32_t) {}});
      if (!opened.ok()) return std::move(opened).status();
      return std::unique_ptr<TapeDrive>(*std::move(opened));
    });
    scratch_.Put("first/a", "first");
    scratch_.Put("second/large", RandomBytes(600'000, 1));
    scratch_.Put("second/text", TextBytes(100'000, 2));
  }
  ~ModelVolumeTest() override {
    AddTapeOpener("model:", [](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
      return NotFound("no model");
    });
  }

  /// A cartridge with one session.
  void Begin(ModelProfile profile = ModelProfile::kLto) {
    model_ = std::make_unique<SscModel>(ModelOptions{.profile = profile});
    Check(Add("first").status());
    begun_ = Here().size();
  }
  Result<ArchiveReport> Add(const std::string& path) {
    FixedAmbient ambient(1'700'000'000, first_id_);
    reporter_ = std::make_unique<CollectingReporter>();
    ArchiveRequest request;
    request.volume = "model:";
    request.label.max_block_bytes = 64u << 10;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {path};
    request.source.reporter = request.session.reporter = reporter_.get();
    request.session.zstd_level = 0;
    request.session.threads = 1;
    request.session.ambient = &ambient;
    request.buffer_bytes = buffer_bytes_;
    request.resume_bytes = resume_bytes_;
    return Archive(request);
  }
  Result<VerifyReport> TryToVerify() {
    VerifyRequest request;
    request.volume = "model:";
    request.threads = 1;
    return VerifyVolume(request, [](const Damage&) {});
  }
  VerifyReport Verify() { return Value(TryToVerify()); }
  const ModelPartition& Here() { return model_->medium().partitions[0]; }
  /// Everything on the medium, as a text to compare.
  std::string Contents() {
    std::string all;
    for (uint64_t i = 0; i < Here().size(); ++i) {
      const ModelObject& object = Here().at(i);
      all += object.mark ? "mark" : "block" + std::to_string(object.data.size()) + ":";
      all.append(reinterpret_cast<const char*>(object.data.data()), object.data.size());
    }
    return all;
  }
  bool Told(const std::string& text) {
    for (const auto& notice : reporter_->notices()) {
      if (notice.text.find(text) != std::string::npos) return true;
    }
    return false;
  }
  Scratch scratch_;
  std::unique_ptr<SscModel> model_;
  std::unique_ptr<CollectingReporter> reporter_;
  uint64_t begun_ = 0;
  uint64_t first_id_ = 1;
  uint64_t buffer_bytes_ = 4u << 20;
  std::optional<uint64_t> resume_bytes_;
};

}  // namespace tapir::test
