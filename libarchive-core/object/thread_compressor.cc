#include "object/thread_compressor.h"

#include <memory>

namespace tapir {

Compressor& ThreadCompressor(int level) {
  thread_local std::unique_ptr<Compressor> compressor;
  thread_local int compressor_level = 0;
  if (!compressor || compressor_level != level) {
    compressor = std::make_unique<Compressor>(level);
    compressor_level = level;
  }
  return *compressor;
}

Decompressor& ThreadDecompressor() {
  thread_local Decompressor decompressor;
  return decompressor;
}

}  // namespace tapir
