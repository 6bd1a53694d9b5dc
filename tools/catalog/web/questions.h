#pragma once

#include <functional>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"
#include "tools/catalog/web/api.h"
#include "tools/catalog/web/parameters.h"
#include "tools/json.h"

namespace tapir::cli {

// What CatalogApi can be asked, one function for each path. kInvalidArgument for parameters that
// make no sense, kNotFound for volumes and paths that are not there, and as Store.

Result<Json> AskCatalog(catalog::Store& store, const WebParameters& parameters);
Result<Json> AskVolume(catalog::Store& store, const WebParameters& parameters);
Result<Json> AskList(catalog::Store& store, const WebParameters& parameters);
Result<Json> AskNeeds(catalog::Store& store, const WebParameters& parameters);

/// Makes an answer line by line; ends with kCancelled if nobody waits for it any more.
using StreamWork = std::function<Status(catalog::Store&, LineSink&)>;

/// Lines of versions, then {"end":{"hits":N,"more":true}}, more if there are more than were asked
/// for.
Result<StreamWork> PrepareFind(catalog::Store& store, const WebParameters& parameters);
/// Lines of contents, those first that hold most.
Result<StreamWork> PrepareDuplicates(catalog::Store& store, const WebParameters& parameters);

}  // namespace tapir::cli
