#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/pg_connection.h"
#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// How names of a block are found: what SearchForm makes of them. A column for that is filled only
/// where it is not what the server makes of them itself.
inline constexpr const char* kNameForm =
    "coalesce(forms, upper(encode(texts, 'escape') COLLATE \"C\"))";

/// A search for names on a server, within a transaction that reads of one moment. Single-thread.
class PgNameSearch : public NameSearch {
 public:
  /// With `begins_reading` the transaction is its own. Store and connection, which is the store's,
  /// outlive it.
  static Result<std::unique_ptr<PgNameSearch>> Begin(Store& store, PgConnection& connection,
                                                     std::string_view piece, bool begins_reading);
  ~PgNameSearch() override;
  PgNameSearch(const PgNameSearch&) = delete;
  PgNameSearch& operator=(const PgNameSearch&) = delete;

  Result<std::vector<FoundName>> Next(size_t count) override;

 private:
  PgNameSearch(Store& store, PgConnection& connection, std::string_view piece, bool begins_reading)
      : store_(store), connection_(connection), piece_(piece), begins_reading_(begins_reading) {}

  Status LookAtBlocks(size_t count, std::vector<FoundName>& found);
  /// False: it knows no more.
  Result<bool> AskIndex(size_t count, std::vector<FoundName>& found);
  Status OpenCursor();
  Status TakeNames(const PgRows& rows, std::vector<FoundName>& found) const;

  Store& store_;
  PgConnection& connection_;
  std::string piece_;
  bool begins_reading_;
  int64_t next_block_ = 0;
  int64_t last_block_ = 0;
  int64_t blocks_at_once_ = 0;
  bool has_cursor_ = false;
  std::vector<FoundName> further_;  ///< of rows of which not all was wanted
};

}  // namespace tapir::catalog
