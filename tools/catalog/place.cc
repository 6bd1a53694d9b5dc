#include "tools/catalog/place.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <utility>

#ifdef TAPIR_WITH_POSTGRES
#include "tapir/postgres/postgres_store.h"
#endif

namespace tapir::cli {

namespace {

bool IsServer(std::string_view place) {
  return place.starts_with("postgresql://") || place.starts_with("postgres://");
}

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// "scheme:/"; a letter alone is no scheme.
bool BeginsWithScheme(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  const size_t end = text.find_first_not_of(kLetters);
  if (end == std::string_view::npos || end < 2) return false;
  return text.substr(end).starts_with(":/");
}

// "password = secret" among other settings, with blanks or not.
bool HasPassword(std::string_view text) {
  constexpr std::string_view kWord = "password";
  for (size_t at = text.find(kWord); at != std::string_view::npos; at = text.find(kWord, at)) {
    at += kWord.size();
    const size_t next = text.find_first_not_of(kBlanks, at);
    if (next != std::string_view::npos && text[next] == '=') return true;
  }
  return false;
}

#ifdef TAPIR_WITH_POSTGRES

Result<std::unique_ptr<catalog::Store>> OpenServer(const std::string& url, catalog::StoreUse use) {
  return catalog::OpenPostgresStore(url, use);
}

#else

Result<std::unique_ptr<catalog::Store>> OpenServer(const std::string&, catalog::StoreUse) {
  return Unsupported("this build has no catalogues on PostgreSQL: libpq was not there");
}

#endif

}  // namespace

void AddCatalogPlace(CLI::App& app, std::string& place) {
  app.add_option("--catalog", place,
                 "The catalogue, or that of this user: $XDG_DATA_HOME/tapir/catalog.db")
      ->type_name("FILE|URL");
}

Result<std::string> DefaultCatalogFile() {
  constexpr const char* kFile = "/tapir/catalog.db";
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return std::string(data) + kFile;
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.local/share" + kFile;
  return InvalidArgument("no home directory to have a catalogue in; --catalog names one");
}

bool IsMistakenAddress(std::string_view place) {
  if (IsServer(place)) return false;
  place.remove_prefix(std::min(place.find_first_not_of(kBlanks), place.size()));
  const std::string lower = InLowerCase(place);
  const bool of_postgresql = lower.starts_with("postgresql:") || lower.starts_with("postgres:");
  return of_postgresql || BeginsWithScheme(lower) || HasPassword(lower);
}

bool MayBeCatalog(const std::string& place) {
  constexpr std::string_view kDatabase = "SQLite format 3";
  if (IsServer(place)) return true;
  std::ifstream file(place, std::ios::binary);
  if (!file) return place.ends_with(".db");
  std::string begin(kDatabase.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  // A database that was never written to is empty.
  return file.gcount() == 0 || begin == kDatabase;
}

Result<std::unique_ptr<catalog::Store>> OpenCatalog(const std::string& place,
                                                    catalog::StoreUse use) {
  std::string path = place;
  if (path.empty()) {
    TAPIR_ASSIGN_OR_RETURN(path, DefaultCatalogFile());
  }
  if (IsMistakenAddress(path)) {
    return InvalidArgument(
        "the catalogue is neither a file nor an address like postgresql://USER@HOST/DATABASE");
  }
  auto store = IsServer(path) ? OpenServer(path, use) : catalog::OpenSqliteStore(path, use);
  if (!store.ok() && store.status().code() == StatusCode::kNotFound) {
    return store.status().Annotate("no catalogue yet; 'tapir catalog add VOLUME' makes one");
  }
  return store;
}

Result<std::unique_ptr<catalog::Store>> OpenToRead(const std::string& place) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<catalog::Store> store,
                         OpenCatalog(place, catalog::StoreUse::kRead));
  TAPIR_RETURN_IF_ERROR(store->BeginReading());
  return store;
}

Status Settled(const catalog::Store& store, Status status) {
  Status unchanged = store.CheckUnchanged();
  return unchanged.ok() ? status : unchanged;
}

Result<OpenedCatalog> ReadCatalog(const std::string& place, catalog::StoreUse use) {
  std::unique_ptr<catalog::Store> store;
  if (use == catalog::StoreUse::kRead) {
    TAPIR_ASSIGN_OR_RETURN(store, OpenToRead(place));
  } else {
    // An older schema can only be written.
    const auto there = OpenCatalog(place, catalog::StoreUse::kRead);
    if (there.status().code() == StatusCode::kNotFound) return there.status();
    TAPIR_ASSIGN_OR_RETURN(store, OpenCatalog(place, use));
  }
  TAPIR_ASSIGN_OR_RETURN(catalog::Inventory inventory, catalog::Inventory::Read(*store));
  VolumeNames names(inventory);
  return OpenedCatalog{std::move(store), std::move(inventory), std::move(names)};
}

}  // namespace tapir::cli
