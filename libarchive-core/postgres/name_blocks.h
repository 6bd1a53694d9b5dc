#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "postgres/pg_connection.h"
#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Names stand in blocks, rows of this many and their names one behind the other, with '/' between:
/// a row of its own for each would take the server more than the names themselves. More of them in
/// one would make searching read too much that is not wanted.
inline constexpr int64_t kNamesOfBlock = 16;

inline int64_t BlockOf(NameKey name) { return name / kNamesOfBlock; }
inline NameKey FirstNameOf(int64_t block) { return block * kNamesOfBlock; }

/// The number of the last block, 0 where there is none.
Result<int64_t> LastBlock(PgConnection& connection);

/// The names of a block by their place in it. kCorrupt for more than a block has.
Result<std::vector<std::string_view>> SplitBlock(std::string_view texts);

/// By which a name is looked up; texts are compared, too.
int32_t HashOfName(std::string_view name);

/// Blocks of new names, numbered from `first_block`, as parameters of a statement: arrays of their
/// numbers, texts, search forms and (of all blocks in one array) hashes.
PgParameters ParametersOfBlocks(int64_t first_block, std::span<const std::string_view> names);

/// Names whose keys are wanted, as they come to be known. Single-thread.
class WantedNames {
 public:
  /// They outlive this.
  explicit WantedNames(std::span<const std::string_view> names);

  /// Looks for them in rows of block and texts. kCorrupt.
  Status TakeFrom(const PgRows& rows);
  void Set(std::string_view name, NameKey key) { keys_.at(name) = key; }

  /// Those that have no key yet, in ascending order.
  std::vector<std::string_view> Missing() const;
  /// Of one of the names.
  std::optional<NameKey> KeyOf(std::string_view name) const { return keys_.at(name); }

 private:
  std::unordered_map<std::string_view, std::optional<NameKey>> keys_;
};

}  // namespace tapir::catalog
