#include "postgres/name_blocks.h"

#include <algorithm>

#include "bytes/checksum.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// No name has it.
constexpr char kBetweenNames = '/';

// Of these the server makes the same search form as we do: see kNameForm.
bool IsPlain(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return static_cast<uint8_t>(c) < 0x80 && c != '\\' && c != 0; });
}

template <typename Form>
std::string Join(std::span<const std::string_view> names, const Form& form) {
  std::string joined;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) joined += kBetweenNames;
    joined += form(names[i]);
  }
  return joined;
}

}  // namespace

Result<int64_t> LastBlock(PgConnection& connection) {
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection.Query("SELECT coalesce(max(block), 0) FROM name"));
  return rows.Integer(0, 0);
}

Result<std::vector<std::string_view>> SplitBlock(std::string_view texts) {
  std::vector<std::string_view> names;
  for (;;) {
    const size_t end = texts.find(kBetweenNames);
    names.push_back(texts.substr(0, end));
    if (end == std::string_view::npos) return names;
    if (names.size() == static_cast<size_t>(kNamesOfBlock)) {
      return Corrupt("a row of names has too many");
    }
    texts.remove_prefix(end + 1);
  }
}

int32_t HashOfName(std::string_view name) {
  return static_cast<int32_t>(Checksum64(AsBytes(name)));
}

PgParameters ParametersOfBlocks(int64_t first_block, std::span<const std::string_view> names) {
  std::vector<int64_t> blocks;
  std::vector<std::string> texts;
  std::vector<std::optional<std::string>> forms;
  std::vector<int32_t> hashes;
  for (std::string_view name : names) hashes.push_back(HashOfName(name));
  while (!names.empty()) {
    const auto block = names.first(std::min(names.size(), static_cast<size_t>(kNamesOfBlock)));
    names = names.subspan(block.size());
    blocks.push_back(first_block + static_cast<int64_t>(blocks.size()));
    texts.push_back(Join(block, [](std::string_view name) { return name; }));
    forms.emplace_back();
    if (!std::ranges::all_of(block, IsPlain)) forms.back() = Join(block, SearchForm);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return PgParameters().Numbers(blocks).ByteStrings(views).Texts(forms).Integers(hashes);
}

WantedNames::WantedNames(std::span<const std::string_view> names) {
  keys_.reserve(names.size());
  for (std::string_view name : names) keys_.emplace(name, std::nullopt);
}

Status WantedNames::TakeFrom(const PgRows& rows) {
  for (int row = 0; row < rows.size(); ++row) {
    const NameKey first = FirstNameOf(rows.Integer(row, 0));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                           SplitBlock(rows.Bytes(row, 1)));
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto wanted = keys_.find(texts[i]);
      if (wanted != keys_.end()) wanted->second = first + static_cast<NameKey>(i);
    }
  }
  return OkStatus();
}

std::vector<std::string_view> WantedNames::Missing() const {
  std::vector<std::string_view> missing;
  for (const auto& [name, key] : keys_) {
    if (!key) missing.push_back(name);
  }
  std::ranges::sort(missing);
  return missing;
}

}  // namespace tapir::catalog
