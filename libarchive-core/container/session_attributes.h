#pragma once

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "container/item.h"
#include "container/session_records.h"
#include "tapir/base/status.h"

/// Fields and attributes that LABEL, START and END share (format chapters 1.3 and 6).
namespace tapir {

template <size_t N>
std::array<std::byte, N> ReadArray(ReadCursor& in) {
  std::array<std::byte, N> value{};
  ByteSpan bytes = in.ReadBytes(N);
  if (bytes.size() == N) std::memcpy(value.data(), bytes.data(), N);
  return value;
}

/// Nanoseconds out of range fail the cursor, so that every time read is a valid one.
/// The byte of flags in END and SESSION_ENTRY: whether there is a policy.
bool ReadSessionFlags(ReadCursor& in);
uint32_t ReadNanoseconds(ReadCursor& in);

BlockPlace ReadPlace(ReadCursor& in);
void WritePlace(WriteCursor& to, const BlockPlace& place);

/// Values out of 1..last fail the cursor.
template <typename Enum>
Enum ReadEnum(ReadCursor& in, Enum last) {
  uint8_t value = in.U8();
  if (value < 1 || value > static_cast<uint8_t>(last)) in.Fail();
  return static_cast<Enum>(value);
}

void AppendSessionEntry(std::string& out, const SessionEntry& entry);
void AppendSetMember(std::string& out, const SetMember& member);
void AppendIndexCopy(std::string& out, const IndexCopy& copy);
void AppendContinues(std::string& out, const EarlierPart& part);
void AppendLeftOut(std::string& out, const std::vector<LeftOutCount>& counts);

/// Each appends what an item holds: kCorrupt, kLimitExceeded.
Status TakeSessionEntry(const Item& item, std::vector<SessionEntry>& entries);
Status TakeSetMember(const Item& item, std::vector<SetMember>& members);
Status TakeIndexCopy(const Item& item, std::vector<IndexCopy>& copies);
Result<EarlierPart> DecodeContinues(ByteSpan payload);
Result<std::vector<LeftOutCount>> DecodeLeftOut(ByteSpan payload);

}  // namespace tapir
