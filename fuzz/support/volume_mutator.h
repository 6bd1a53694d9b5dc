#pragma once

#include <cstddef>
#include <cstdint>

/// libFuzzer's own mutation of bytes; the replay main brings a simpler one.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace tapir::fuzz {

/// The body of LLVMFuzzerCustomMutator for targets that take a volume. Changes whole blocks,
/// headers or chunks, and mostly makes checksums and digests right again: without that hardly a
/// change would reach what lies behind them. The same seed gives the same bytes.
size_t MutateVolume(uint8_t* data, size_t size, size_t max_size, unsigned seed);

}  // namespace tapir::fuzz
