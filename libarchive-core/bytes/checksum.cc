#include "bytes/checksum.h"

#include <openssl/evp.h>
// The order matters: the dispatch header needs the types of xxhash.h.
#include <xxhash.h>
// clang-format off
#include <xxh_x86dispatch.h>
// clang-format on

#include <algorithm>
#include <new>

namespace tapir {
namespace {

Digest128 Canonical(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Digest128 digest;
  std::memcpy(digest.data(), canonical.digest, digest.size());
  return digest;
}

}  // namespace

uint64_t Checksum64(ByteSpan bytes) { return XXH3_64bits_dispatch(bytes.data(), bytes.size()); }

uint64_t Checksum64(ByteSpan bytes, uint64_t seed) {
  return XXH3_64bits_withSeed_dispatch(bytes.data(), bytes.size(), seed);
}

Digest128 ComputeDigest128(ByteSpan bytes) {
  return Canonical(XXH3_128bits_dispatch(bytes.data(), bytes.size()));
}

std::optional<Digest128> ComputeMd5(ByteSpan bytes) {
  Digest128 digest;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, EVP_md5(), nullptr);
  if (done != 1) return std::nullopt;
  return digest;
}

struct StreamDigester::State {
  struct Deleter {
    void operator()(XXH3_state_t* pointer) const { XXH3_freeState(pointer); }
    void operator()(EVP_MD_CTX* pointer) const { EVP_MD_CTX_free(pointer); }
  };
  std::unique_ptr<XXH3_state_t, Deleter> xxh{XXH3_createState()};
  std::unique_ptr<EVP_MD_CTX, Deleter> sha;
};

StreamDigester::StreamDigester(bool with_sha256) : state_(std::make_unique<State>()) {
  if (with_sha256) state_->sha.reset(EVP_MD_CTX_new());
  if (!state_->xxh || (with_sha256 && !state_->sha)) throw std::bad_alloc();
  Reset();
}

StreamDigester::~StreamDigester() = default;
StreamDigester::StreamDigester(StreamDigester&&) noexcept = default;
StreamDigester& StreamDigester::operator=(StreamDigester&&) noexcept = default;

void StreamDigester::Reset() {
  XXH3_128bits_reset(state_->xxh.get());
  if (state_->sha) EVP_DigestInit_ex(state_->sha.get(), EVP_sha256(), nullptr);
}

void StreamDigester::Update(ByteSpan bytes) {
  XXH3_128bits_update_dispatch(state_->xxh.get(), bytes.data(), bytes.size());
  if (state_->sha) EVP_DigestUpdate(state_->sha.get(), bytes.data(), bytes.size());
}

void StreamDigester::UpdateZeros(uint64_t count) {
  static constexpr std::array<std::byte, 64 << 10> kZeros{};
  while (count > 0) {
    size_t piece = static_cast<size_t>(std::min<uint64_t>(count, kZeros.size()));
    Update(ByteSpan(kZeros).first(piece));
    count -= piece;
  }
}

StreamDigester StreamDigester::Fork() const {
  StreamDigester fork(state_->sha != nullptr);
  XXH3_copyState(fork.state_->xxh.get(), state_->xxh.get());
  if (state_->sha) EVP_MD_CTX_copy_ex(fork.state_->sha.get(), state_->sha.get());
  return fork;
}

StreamDigester::Digests StreamDigester::Finish() {
  Digests digests;
  digests.xxh128 = Canonical(XXH3_128bits_digest(state_->xxh.get()));
  if (state_->sha) {
    EVP_DigestFinal_ex(state_->sha.get(), reinterpret_cast<unsigned char*>(digests.sha256.data()),
                       nullptr);
  }
  return digests;
}

std::string ToHex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::byte b : bytes) {
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

}  // namespace tapir
