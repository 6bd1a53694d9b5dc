#pragma once

#include "bytes/codec.h"

namespace tapir {

/// The calling thread's compressor for `level`, made when first asked for.
Compressor& ThreadCompressor(int level);
/// The calling thread's decompressor.
Decompressor& ThreadDecompressor();

}  // namespace tapir
