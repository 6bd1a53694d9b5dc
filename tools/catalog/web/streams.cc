#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "tapir/catalog/find.h"
#include "tapir/catalog/reports.h"
#include "tools/catalog/web/objects.h"
#include "tools/catalog/web/questions.h"
#include "tools/entry_text.h"
#include "tools/escape.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr size_t kMostTextBytes = 4096;
constexpr uint64_t kMostHits = 5000;
constexpr uint64_t kUsualHits = 200;
constexpr uint64_t kMostGroups = 1000;
constexpr uint64_t kUsualGroups = 100;
/// Of a content that stands under more paths, the further ones are counted only.
constexpr size_t kMostVersionsShown = 50;

/// What `take` returns to end a search whose limit is reached.
Status EnoughFound() { return Cancelled("enough was found"); }

Result<std::optional<uint64_t>> SizeOf(const WebParameters& parameters, std::string_view name) {
  const std::string text = parameters.Text(name);
  if (text.empty()) return std::optional<uint64_t>();
  TAPIR_ASSIGN_OR_RETURN(const uint64_t size, ParseSize(text));
  return std::optional<uint64_t>(size);
}

Result<std::optional<Timestamp>> TimeOf(const WebParameters& parameters, std::string_view name) {
  // Until the year 9999.
  TAPIR_ASSIGN_OR_RETURN(const auto seconds, parameters.Number(name, 0, 253402300799));
  if (!seconds) return std::optional<Timestamp>();
  return std::optional<Timestamp>(Timestamp{static_cast<int64_t>(*seconds), 0});
}

Result<catalog::FindRequest::Form> FormOf(const std::string& text) {
  using Form = catalog::FindRequest::Form;
  if (text.empty() || text == "plain") return Form::kPlain;
  if (text == "exact") return Form::kExact;
  if (text == "regex") return Form::kRegex;
  return InvalidArgument("'form' is plain, exact or regex");
}

Result<std::set<ObjectType>> TypesOf(const std::string& text) {
  if (text.empty()) return std::set<ObjectType>();
  if (text == "other") {
    return std::set<ObjectType>{ObjectType::kFifo, ObjectType::kCharDevice,
                                ObjectType::kBlockDevice};
  }
  for (const ObjectType type : {ObjectType::kRegular, ObjectType::kDirectory, ObjectType::kSymlink,
                                ObjectType::kHardLink}) {
    if (text == TypeName(type)) return std::set<ObjectType>{type};
  }
  return InvalidArgument("'type' is file, directory, symlink, hard_link or other");
}

Result<catalog::FindRequest> FindRequestOf(const catalog::Inventory& inventory,
                                           const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({"q", "form", "case", "type", "min_size", "max_size",
                                          "from", "before", "volume", "digest", "all", "limit"}));
  catalog::FindRequest request;
  request.text = parameters.Text("q");
  if (request.text.size() > kMostTextBytes) return InvalidArgument("the text is too long");
  TAPIR_ASSIGN_OR_RETURN(request.form, FormOf(parameters.Text("form")));
  TAPIR_ASSIGN_OR_RETURN(request.match_case, parameters.Flag("case"));
  TAPIR_ASSIGN_OR_RETURN(request.all_versions, parameters.Flag("all"));
  TAPIR_ASSIGN_OR_RETURN(request.types, TypesOf(parameters.Text("type")));
  TAPIR_ASSIGN_OR_RETURN(request.min_size, SizeOf(parameters, "min_size"));
  TAPIR_ASSIGN_OR_RETURN(request.max_size, SizeOf(parameters, "max_size"));
  TAPIR_ASSIGN_OR_RETURN(request.modified_from, TimeOf(parameters, "from"));
  TAPIR_ASSIGN_OR_RETURN(request.modified_before, TimeOf(parameters, "before"));
  request.digest = parameters.Text("digest");
  const std::string volume = parameters.Text("volume");
  if (!volume.empty()) {
    TAPIR_ASSIGN_OR_RETURN(const catalog::Volume* const found, inventory.FindVolume(volume));
    request.volumes.insert(found->key);
  }
  TAPIR_ASSIGN_OR_RETURN(const auto limit, parameters.Number("limit", 1, kMostHits));
  request.limit = limit.value_or(kUsualHits);
  return request;
}

Json GroupObject(const CatalogView& view, const catalog::ContentGroup& group) {
  Json versions = Json::array();
  for (const catalog::Version& version : group.versions) {
    if (versions.size() == kMostVersionsShown) break;
    versions.push_back(VersionObject(view, version));
  }
  return Json{{"size", group.size},
              {"xxh128", Hex(group.xxh128)},
              {"count", group.count},
              {"versions", versions}};
}

Status RunFind(catalog::Store& store, const CatalogView& view, catalog::FindRequest request,
               LineSink& sink) {
  const uint64_t limit = request.limit;
  // One more tells whether there are more.
  request.limit = limit + 1;
  request.cancelled = &sink.cancelled();
  uint64_t hits = 0;
  bool more = false;
  const auto take = [&](const catalog::Version& version) {
    if (hits == limit) {
      more = true;
      return EnoughFound();
    }
    ++hits;
    return sink.Write(VersionObject(view, version));
  };
  const Status status = catalog::Find(store, view.inventory, request, take);
  if (!more) TAPIR_RETURN_IF_ERROR(status);
  TAPIR_RETURN_IF_ERROR(store.CheckUnchanged());
  return sink.Write(Json{{"end", {{"hits", hits}, {"more", more}}}});
}

Status RunDuplicates(catalog::Store& store, const CatalogView& view,
                     catalog::ContentRequest request, LineSink& sink) {
  const uint64_t limit = request.limit;
  request.limit = limit + 1;
  request.cancelled = &sink.cancelled();
  uint64_t groups = 0;
  bool more = false;
  const auto take = [&](const catalog::ContentGroup& group) {
    if (groups == limit) {
      more = true;
      return EnoughFound();
    }
    ++groups;
    return sink.Write(GroupObject(view, group));
  };
  const Status status = catalog::FindDuplicates(store, view.inventory, request, take);
  if (!more) TAPIR_RETURN_IF_ERROR(status);
  TAPIR_RETURN_IF_ERROR(store.CheckUnchanged());
  return sink.Write(Json{{"end", {{"groups", groups}, {"more", more}}}});
}

}  // namespace

Result<StreamWork> PrepareFind(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_ASSIGN_OR_RETURN(auto read, CatalogView::Read(store));
  TAPIR_ASSIGN_OR_RETURN(catalog::FindRequest request, FindRequestOf(read->inventory, parameters));
  const std::shared_ptr<const CatalogView> view = std::move(read);
  return StreamWork([view, request = std::move(request)](catalog::Store& used, LineSink& sink) {
    return RunFind(used, *view, request, sink);
  });
}

Result<StreamWork> PrepareDuplicates(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({"min_size", "limit"}));
  TAPIR_ASSIGN_OR_RETURN(const auto min_size, SizeOf(parameters, "min_size"));
  TAPIR_ASSIGN_OR_RETURN(const auto limit, parameters.Number("limit", 1, kMostGroups));
  TAPIR_ASSIGN_OR_RETURN(auto read, CatalogView::Read(store));
  const std::shared_ptr<const CatalogView> view = std::move(read);
  catalog::ContentRequest request;
  request.min_size = std::max<uint64_t>(1, min_size.value_or(1));
  request.limit = limit.value_or(kUsualGroups);
  return StreamWork([view, request](catalog::Store& used, LineSink& sink) {
    return RunDuplicates(used, *view, request, sink);
  });
}

}  // namespace tapir::cli
