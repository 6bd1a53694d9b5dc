#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "container/chunk_reader.h"
#include "container/volume.h"
#include "fuzz/support/volume_mutator.h"
#include "tapir/device/memory_device.h"

// A whole image through block and chunk reading: it comes to an end, and what was expanded has the
// length and checksum its header says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  ByteSpan bytes = std::as_bytes(std::span(data, size));
  std::unique_ptr<MemoryDevice> device =
      MemoryDevice::FromBytes(std::vector<std::byte>(bytes.begin(), bytes.end()));
  ChunkReader chunks(*device, {});
  Decompressor decompressor;
  // No image has more events than bytes.
  for (size_t events = 0; events <= size + 1; ++events) {
    Result<ChunkEvent> event = chunks.Next();
    if (!event.ok()) return 0;
    if (event->kind == ChunkEvent::Kind::kEnd) {
      static_cast<void>(ReadVolumeState(*device).ok());
      return 0;
    }
    if (event->kind != ChunkEvent::Kind::kChunk) continue;
    Result<RawChunk> raw = ExpandChunk(event->chunk, decompressor);
    if (raw.ok() && raw->bytes.size() != raw->header.raw_bytes) std::abort();
  }
  std::abort();
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return tapir::fuzz::MutateVolume(data, size, max_size, seed);
}
