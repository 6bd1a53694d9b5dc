#include "device/tape/coherency.h"

#include <string>
#include <string_view>

#include "bytes/cursor.h"

namespace tapir {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kApplication = "TAPIR\0"sv;

void PutBigEndian(std::string& to, uint64_t value, int size) {
  for (int i = size - 1; i >= 0; --i) to += static_cast<char>(value >> (8 * i));
}

uint64_t TakeBigEndian(ReadCursor& from, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | from.U8();
  return value;
}

}  // namespace

// Length and value of the change reference, coherency count, set identifier, and length and value
// of what the application adds.
std::vector<std::byte> EncodeCoherency(const Coherency& coherency) {
  std::string value;
  PutBigEndian(value, coherency.change_reference.size(), 1);
  value += AsText(coherency.change_reference);
  PutBigEndian(value, coherency.count, 8);
  PutBigEndian(value, coherency.count, 8);
  PutBigEndian(value, kApplication.size() + coherency.note.size(), 2);
  value += kApplication;
  value += AsText(coherency.note);
  ByteSpan bytes = AsBytes(value);
  return {bytes.begin(), bytes.end()};
}

std::optional<Coherency> DecodeCoherency(std::span<const std::byte> value) {
  ReadCursor from(value);
  Coherency coherency;
  coherency.change_reference = from.ReadBytes(from.U8());
  coherency.count = TakeBigEndian(from, 8);
  TakeBigEndian(from, 8);
  ByteSpan added = from.ReadBytes(TakeBigEndian(from, 2));
  if (!from.ok() || !AsText(added).starts_with(kApplication)) return std::nullopt;
  coherency.note = added.subspan(kApplication.size());
  return coherency;
}

}  // namespace tapir
