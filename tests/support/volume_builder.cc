#include "tests/support/volume_builder.h"

#include "tests/support/status_matchers.h"

namespace tapir::test {

Label FixedLabel(uint32_t max_block_bytes, bool full_blocks) {
  Label label;
  for (size_t i = 0; i < label.volume_uuid.size(); ++i) {
    label.volume_uuid[i] = static_cast<std::byte>(0x10 + i);
    label.set_uuid[i] = static_cast<std::byte>(0x40 + i);
  }
  label.created = {1'600'000'000, 7};
  label.max_block_bytes = max_block_bytes;
  label.full_blocks = full_blocks;
  label.name = "test volume";
  return label;
}

std::vector<std::byte> BytesOf(const MemoryDevice& device, size_t begin) {
  return {device.bytes().begin() + static_cast<ptrdiff_t>(begin), device.bytes().end()};
}

VolumeBuilder::VolumeBuilder(const Label& label, bool like_tape)
    : device_(std::make_unique<MemoryDevice>(MemoryDeviceOptions{.like_tape = like_tape})) {
  options_.ambient = &ambient_;
  options_.reporter = &reporter_;
  options_.threads = 1;
  point_ = Value(WriteLabel(*device_, label));
  label_bytes_ = device_->bytes().size();
}

Result<WrittenSession> VolumeBuilder::Add(std::vector<MemoryObject> objects) {
  MemorySource source(std::move(objects));
  return Add(source);
}

Result<WrittenSession> VolumeBuilder::Add(ObjectSource& source) {
  bool tape = device_->traits().keeps_block_boundaries;
  if (!tape) {
    TAPIR_ASSIGN_OR_RETURN(VolumeState state, ReadVolumeState(*device_));
    TAPIR_ASSIGN_OR_RETURN(point_, AppendPointOf(state));
  }
  TAPIR_RETURN_IF_ERROR(device_->LocateEnd());
  TAPIR_ASSIGN_OR_RETURN(WrittenSession written, WriteSession(*device_, point_, source, options_));
  session_ends_.push_back(device_->bytes().size());
  return written;
}

MemoryObject File(std::string path, std::string bytes) {
  MemoryObject object;
  object.path = std::move(path);
  object.bytes = std::move(bytes);
  object.metadata.mode = 0644;
  object.metadata.mtime = {1'500'000'000, 123};
  return object;
}

MemoryObject Directory(std::string path) {
  MemoryObject object;
  object.path = std::move(path);
  object.type = ObjectType::kDirectory;
  object.metadata.mode = 0755;
  object.metadata.mtime = {1'400'000'000, 999'999'999};
  return object;
}

}  // namespace tapir::test
