#include "bytes/codec.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr int kMaxWindowLog = 24;  // 16 MiB, the largest chunk

// What has to be left after compression for it to count: 97 %.
size_t WorthwhileBytes(size_t raw_bytes) { return raw_bytes - raw_bytes / 32 - 1; }

}  // namespace

struct Compressor::State {
  struct Deleter {
    void operator()(ZSTD_CCtx* pointer) const { ZSTD_freeCCtx(pointer); }
  };
  std::unique_ptr<ZSTD_CCtx, Deleter> context{ZSTD_createCCtx()};
  std::unique_ptr<ZSTD_CCtx, Deleter> sampler{ZSTD_createCCtx()};
  std::string sample;
};

Compressor::Compressor(int level) : state_(std::make_unique<State>()) {
  if (!state_->context || !state_->sampler) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_contentSizeFlag, 1);
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_checksumFlag, 0);
  ZSTD_CCtx_setParameter(state_->sampler.get(), ZSTD_c_compressionLevel, 1);
}

Compressor::~Compressor() = default;

Result<bool> Compressor::Compress(ByteSpan raw, std::string& out) {
  if (raw.size() < 64) return false;
  size_t room = WorthwhileBytes(raw.size());
  out.resize(room);
  size_t size =
      ZSTD_compress2(state_->context.get(), out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(size)) {
    if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) return false;
    return Internal(std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  out.resize(size);
  return true;
}

bool Compressor::LooksCompressible(ByteSpan raw) {
  constexpr size_t kSampleBytes = 16 << 10;
  constexpr size_t kSamples = 4;
  if (raw.size() <= kSamples * kSampleBytes) return true;
  size_t stride = (raw.size() - kSampleBytes) / (kSamples - 1);
  state_->sample.resize(ZSTD_compressBound(kSampleBytes));
  for (size_t i = 0; i < kSamples; ++i) {
    ByteSpan sample = raw.subspan(i * stride, kSampleBytes);
    size_t size = ZSTD_compress2(state_->sampler.get(), state_->sample.data(),
                                 state_->sample.size(), sample.data(), sample.size());
    if (ZSTD_isError(size) || size < WorthwhileBytes(sample.size())) return true;
  }
  return false;
}

struct Decompressor::State {
  struct Deleter {
    void operator()(ZSTD_DCtx* pointer) const { ZSTD_freeDCtx(pointer); }
  };
  std::unique_ptr<ZSTD_DCtx, Deleter> context{ZSTD_createDCtx()};
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {
  if (!state_->context) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(state_->context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
}

Decompressor::~Decompressor() = default;

Status Decompressor::Decompress(ByteSpan stored, std::span<std::byte> raw) {
  size_t size = ZSTD_decompressDCtx(state_->context.get(), raw.data(), raw.size(), stored.data(),
                                    stored.size());
  if (ZSTD_isError(size)) return Corrupt(std::string("zstd: ") + ZSTD_getErrorName(size));
  if (size != raw.size()) return Corrupt("zstd: the frame is shorter than the chunk header says");
  return OkStatus();
}

}  // namespace tapir
