#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/jobs/list_job.h"
#include "tapir/windows/guid.h"
#include "tapir/windows/reparse_data.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {

inline constexpr uint64_t kSisImageBytes = uint64_t{16} << 20;

inline const std::string kFirst = "{11111111-0000-0000-0000-000000000001}.sis";
inline const std::string kSecond = "{22222222-0000-0000-0000-000000000002}.sis";
inline const std::string kUnused = "{33333333-0000-0000-0000-000000000003}.sis";

inline const std::string kStore = "SIS Common Store/";

inline std::u16string StoreName(const std::string& text) { return {text.begin(), text.end()}; }

// Reparse data that name a store file by GUID, and by a file reference that may fit nothing.
inline std::string LinkTo(const std::string& store_file, uint64_t reference = 0) {
  std::string data(64, '\0');
  const Guid guid = ParseGuid(store_file.substr(0, 38)).value();
  std::copy(guid.begin(), guid.end(), reinterpret_cast<std::byte*>(data.data()) + 8);
  StoreLe<uint64_t>(reinterpret_cast<std::byte*>(data.data()) + 40, reference);
  return Value(BuildReparse({kReparseTagSis, 0, std::nullopt, AsBytes(data)}));
}

/// A volume with a store of three files and three links to two of them.
class SisVolumeTest : public NtfsTest {
 protected:
  void SetUp() override { MakeDisk("disk"); }

  /// The volume, and what `more` puts onto it.
  void MakeDisk(const std::string& name, const std::function<void(NtfsImage&)>& more = {}) {
    NtfsImage::Make(At(name), kSisImageBytes);
    NtfsImage image(At(name));
    image.MakeDirectory(u"SIS Common Store");
    image.MakeFile(u"SIS Common Store/" + StoreName(kFirst), std::string(5000, '1'));
    image.MakeFile(u"SIS Common Store/" + StoreName(kSecond), std::string(7000, '2'));
    image.MakeFile(u"SIS Common Store/" + StoreName(kUnused), "nobody's");
    image.MakeFile(u"SIS Common Store/MaxIndex", "8 bytes.");
    image.MakeDirectory(u"users");
    image.MakeDirectory(u"users/ann");
    MakeLink(image, u"users/ann/letter", kFirst, 5000);
    MakeLink(image, u"users/bob", kFirst, 5000);
    MakeLink(image, u"zebra", kSecond, 7000);
    image.MakeFile(u"plain", "plain");
    if (more) more(image);
  }

  static void MakeLink(NtfsImage& image, const std::u16string& path, const std::string& store_file,
                       uint64_t size) {
    image.MakeFile(path);
    image.AddStream(path, {.size = size, .holes = true});
    image.SetReparse(path, LinkTo(store_file));
    image.SetAttributesAndTimes(path, kWindowsSparse, 0x01D0000000000000);
  }

  std::vector<Entry> EntriesOf(const std::string& volume) {
    std::vector<Entry> entries;
    Value(ListObjects(At(volume), {}, [&](const ListedEntry& listed) {
      entries.push_back(listed.entry);
      return OkStatus();
    }));
    return entries;
  }

  static const Entry& Of(const std::vector<Entry>& entries, const std::string& path) {
    static const Entry kNone;
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.path == path; });
    return found == entries.end() ? kNone : *found;
  }
  static bool Has(const std::vector<Entry>& entries, const std::string& path) {
    return Of(entries, path).path == path;
  }
};

}  // namespace tapir::test
