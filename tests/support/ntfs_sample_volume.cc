#include "tests/support/ntfs_sample_volume.h"

#include <initializer_list>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/guid.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/windows_samples.h"

namespace tapir::test {
namespace {

constexpr uint64_t kFirstTime = 132'000'000'000'000'007;
constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint32_t kMostCompressedCluster = 4096;

std::u16string Wide(const std::string& text) { return {text.begin(), text.end()}; }

void AddNames(NtfsImage& image) {
  image.MakeDirectory(u"names");
  image.MakeFile(u"names/" + std::u16string(255, u'n'), "long");
  image.MakeFile(std::u16string(u"names/high \xD800 alone"), "lone");
  image.MakeFile(std::u16string(u"names/\xDC00\xD83D\xDE00 low and pair"), "pair");
  image.MakeFile(u"names/a:b?c*d", "only POSIX");
  image.MakeFile(u"names/Some longer name.text", "with a short one");
  image.ShortName(u"names/Some longer name.text", "SOMELO~1.TEX");
  image.MakeFile(u"names/BOTH.TXT", "in one");
  image.ShortName(u"names/BOTH.TXT", "BOTH.TXT");
  image.MakeDirectory(u"names/Directory with a short name");
  image.ShortName(u"names/Directory with a short name", "DIRECT~1");
  image.MakeFile(u"names/Directory with a short name/below", "below");
}

void AddLinks(NtfsImage& image) {
  image.MakeDirectory(u"links");
  image.MakeDirectory(u"links/other");
  image.MakeFile(u"links/other/with a short name", TextBytes(5000, 4));
  image.ShortName(u"links/other/with a short name", "WITHAS~1");
  image.Link(u"links/other/with a short name", u"links/one");
  image.Link(u"links/other/with a short name", u"links/other/third");
  image.MakeFile(u"links/empty");
  image.Link(u"links/empty", u"links/other/empty too");
}

void AddNamedStreams(NtfsImage& image) {
  image.MakeDirectory(u"streams");
  image.MakeFile(u"streams/file", "contents");
  image.AddStream(u"streams/file", {.name = u"empty", .ranges = {}, .size = {}, .valid = {}});
  image.AddStream(u"streams/file",
                  {.name = u"small", .ranges = {{0, "resident"}}, .size = {}, .valid = {}});
  image.AddStream(
      u"streams/file",
      {.name = u"large", .ranges = {{0, TextBytes(100'000, 1)}}, .size = {}, .valid = {}});
  image.MakeDirectory(u"streams/directory");
  image.AddStream(u"streams/directory",
                  {.name = u"of a directory", .ranges = {{0, "text"}}, .size = {}, .valid = {}});
  image.MakeFile(u"streams/only named");
  image.AddStream(u"streams/only named",
                  {.name = u"x \xD801 y", .ranges = {{0, "1"}}, .size = {}, .valid = {}});
}

void AddHoles(NtfsImage& image, uint32_t cluster_bytes) {
  image.MakeDirectory(u"holes");
  const uint64_t unit = 64 << 10;
  const auto add = [&](const std::u16string& name, uint64_t size,
                       std::vector<std::pair<uint64_t, std::string>> ranges) {
    image.MakeFile(u"holes/" + name);
    image.AddStream(
        u"holes/" + name,
        {.name = {}, .ranges = std::move(ranges), .size = size, .holes = true, .valid = {}});
  };
  add(u"start", 3 * unit, {{2 * unit, RandomBytes(unit, 2)}});
  add(u"middle", 4 * unit, {{0, RandomBytes(unit, 3)}, {3 * unit, RandomBytes(unit, 4)}});
  add(u"end", 4 * unit + 77, {{0, RandomBytes(unit, 5)}});
  add(u"all", 4 * unit, {});
  add(u"huge", 1024 * kMiB + unit, {{1024 * kMiB, RandomBytes(unit, 6)}});
  std::vector<std::pair<uint64_t, std::string>> many;
  for (uint64_t i = 0; i < 1500; ++i) {
    many.emplace_back(2 * i * 4096, RandomBytes(cluster_bytes > 4096 ? 100 : 4096, i));
  }
  image.MakeFile(u"holes/many");
  image.AddStream(
      u"holes/many",
      {.name = u"runs", .ranges = many, .size = 3001 * 4096, .holes = true, .valid = {}});
  image.MakeFile(u"holes/filled");
  image.FlagSparse(u"holes/filled", u"");
  image.MakeFile(u"holes/named filled", "x");
  image.AddStream(u"holes/named filled", {.name = u"s", .ranges = {}, .size = {}, .valid = {}});
  image.FlagSparse(u"holes/named filled", u"s");
}

void AddValidLengths(NtfsImage& image) {
  image.MakeDirectory(u"valid");
  for (const uint64_t valid : {0u, 1u, 65'536u, 70'001u, 199'999u}) {
    const std::u16string path = u"valid/" + Wide(std::to_string(valid));
    image.MakeFile(path);
    image.AddStream(
        path,
        {.name = {}, .ranges = {{0, RandomBytes(valid, valid)}}, .size = 200'000, .valid = valid});
    image.AddStream(path, {.name = u"named",
                           .ranges = {{0, RandomBytes(valid, valid + 1)}},
                           .size = 200'001,
                           .valid = valid});
  }
}

void AddCompressed(NtfsImage& image) {
  image.MakeDirectory(u"compressed");
  const auto add = [&](const std::u16string& name, uint64_t size,
                       std::vector<std::pair<uint64_t, std::string>> ranges) {
    const std::u16string path = u"compressed/" + name;
    image.MakeFile(path);
    image.AddStream(
        path,
        {.name = {}, .ranges = std::move(ranges), .size = size, .compressed = true, .valid = {}});
  };
  add(u"text", 300'001, {{0, TextBytes(300'001, 1)}});
  add(u"random", 300'000, {{0, RandomBytes(300'000, 1)}});
  add(u"short", 100, {{0, TextBytes(100, 1)}});
  add(u"empty", 0, {});
  add(u"hole", 640'000, {{0, TextBytes(65'536, 2)}, {524'288, TextBytes(65'536, 3)}});
  add(u"hole at the end", 640'000, {{0, TextBytes(65'536, 4)}});
  add(u"mixed", 400'000, {{0, TextBytes(150'000, 5) + RandomBytes(250'000, 5)}});
  image.AddStream(
      u"compressed/text",
      {.name = u"plain", .ranges = {{0, TextBytes(20'000, 6)}}, .size = {}, .valid = {}});
  image.AddStream(u"compressed/text", {.name = u"named",
                                       .ranges = {{0, TextBytes(200'000, 7)}},
                                       .size = {},
                                       .compressed = true,
                                       .valid = {}});
  image.MakeDirectory(u"compressed/directory");
  image.CompressDirectory(u"compressed/directory");
  image.MakeFile(u"compressed/directory/plain below", TextBytes(9000, 8));
}

// Ciphertext as the library takes it: whole units, and behind them how much of them is padding.
std::string Ciphertext(uint64_t size, uint64_t seed) {
  std::string bytes = RandomBytes(RoundUp(size, 512), seed);
  WriteCursor write(bytes);
  write.U16(static_cast<uint16_t>(RoundUp(size, 512) - size));
  return bytes;
}

void AddEncrypted(NtfsImage& image) {
  image.MakeDirectory(u"encrypted");
  image.AddEfs(u"encrypted", BareEfsMetadata(600));
  for (const uint64_t size : {0u, 1u, 511u, 512u, 513u, 4096u, 100'000u}) {
    const std::u16string path = u"encrypted/" + Wide(std::to_string(size));
    image.MakeFile(path, Ciphertext(size, size));
    if (size % 2 == 1) {
      image.AddStream(
          path,
          {.name = u"named", .ranges = {{0, Ciphertext(size + 7, size)}}, .size = {}, .valid = {}});
    }
    image.Encrypt(path, BareEfsMetadata(700));
  }
  image.MakeFile(u"encrypted/plain", "not encrypted");
  for (const uint64_t valid : {0u, 512u, 600u, 66'000u}) {
    const std::u16string path = u"encrypted/valid " + Wide(std::to_string(valid));
    image.MakeFile(path);
    image.AddStream(path, {.name = {},
                           .ranges = {{0, RandomBytes(RoundUp(valid, 512), valid)}},
                           .size = RoundUp(150'001, 512),
                           .valid = RoundUp(valid, 512)});
    image.EncryptStream(path, u"", 150'001, valid);
    image.AddStream(
        path,
        {.name = u"beside", .ranges = {{0, TextBytes(20'000, valid)}}, .size = {}, .valid = {}});
    image.AddEfs(path, BareEfsMetadata(800));
  }
  image.MakeFile(u"encrypted/sparse");
  image.AddStream(u"encrypted/sparse", {.name = {},
                                        .ranges = {{131'072, RandomBytes(65'536, 9)}},
                                        .size = 1 << 20,
                                        .holes = true,
                                        .valid = {}});
  image.EncryptStream(u"encrypted/sparse", u"", 1 << 20, 1 << 20);
  image.AddEfs(u"encrypted/sparse", BareEfsMetadata(60'000));
}

// On a volume the last entry has its length as those before it.
std::string VolumeEa() {
  std::string list = SampleEa();
  const size_t last = 20;
  list.resize(RoundUp(list.size(), 4));
  list[last] = static_cast<char>(list.size() - last);
  return list;
}

void AddMetadata(NtfsImage& image) {
  image.MakeDirectory(u"metadata");
  image.MakeFile(u"metadata/security", "x");
  image.SetSecurity(u"metadata/security", SampleSecurity());
  image.SetSecurity(u"metadata", SampleSecurity());
  image.MakeFile(u"metadata/ea", "x");
  image.SetEa(u"metadata/ea", VolumeEa());
  image.MakeFile(u"metadata/id", "x");
  image.SetObjectId(u"metadata/id", RandomBytes(16, 1));
  image.MakeFile(u"metadata/long id", "x");
  image.SetObjectId(u"metadata/long id", RandomBytes(64, 2));
  image.MakeDirectory(u"metadata/directory id");
  image.SetObjectId(u"metadata/directory id", RandomBytes(64, 3));
}

// With the file that SampleSisReparse(1) leads to.
void AddCommonStore(NtfsImage& image, const std::string& contents) {
  image.MakeDirectory(u"SIS Common Store");
  image.MakeFile(u"SIS Common Store/" + Wide(GuidText(SampleGuid(1)) + ".sis"), contents);
}

void AddReparsePoints(NtfsImage& image) {
  image.MakeDirectory(u"reparse");
  const auto add = [&](const std::u16string& name, const std::string& buffer) {
    image.MakeFile(u"reparse/" + name);
    image.SetReparse(u"reparse/" + name, buffer);
  };
  image.MakeFile(u"reparse/sis");
  image.AddStream(u"reparse/sis",
                  {.name = {}, .ranges = {}, .size = 300'000, .holes = true, .valid = {}});
  image.SetReparse(u"reparse/sis", SampleSisReparse(1));
  AddCommonStore(image, TextBytes(300'000, 9));
  add(u"hsm", ReparseBuffer(0xC0000004, RandomBytes(100, 1)));
  add(u"foreign", ReparseBuffer(0x00001234, "of another vendor", RandomBytes(16, 2)));
  add(u"symlink",
      Value(BuildSymlink({.substitute = "..\\elsewhere", .print = "e", .relative = true})));
  add(u"largest", ReparseBuffer(0x80000013, RandomBytes(16'384 - 8, 4)));
  image.MakeDirectory(u"reparse/mount point");
  image.SetReparse(
      u"reparse/mount point",
      Value(BuildMountPoint({.substitute = "\\??\\C:\\folder", .print = "C:\\folder"})));
  // The library takes those of WSL only where this attribute is set.
  image.MakeFile(u"reparse/fifo");
  image.SetAttributesAndTimes(u"reparse/fifo", 0x40000, kFirstTime);
  image.SetReparse(u"reparse/fifo", ReparseBuffer(0x80000024, {}));
  // A hard link and a short name of what is a reparse point.
  image.ShortName(u"reparse/foreign", "FOREIG~1");
  image.Link(u"reparse/hsm", u"reparse/another hsm");
}

void SetAttributes(NtfsImage& image) {
  image.MakeDirectory(u"attributes");
  // Read-only, hidden, system, archive, temporary, offline, not indexed, and those above.
  uint64_t time = kFirstTime;
  for (const uint32_t bits : {0x1u, 0x2u, 0x4u, 0x20u, 0x100u, 0x1000u, 0x2000u, 0x8000u, 0x20000u,
                              0x40000u, 0x80000u, 0x100000u, 0x400000u, 0x27u}) {
    const std::u16string path = u"attributes/" + Wide(std::to_string(bits));
    image.MakeFile(path, "x");
    image.SetAttributesAndTimes(path, bits, time);
    time += 10'000'003;
  }
  image.MakeDirectory(u"attributes/directory");
  image.SetAttributesAndTimes(u"attributes/directory", 0x2006, time);
  for (const char16_t* path :
       {u"links/one", u"names/Directory with a short name", u"encrypted", u"attributes", u""}) {
    image.SetAttributesAndTimes(path, 0, time += 7);
  }
}

}  // namespace

void MakeSmallSampleVolume(const std::string& file) {
  NtfsImage::Make(file, 4 * kMiB, 512, "Small");
  NtfsImage image(file);
  AddNames(image);
  AddLinks(image);
  AddNamedStreams(image);
  AddMetadata(image);
  image.MakeDirectory(u"many");
  for (int i = 0; i < 60; ++i) image.MakeFile(u"many/" + Wide(std::to_string(i)), "x");
  image.MakeFile(u"sparse");
  std::vector<std::pair<uint64_t, std::string>> ranges;
  for (uint64_t i = 0; i < 400; ++i) ranges.emplace_back(i * 20'000, TextBytes(512, 1));
  image.AddStream(u"sparse",
                  {.name = {}, .ranges = ranges, .size = 10 * kMiB, .holes = true, .valid = {}});
  image.MakeFile(u"compressed");
  image.AddStream(u"compressed", {.name = {},
                                  .ranges = {{0, TextBytes(50'000, 1)}, {100'000, "end"}},
                                  .size = {},
                                  .compressed = true,
                                  .valid = {}});
  image.MakeFile(u"encrypted", Ciphertext(10'001, 1));
  image.Encrypt(u"encrypted", BareEfsMetadata(700));
  image.MakeFile(u"sis");
  image.SetReparse(u"sis", SampleSisReparse(1));
  AddCommonStore(image, {});
}

std::string ReparseBuffer(uint32_t tag, const std::string& data, const std::string& guid) {
  std::string buffer;
  WriteCursor write(buffer);
  write.U32(tag);
  write.U16(static_cast<uint16_t>(data.size()));
  write.U16(0);
  write.Text(guid);
  write.Text(data);
  return buffer;
}

void MakeSampleVolume(const std::string& file, uint32_t cluster_bytes, uint64_t size_bytes) {
  NtfsImage::Make(file, size_bytes, cluster_bytes, "Sample");
  NtfsImage image(file);
  AddNames(image);
  AddLinks(image);
  AddNamedStreams(image);
  AddHoles(image, cluster_bytes);
  AddValidLengths(image);
  if (cluster_bytes <= kMostCompressedCluster) AddCompressed(image);
  AddEncrypted(image);
  AddMetadata(image);
  AddReparsePoints(image);
  SetAttributes(image);
}

}  // namespace tapir::test
