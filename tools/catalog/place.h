#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/sqlite_store.h"
#include "tapir/catalog/store.h"
#include "tools/catalog/names.h"

namespace tapir::cli {

/// --catalog FILE|URL; `place` stays empty without it.
void AddCatalogPlace(CLI::App& app, std::string& place);

/// $XDG_DATA_HOME/tapir/catalog.db, or below ~/.local/share where that is not set to an absolute
/// path. kInvalidArgument if there is no home either.
Result<std::string> DefaultCatalogFile();

/// Whether the word looks like the address of a server, or like settings of a connection, but is
/// no address that can be used. It may hold a password, and is not to be shown.
bool IsMistakenAddress(std::string_view place);

/// Whether the word calls a catalogue: the address of a server, a file that is a database, or one
/// that is not there and ends in ".db".
bool MayBeCatalog(const std::string& place);

/// The catalogue at `place`: the address of a PostgreSQL server, a file, or that of
/// DefaultCatalogFile if it is empty. Statuses as OpenSqliteStore; kInvalidArgument for a mistaken
/// address.
Result<std::unique_ptr<catalog::Store>> OpenCatalog(const std::string& place,
                                                    catalog::StoreUse use);

/// The same, to be read as of one moment (Store::BeginReading).
Result<std::unique_ptr<catalog::Store>> OpenToRead(const std::string& place);

/// A catalogue and what it holds, to be looked into; with StoreUse::kRead as of one moment.
struct OpenedCatalog {
  std::unique_ptr<catalog::Store> store;
  catalog::Inventory inventory;
  VolumeNames names;
};
/// kNotFound if there is none, also with StoreUse::kWrite.
Result<OpenedCatalog> ReadCatalog(const std::string& place,
                                  catalog::StoreUse use = catalog::StoreUse::kRead);

/// What is to be said of work that read from the catalogue and ended with `status`: kBusy if the
/// catalogue was changed under it.
Status Settled(const catalog::Store& store, Status status);

}  // namespace tapir::cli
