#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/catalog/store.h"

namespace tapir::cli {

/// A catalogue into which somebody looks who may leave: from then on every call fails with
/// kCancelled, and with it whatever walks through the catalogue. Nothing can be changed through it.
/// Single-thread.
class WatchedStore final : public catalog::Store {
 public:
  /// Both outlive it.
  WatchedStore(catalog::Store& store, const std::atomic<bool>& cancelled)
      : store_(store), cancelled_(cancelled) {}

  const std::string& name() const override { return store_.name(); }
  bool SeesChanges() const override { return store_.SeesChanges(); }
  Status CheckUnchanged() const override { return store_.CheckUnchanged(); }

  // Whoever lends the store does both.
  Status BeginReading() override { return OkStatus(); }
  void EndReading() override {}

  Result<std::vector<catalog::Volume>> Volumes() override {
    return Ask([&] { return store_.Volumes(); });
  }
  Result<std::vector<catalog::Note>> Notes() override {
    return Ask([&] { return store_.Notes(); });
  }
  Result<std::vector<catalog::Verification>> Verifications() override {
    return Ask([&] { return store_.Verifications(); });
  }
  Result<std::vector<catalog::Session>> Sessions() override {
    return Ask([&] { return store_.Sessions(); });
  }
  Result<std::vector<catalog::KeyEntry>> KeyEntries(const std::string& thumbprint) override {
    return Ask([&] { return store_.KeyEntries(thumbprint); });
  }
  Result<std::vector<catalog::SessionPolicy>> Policies() override {
    return Ask([&] { return store_.Policies(); });
  }
  Result<std::vector<std::string>> Names(std::span<const catalog::NameKey> keys) override {
    return Ask([&] { return store_.Names(keys); });
  }
  Result<std::vector<std::optional<catalog::NameKey>>> FindNames(
      std::span<const std::string_view> names) override {
    return Ask([&] { return store_.FindNames(names); });
  }
  Result<std::unique_ptr<catalog::NameSearch>> SearchNames(std::string_view piece) override {
    return Ask([&] { return store_.SearchNames(piece); });
  }
  Result<std::vector<catalog::DirectoryPlace>> Directories(
      std::span<const catalog::DirectoryKey> keys) override {
    return Ask([&] { return store_.Directories(keys); });
  }
  Result<std::vector<std::optional<catalog::DirectoryKey>>> FindDirectories(
      std::span<const catalog::DirectoryPlace> places) override {
    return Ask([&] { return store_.FindDirectories(places); });
  }
  Result<std::vector<catalog::Subdirectory>> Subdirectories(
      std::span<const catalog::DirectoryKey> parents) override {
    return Ask([&] { return store_.Subdirectories(parents); });
  }
  Result<std::vector<catalog::PlaceRow>> PlacePages(std::span<const int64_t> buckets) override {
    return Ask([&] { return store_.PlacePages(buckets); });
  }
  Result<std::vector<catalog::ListingRow>> ListingsOf(
      std::span<const catalog::DirectoryKey> directories) override {
    return Ask([&] { return store_.ListingsOf(directories); });
  }
  Result<std::vector<catalog::ListingRow>> ListingsOf(
      std::span<const catalog::DirectoryKey> directories, catalog::SessionKey session) override {
    return Ask([&] { return store_.ListingsOf(directories, session); });
  }
  Result<std::vector<catalog::ListingRow>> NextListings(catalog::DirectoryKey after,
                                                        size_t max_bytes) override {
    return Ask([&] { return store_.NextListings(after, max_bytes); });
  }
  Result<std::vector<catalog::ListingRow>> NextListings(catalog::DirectoryKey after,
                                                        size_t max_bytes,
                                                        catalog::SessionKey session) override {
    return Ask([&] { return store_.NextListings(after, max_bytes, session); });
  }
  Status CheckWhole() override {
    return Ask([&] { return store_.CheckWhole(); });
  }

  Result<catalog::VolumeKey> PutVolume(const catalog::Volume&) override { return ReadOnly(); }
  Status SetLocation(catalog::VolumeKey, const std::string&) override { return ReadOnly(); }
  Status ForgetVolume(catalog::VolumeKey) override { return ReadOnly(); }
  Status AddNote(const catalog::Note&) override { return ReadOnly(); }
  Status AddVerification(const catalog::Verification&) override { return ReadOnly(); }
  Result<catalog::SessionKey> BeginSession(const catalog::Session&) override { return ReadOnly(); }
  Status FinishSession(const catalog::Session&) override { return ReadOnly(); }
  Status DropSession(catalog::SessionKey) override { return ReadOnly(); }
  Status DropAbandoned() override { return ReadOnly(); }
  Status AddKeyEntries(std::span<const catalog::KeyEntry>) override { return ReadOnly(); }
  Status AddPolicy(const catalog::SessionPolicy&) override { return ReadOnly(); }
  Result<std::vector<catalog::NameKey>> InternNames(std::span<const std::string_view>) override {
    return ReadOnly();
  }
  Result<std::vector<catalog::DirectoryKey>> InternDirectories(
      std::span<const catalog::DirectoryPlace>) override {
    return ReadOnly();
  }
  Status AddPlacePages(std::span<const catalog::PlaceRow>) override { return ReadOnly(); }
  Status AddListings(std::span<const catalog::ListingRow>) override { return ReadOnly(); }
  Status Flush() override { return ReadOnly(); }

 private:
  template <typename Call>
  auto Ask(const Call& call) -> decltype(call()) {
    if (cancelled_.load(std::memory_order_relaxed)) return Cancelled("nobody waits for it");
    return call();
  }
  static Status ReadOnly() { return Unsupported("the catalogue is only read"); }

  catalog::Store& store_;
  const std::atomic<bool>& cancelled_;
};

}  // namespace tapir::cli
