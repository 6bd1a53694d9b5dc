// Writes hostile volumes that no writer of ours would make, as seeds: tapir_fuzz_make_seeds FOLDER.
// Each is written with harmless names, which are then replaced by others of the same length.

#include <string>
#include <utility>
#include <vector>

#include "fuzz/support/seed_maker.h"
#include "fuzz/support/volume_digests.h"
#include "fuzz/support/volume_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"

namespace {

using namespace tapir;
using namespace tapir::test;

using Renames = std::vector<std::pair<std::string, std::string>>;

MemoryObject Symlink(std::string path, std::string to) {
  MemoryObject object = File(std::move(path), "");
  object.type = ObjectType::kSymlink;
  object.metadata.link_target = std::move(to);
  return object;
}

MemoryObject Node(std::string path, ObjectType type) {
  MemoryObject object = File(std::move(path), "");
  object.type = type;
  object.metadata.device_major = 1;
  object.metadata.device_minor = 3;
  return object;
}

// Two names of one file.
MemoryObject Linked(std::string path, std::string bytes) {
  MemoryObject object = File(std::move(path), std::move(bytes));
  object.inode = 7;
  object.link_count = 2;
  return object;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

void Write(const std::string& path, std::vector<MemoryObject> objects, const Renames& renames) {
  VolumeBuilder builder;
  builder.options().zstd_level = 0;
  Check(builder.Add(std::move(objects)).status());
  std::vector<std::byte> bytes = BytesOf(builder.device());
  fuzz::VolumeImage image(bytes);
  for (size_t i = 0; i < image.chunks().size(); ++i) {
    std::string stored = fuzz::VolumeImage::StoredBytes(image.chunks()[i]);
    for (const auto& [from, to] : renames) ReplaceAll(stored, from, to);
    image.SetStoredBytes(i, stored);
  }
  fuzz::FixDigests(image);
  image.Seal();
  fuzz::WriteSeed(path, std::string(AsText(bytes)));
}

void WriteNames(const std::string& folder) {
  Write(folder + "/hostile-names.tapir",
        {File("uu/x", "1"), File("uuetc/x", "2"), File("v/uu/uu/x", "3"), File("v/w/x", "4"),
         File("wa", "5"), File("wb", "6"), File("x/y", "7"), File("y0z", "8"), Directory("zz"),
         File("zz/file", "9")},
        {{"uu/x", "../x"},
         {"uuetc/x", "/../etc"},
         {"v/uu/uu/x", "v/../../x"},
         {"v/w/x", "v/./x"},
         {"wb", "wa"},
         {"x/y", "x//"},
         {"y0z", std::string("y\0z", 3)},
         {"zz/file", "zz/.///"}});
}

void WriteLinks(const std::string& folder) {
  fuzz::WriteSeed(
      folder + "/hostile-links.tapir",
      {Linked("hardlink1", "primary"), Linked("hardlink2", "primary"),
       File("link/evil", "through a link that was there"), File("link/precious", "evil"),
       Symlink("sl", "../outside"), File("sm/evil", "through a link of the volume"),
       File("sm/precious", "evil"), Symlink("sz", "sl/precious"), File("tl", "replaces a link"),
       Node("zb", ObjectType::kBlockDevice), Node("zc", ObjectType::kCharDevice),
       Node("zf", ObjectType::kFifo)},
      {{"sm/", "sl/"}, {"tl", "sz"}});
  // The primary's path leads out: in the record of the second name, and by a name that is a link.
  Write(folder + "/hostile-hard-links.tapir",
        {Linked("aa/precious", "primary"), Linked("bb", "primary"),
         Symlink("ll", "../outside/precious"), Symlink("lm", "/etc/passwd")},
        {{"aa/precious", "../precious"}});
}

void WriteLengths(const std::string& folder) {
  MemoryObject hole = File("hole", "");
  hole.ranges = {{uint64_t{1} << 40, "data behind a hole"}};
  hole.size = uint64_t{1} << 60;
  std::string text = TextBytes(5000, 1);
  Write(folder + "/hostile-lengths.tapir",
        {File(".tapir-content-0", "1"), File("a", text), File("b", text), std::move(hole),
         File("z", "")},
        {});
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    WriteNames(folder);
    WriteLinks(folder);
    WriteLengths(folder);
  });
}
