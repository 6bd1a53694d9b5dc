#include "catalog/batch_writer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "catalog/listing_page.h"

namespace tapir::catalog {

BatchWriter::BatchWriter(Store& store, NameCache& names, SessionKey session)
    : store_(store),
      names_(names),
      session_(session),
      directories_{{0, kRootDirectory}},
      places_(store) {}

Status BatchWriter::Write(SessionBatch batch) {
  TAPIR_RETURN_IF_ERROR(ResolveDirectories(batch));
  TAPIR_RETURN_IF_ERROR(AddPlaces(batch));
  TAPIR_RETURN_IF_ERROR(AddListings(batch));
  ForgetClosed(batch);
  return OkStatus();
}

// Level by level, for a directory's key is needed for those in it.
Status BatchWriter::ResolveDirectories(const SessionBatch& batch) {
  using Directory = SessionBatch::Directory;
  std::map<size_t, std::vector<const Directory*>> levels;
  for (const Directory& one : batch.directories) levels[one.depth].push_back(&one);
  std::vector<std::string_view> names;
  for (const auto& [depth, level] : levels) {
    names.clear();
    for (const Directory* directory : level) names.push_back(directory->name);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> keys, names_.Intern(store_, names));
    std::vector<std::pair<DirectoryPlace, uint64_t>> sorted;
    for (size_t i = 0; i < level.size(); ++i) {
      sorted.push_back({{directories_.at(level[i]->parent), keys[i]}, level[i]->number});
    }
    std::ranges::sort(sorted);
    std::vector<DirectoryPlace> places;
    std::vector<Place> occurrences;
    for (const auto& [place, number] : sorted) {
      places.push_back(place);
      occurrences.push_back({place.name, place.parent});
    }
    // Its name is found also where the directory itself was not archived.
    TAPIR_RETURN_IF_ERROR(places_.Add(occurrences));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<DirectoryKey> found, store_.InternDirectories(places));
    for (size_t i = 0; i < sorted.size(); ++i) directories_[sorted[i].second] = found[i];
  }
  return OkStatus();
}

Status BatchWriter::AddPlaces(const SessionBatch& batch) {
  std::vector<std::string_view> names;
  for (const SessionBatch::Page& page : batch.pages) {
    names.insert(names.end(), page.names.begin(), page.names.end());
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> keys, names_.Intern(store_, names));
  std::vector<Place> places;
  places.reserve(keys.size());
  auto key = keys.begin();
  for (const SessionBatch::Page& page : batch.pages) {
    const DirectoryKey directory = directories_.at(page.directory);
    for (size_t i = 0; i < page.names.size(); ++i) places.push_back({*key++, directory});
  }
  return places_.Add(places);
}

Status BatchWriter::AddListings(SessionBatch& batch) {
  std::vector<ListingRow> rows;
  rows.reserve(batch.pages.size());
  for (SessionBatch::Page& page : batch.pages) {
    const DirectoryKey directory = directories_.at(page.directory);
    listing_sum_ += ListingSum(page.bytes, directory, page.number);
    rows.push_back({directory, session_, page.number, std::move(page.bytes)});
  }
  return store_.AddListings(rows);
}

void BatchWriter::ForgetClosed(const SessionBatch& batch) {
  std::unordered_map<uint64_t, DirectoryKey> kept;
  for (uint64_t number : batch.open) kept.emplace(number, directories_.at(number));
  directories_ = std::move(kept);
}

}  // namespace tapir::catalog
