#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/records.h"

namespace tapir::catalog {

/// A directory by what it is called and where it is.
struct DirectoryPlace {
  DirectoryKey parent = kRootDirectory;
  NameKey name = 0;
  friend auto operator<=>(const DirectoryPlace&, const DirectoryPlace&) = default;
};

struct FoundName {
  NameKey key = 0;
  std::string text;
};

/// A search for names. It ends before its store, in which nobody else searches and nothing is
/// written meanwhile. Single-thread.
class NameSearch {
 public:
  virtual ~NameSearch() = default;
  /// The next ones, each once, in an order of the store's own: at most `count`, which is not 0.
  /// None: those were all.
  virtual Result<std::vector<FoundName>> Next(size_t count) = 0;
};

struct Subdirectory {
  DirectoryKey key = 0;
  NameKey name = 0;
};

/// Says that an object of this name was in this directory in some session.
struct Place {
  NameKey name = 0;
  DirectoryKey directory = kRootDirectory;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// A piece of where the names of one bucket occur; the encoding is that of place_page.h.
struct PlaceRow {
  int64_t bucket = 0;
  std::string page;
  friend bool operator==(const PlaceRow&, const PlaceRow&) = default;
};

/// A piece of what one session holds in one directory; the encoding is that of listing_page.h.
struct ListingRow {
  DirectoryKey directory = kRootDirectory;
  SessionKey session = 0;
  uint32_t number = 0;  ///< of the pieces of this directory and session, from 0, in order of names
  std::string page;
};

/// What keeps a catalogue: the one interface behind which SQLite and PostgreSQL stand. It keeps and
/// finds; what is found means nothing to it.
///
/// Rows of a session are seen by nobody before FinishSession: an import that was cut off leaves
/// nothing but rows that the next DropAbandoned removes. Names and directories are shared by all
/// sessions, and stay. Calls take many keys at once because a store may be far away.
///
/// Single-thread; several processes may have the same catalogue open. All calls may fail with
/// kDeviceError (the file or the server), kBusy (another writer did not come to an end), kCorrupt.
class Store {
 public:
  virtual ~Store() = default;

  /// "/home/ann/.local/share/tapir/catalog.db", or the address of a server without its password.
  virtual const std::string& name() const = 0;

  /// Whether what others write from now on is seen by the next calls. If not, this is good for one
  /// piece of work: a file that may only be read, which is then taken for one that does not change,
  /// or one in whose place there is another now.
  virtual bool SeesChanges() const { return true; }
  /// Behind such a piece of work: kBusy if others wrote meanwhile, so that what was read may be
  /// neither what it was nor what it is now.
  virtual Status CheckUnchanged() const { return OkStatus(); }

  /// What is read until EndReading is of one moment, whatever others write meanwhile: sessions that
  /// are replaced or removed are still there. Nothing may be written through this store.
  virtual Status BeginReading() = 0;
  virtual void EndReading() = 0;

  // Volumes, notes and verifications, in the order in which they came.
  virtual Result<std::vector<Volume>> Volumes() = 0;
  /// Adds it, or replaces what is known of the volume with this UUID but its location. `key` is not
  /// read.
  virtual Result<VolumeKey> PutVolume(const Volume& volume) = 0;
  virtual Status SetLocation(VolumeKey volume, const std::string& location) = 0;
  /// With all its sessions, notes and verifications.
  virtual Status ForgetVolume(VolumeKey volume) = 0;
  virtual Status AddNote(const Note& note) = 0;
  virtual Result<std::vector<Note>> Notes() = 0;
  virtual Status AddVerification(const Verification& verification) = 0;
  virtual Result<std::vector<Verification>> Verifications() = 0;

