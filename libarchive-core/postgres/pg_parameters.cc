#include "postgres/pg_parameters.h"

#include "bytes/utf8.h"

namespace tapir::catalog {
namespace {

constexpr Oid kIntegerArray = 1007;
constexpr Oid kBytesArray = 1001;
constexpr Oid kTextArray = 1009;
constexpr Oid kBigintArray = 1016;
constexpr int32_t kNullLength = -1;
constexpr uint32_t kReplacement = 0xFFFD;

template <typename T>
void PutBigEndian(std::string& to, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    to += static_cast<char>(static_cast<uint64_t>(value) >> shift);
  }
}

// An array of one dimension that begins at 1; an empty one has none.
void PutArrayHead(std::string& to, Oid element, size_t count, bool has_null) {
  PutBigEndian<int32_t>(to, count == 0 ? 0 : 1);
  PutBigEndian<int32_t>(to, has_null ? 1 : 0);
  PutBigEndian<uint32_t>(to, element);
  if (count == 0) return;
  PutBigEndian(to, static_cast<int32_t>(count));
  PutBigEndian<int32_t>(to, 1);
}

void PutElement(std::string& to, std::string_view value) {
  PutBigEndian(to, static_cast<int32_t>(value.size()));
  to += value;
}

std::string ValidText(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const CodePoint code = FirstCodePoint(text);
    const bool is_text = code.bytes > 0 && code.value != 0 && !IsSurrogate(code.value);
    AppendCodePoint(valid, is_text ? code.value : kReplacement);
    text.remove_prefix(is_text ? code.bytes : 1);
  }
  return valid;
}

}  // namespace

PgParameters::PgParameters(std::span<const SqlValue> values) {
  for (const SqlValue& value : values) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      Number(*number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      Text(*text);
    } else if (const auto* bytes = std::get_if<SqlBytes>(&value)) {
      Bytes(bytes->bytes);
    } else {
      Null();
    }
  }
}

std::string& PgParameters::Add(Oid type) {
  types_.push_back(type);
  return values_.emplace_back().emplace();
}

PgParameters& PgParameters::Number(int64_t value) {
  PutBigEndian(Add(kPgBigint), value);
  return *this;
}

PgParameters& PgParameters::Text(std::string_view text) {
  Add(kPgText) = ValidText(text);
  return *this;
}

PgParameters& PgParameters::Bytes(std::string_view bytes) {
  Add(kPgBytes) = bytes;
  return *this;
}

PgParameters& PgParameters::Null() {
  constexpr Oid kAsTheServerThinks = 0;
  Add(kAsTheServerThinks);
  values_.back().reset();
  return *this;
}

template <typename T>
PgParameters& PgParameters::AddNumbers(Oid array, Oid element, std::span<const T> values) {
  std::string& to = Add(array);
  to.reserve(values.size() * (sizeof(int32_t) + sizeof(T)) + 20);
  PutArrayHead(to, element, values.size(), false);
  for (T value : values) {
    PutBigEndian<int32_t>(to, sizeof value);
    PutBigEndian(to, value);
  }
  return *this;
}

PgParameters& PgParameters::Numbers(std::span<const int64_t> values) {
  return AddNumbers(kBigintArray, kPgBigint, values);
}

PgParameters& PgParameters::Integers(std::span<const int32_t> values) {
  return AddNumbers(kIntegerArray, kPgInteger, values);
}

PgParameters& PgParameters::ByteStrings(std::span<const std::string_view> values) {
  std::string& to = Add(kBytesArray);
  PutArrayHead(to, kPgBytes, values.size(), false);
  for (std::string_view value : values) PutElement(to, value);
  return *this;
}

PgParameters& PgParameters::Texts(std::span<const std::optional<std::string>> values) {
  std::string& to = Add(kTextArray);
  PutArrayHead(to, kPgText, values.size(), true);
  for (const std::optional<std::string>& value : values) {
    if (value) {
      PutElement(to, *value);
    } else {
      PutBigEndian(to, kNullLength);
    }
  }
  return *this;
}

const char* const* PgParameters::pointers() {
  pointers_.clear();
  for (const auto& value : values_) pointers_.push_back(value ? value->data() : nullptr);
  return pointers_.data();
}

const int* PgParameters::lengths() {
  lengths_.clear();
  for (const auto& value : values_) lengths_.push_back(value ? static_cast<int>(value->size()) : 0);
  return lengths_.data();
}

const int* PgParameters::formats() {
  formats_.assign(values_.size(), kPgBinary);
  return formats_.data();
}

}  // namespace tapir::catalog
