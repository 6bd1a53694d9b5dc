#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "tools/catalog/web/parameters.h"
#include "tools/catalog/web/store.h"
#include "tools/json.h"

namespace tapir::cli {

/// Takes an answer line by line while it is being made.
class LineSink {
 public:
  virtual ~LineSink() = default;
  /// kCancelled: whoever asked has gone.
  virtual Status Write(const Json& line) = 0;
  /// Becomes true when whoever asked has gone.
  virtual const std::atomic<bool>& cancelled() const = 0;
};

/// What is sent back.
struct WebAnswer {
  int status = 200;  ///< of HTTP
  std::string_view type = "application/json";
  std::string body;
  /// If set, the body comes from here: one JSON object per line.
  std::function<void(LineSink&)> stream;
};

/// {"error":"..."}
WebAnswer WebFailure(int status, std::string_view text);
WebAnswer WebFailure(const Status& status);

/// Answers questions about one catalogue. Thread-safe.
class CatalogApi {
 public:
  /// `stores` outlives it, and answers that are streams do not outlive either.
  explicit CatalogApi(StorePool& stores) : stores_(stores) {}

  /// `path`: "/api/find", as it stands in the address; `query`: what is behind its '?'. Paths:
  /// catalog; volume?volume=UUID; list?set=UUID&session=N&path=ID&offset=N;
  /// needs?set=UUID&session=N&path=ID...; and as streams find and duplicates, which end with
  /// {"end":...} or {"error":...}.
  /// Once `cancelled` is true nobody waits for the answer, which then need not make sense.
  WebAnswer Answer(std::string_view path, std::string_view query,
                   const std::atomic<bool>& cancelled);

 private:
  WebAnswer AskDuplicates(const WebParameters& parameters, const std::atomic<bool>& cancelled);

  StorePool& stores_;
  std::atomic<bool> counting_duplicates_{false};
};

}  // namespace tapir::cli
