#include "jobs/field_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bytes/checksum.h"
#include "container/format.h"
#include "container/item.h"
#include "jobs/format_tables.h"

namespace tapir {
namespace {

constexpr size_t kMostHexBytes = 4096;

uint64_t LoadNumber(ByteSpan bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | std::to_integer<uint64_t>(bytes[i - 1]);
  }
  return value;
}

std::string Show(FieldForm form, ByteSpan bytes) {
  switch (form) {
    case FieldForm::kNumber: return std::to_string(LoadNumber(bytes));
    case FieldForm::kSigned: return std::to_string(static_cast<int64_t>(LoadNumber(bytes)));
    case FieldForm::kBits: return fmt::format("{:#x}", LoadNumber(bytes));
    case FieldForm::kChecksum: return fmt::format("{:016x}", LoadNumber(bytes));
    case FieldForm::kUuid: {
      Uuid uuid{};
      std::copy_n(bytes.begin(), std::min(bytes.size(), uuid.size()), uuid.begin());
      return FormatUuid(uuid);
    }
    case FieldForm::kBytes:
    case FieldForm::kReserved: break;
  }
  return ToHex(bytes);
}

std::string Joined(std::string_view prefix, std::string_view name) {
  std::string joined(prefix);
  return joined += name;
}

void AppendXattr(ByteSpan payload, const std::string& name, Fields& out) {
  ReadCursor in(payload);
  uint32_t name_bytes = in.U32();
  std::string_view attribute = in.ReadText(name_bytes);
  std::string_view value = in.ReadText(in.remaining());
  if (!in.ok()) {
    out.emplace_back(name + ".malformed", "the name reaches over the end");
    return;
  }
  out.emplace_back(name + ".name", attribute);
  out.emplace_back(name + ".value", value);
}

void AppendAttribute(const Item& item, const ItemShape* shape, const std::string& name,
                     Fields& out) {
  if (item.is(ItemType::kXattr)) return AppendXattr(item.payload, name, out);
  if (shape == nullptr) {
    out.emplace_back(name, fmt::format("{} bytes", item.payload.size()));
    return;
  }
  size_t fixed_bytes = AppendFields(shape->fixed, item.payload, name + ".", out);
  AppendRest(*shape, item.payload.subspan(fixed_bytes), name, out);
}

void AppendNames(ByteSpan bytes, const std::string& name, Fields& out) {
  ReadCursor in(bytes);
  for (size_t number = 0; in.remaining() > 0; ++number) {
    const std::string_view text = in.ReadText(in.U32());
    if (!in.ok()) {
      out.emplace_back(name + ".malformed", "a name reaches over the end");
      return;
    }
    out.emplace_back(fmt::format("{}[{}]", name, number), text);
  }
}

}  // namespace

size_t AppendFields(FieldTable table, ByteSpan bytes, std::string_view prefix, Fields& out) {
  size_t at = 0;
  for (const FieldRow& row : table) {
    if (bytes.size() - at < row.bytes) return at;
    ByteSpan field = bytes.subspan(at, row.bytes);
    at += row.bytes;
    if (row.form == FieldForm::kReserved && AllZero(field)) continue;
    out.emplace_back(Joined(prefix, row.name), Show(row.form, field));
  }
  return at;
}

void AppendRest(const ItemShape& shape, ByteSpan rest, const std::string& name, Fields& out) {
  const bool both = !name.empty() && !shape.rest_name.empty();
  const std::string field = name + (both ? "." : "") + std::string(shape.rest_name);
  switch (shape.rest) {
    case ItemRest::kNothing: return;
    case ItemRest::kAttributes: return AppendAttributes(rest, name.empty() ? "" : name + ".", out);
    case ItemRest::kText: out.emplace_back(field, AsText(rest)); return;
    case ItemRest::kNames: return AppendNames(rest, field, out);
    case ItemRest::kHex:
      if (rest.size() <= kMostHexBytes) {
        out.emplace_back(field, ToHex(rest));
        return;
      }
      [[fallthrough]];
    case ItemRest::kBytes: out.emplace_back(field + "_bytes", std::to_string(rest.size()));
  }
}

void AppendAttributes(ByteSpan bytes, std::string_view prefix, Fields& out) {
  ItemReader items(bytes);
  std::map<uint16_t, unsigned> met;
  for (;;) {
    Result<std::optional<Item>> item = items.Next();
    if (!item.ok()) {
      out.emplace_back(Joined(prefix, "malformed"), item.status().message());
      return;
    }
    if (!*item) return;
    uint16_t type = (*item)->type;
    const ItemShape* shape = FindItemShape(type);
    bool is_xattr = (*item)->is(ItemType::kXattr);
    bool known = shape != nullptr || is_xattr;
    std::string name =
        Joined(prefix, known ? ItemTypeName(type) : fmt::format("attribute_{:#06x}", type));
    unsigned number = met[type]++;
    bool repeats = is_xattr || shape == nullptr || shape->repeats;
    if (repeats || number > 0) name += fmt::format("[{}]", number);
    AppendAttribute(**item, shape, name, out);
  }
}

}  // namespace tapir
