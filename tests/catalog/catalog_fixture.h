#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tapir/catalog/find.h"
#include "tapir/catalog/import.h"
#include "tapir/catalog/inventory.h"
#include "tests/catalog/empty_store.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {

/// An empty catalogue, and ways to fill and ask it.
class CatalogTest : public testing::Test {
 protected:
  CatalogTest() : store_(EmptyStore(scratch_)) {}

  /// Takes in a volume that stands in a file called `name`.
  Result<catalog::ImportReport> Import(const std::string& name, bool from_records = false) {
    catalog::ImportRequest request;
    request.volume = scratch_.At(name);
    request.from_records = from_records;
    request.reporter = &reporter_;
    request.ambient = &ambient_;
    return catalog::ImportVolume(*store_, request);
  }
  catalog::ImportReport Add(const std::string& name, const VolumeBuilder& volume) {
    scratch_.Put(name, BytesOf(volume.device()));
    return Value(Import(name));
  }

  catalog::Inventory ReadInventory() { return Value(catalog::Inventory::Read(*store_)); }

  /// "2 a/b" for each version found, in the order found.
  std::vector<std::string> Find(const catalog::FindRequest& request) {
    const catalog::Inventory inventory = ReadInventory();
    std::vector<std::string> lines;
    Check(catalog::Find(*store_, inventory, request, [&](const catalog::Version& version) {
      lines.push_back(std::to_string(version.session->number) + " " + version.entry.path);
      return OkStatus();
    }));
    return lines;
  }
  std::vector<std::string> FindText(const std::string& text) {
    return Find(catalog::FindRequest{.text = text});
  }

  Scratch scratch_;
  CollectingReporter reporter_;
  FixedAmbient ambient_;
  std::unique_ptr<catalog::Store> store_;
};

/// A label of a volume with identifiers of its own.
Label LabelOf(uint8_t set, uint8_t volume, const std::string& name, uint32_t sequence = 1);

}  // namespace tapir::test