  // Sessions.
  /// Those that are finished, by volume and number.
  virtual Result<std::vector<Session>> Sessions() = 0;
  /// Begins one; `key` is not read.
  virtual Result<SessionKey> BeginSession(const Session& session) = 0;
  /// All of it is here, and is seen from now on in place of what was finished before of this volume
  /// with the same id, which becomes abandoned. `listing_sum` and `from_records` are kept. kBusy:
  /// the session or its volume was removed meanwhile, and nothing of it is kept.
  virtual Status FinishSession(const Session& session) = 0;
  virtual Status DropSession(SessionKey session) = 0;
  /// Removes what imports left that were cut off: those whose process is gone.
  virtual Status DropAbandoned() = 0;
  virtual Status AddKeyEntries(std::span<const KeyEntry> entries) = 0;
  /// Of finished sessions; with a thumbprint those of this certificate alone.
  virtual Result<std::vector<KeyEntry>> KeyEntries(const std::string& thumbprint) = 0;
  virtual Status AddPolicy(const SessionPolicy& policy) = 0;
  virtual Result<std::vector<SessionPolicy>> Policies() = 0;

  // Names: components of paths, any bytes but '/' and NUL, each once.
  /// Keys in the order of `names`, which are all different.
  virtual Result<std::vector<NameKey>> InternNames(std::span<const std::string_view> names) = 0;
  /// Texts in the order of `keys`. kCorrupt if one is not there.
  virtual Result<std::vector<std::string>> Names(std::span<const NameKey> keys) = 0;
  /// Keys in the order of `names`; nothing for those that are not there.
  virtual Result<std::vector<std::optional<NameKey>>> FindNames(
      std::span<const std::string_view> names) = 0;
  /// For at least all names whose search form (search_form.h) has `piece` in it; the caller looks
  /// again. An empty piece: all.
  virtual Result<std::unique_ptr<NameSearch>> SearchNames(std::string_view piece) = 0;

  // Directories: the tree of paths.
  /// Keys in the order of `places`, which are all different.
  virtual Result<std::vector<DirectoryKey>> InternDirectories(
      std::span<const DirectoryPlace> places) = 0;
  /// In the order of `keys`, none of which is the root. kCorrupt if one is not there.
  virtual Result<std::vector<DirectoryPlace>> Directories(std::span<const DirectoryKey> keys) = 0;
  /// Keys in the order of `places`; nothing for those that are not there.
  virtual Result<std::vector<std::optional<DirectoryKey>>> FindDirectories(
      std::span<const DirectoryPlace> places) = 0;
  /// Of all of them, by parent and name.
  virtual Result<std::vector<Subdirectory>> Subdirectories(
      std::span<const DirectoryKey> parents) = 0;

  // Places: the directories in which names occur, by buckets of names.
  virtual Status AddPlacePages(std::span<const PlaceRow> rows) = 0;
  /// All of these buckets, which are all different, in any order.
  virtual Result<std::vector<PlaceRow>> PlacePages(std::span<const int64_t> buckets) = 0;

  // Listings.
  virtual Status AddListings(std::span<const ListingRow> rows) = 0;
  /// Of finished sessions; ordered by directory, session and number.
  virtual Result<std::vector<ListingRow>> ListingsOf(std::span<const DirectoryKey> directories) = 0;
  /// The same of one session alone.
  virtual Result<std::vector<ListingRow>> ListingsOf(std::span<const DirectoryKey> directories,
                                                     SessionKey session) = 0;
  /// What follows behind the directory `after` in that order (-1: from the beginning), whole
  /// directories, about `max_bytes` of it; nothing at the end.
  virtual Result<std::vector<ListingRow>> NextListings(DirectoryKey after, size_t max_bytes) = 0;
  /// The same of one session alone.
  virtual Result<std::vector<ListingRow>> NextListings(DirectoryKey after, size_t max_bytes,
                                                       SessionKey session) = 0;

  /// Names, directories and what leads to them are as they were written, as far as the store can
  /// tell; reads all of them. kCorrupt.
  virtual Status CheckWhole() = 0;

  /// What was written so far is kept, also if the machine fails now.
  virtual Status Flush() = 0;
};

}  // namespace tapir::catalog
