#include "device/tape/coherency.h"

#include <array>
#include <string>
#include <string_view>

#include "bytes/big_endian.h"
#include "bytes/cursor.h"

namespace tapir {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kApplication = "TAPIR\0"sv;

template <typename T>
void Put(std::string& to, T value) {
  std::array<std::byte, sizeof(T)> field{};
  StoreBe(field.data(), value);
  to += AsText(field);
}

template <typename T>
T Take(ReadCursor& from) {
  ByteSpan field = from.ReadBytes(sizeof(T));
  return from.ok() ? LoadBe<T>(field.data()) : T{};
}

}  // namespace

// Length and value of the change reference, coherency count, set identifier, and length and value
// of what the application adds.
std::vector<std::byte> EncodeCoherency(const Coherency& coherency) {
  std::string value;
  Put(value, static_cast<uint8_t>(coherency.change_reference.size()));
  value += AsText(coherency.change_reference);
  Put(value, coherency.count);
  Put(value, coherency.count);
  Put(value, static_cast<uint16_t>(kApplication.size() + coherency.note.size()));
  value += kApplication;
  value += AsText(coherency.note);
  ByteSpan bytes = AsBytes(value);
  return {bytes.begin(), bytes.end()};
}

std::optional<Coherency> DecodeCoherency(std::span<const std::byte> value) {
  ReadCursor from(value);
  Coherency coherency;
  coherency.change_reference = from.ReadBytes(from.U8());
  coherency.count = Take<uint64_t>(from);
  Take<uint64_t>(from);
  ByteSpan added = from.ReadBytes(Take<uint16_t>(from));
  if (!from.ok() || !AsText(added).starts_with(kApplication)) return std::nullopt;
  coherency.note = added.subspan(kApplication.size());
  return coherency;
}

}  // namespace tapir
