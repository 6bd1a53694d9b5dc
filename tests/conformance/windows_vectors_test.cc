#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "object/foreign_form.h"
#include "source/backup_plan.h"
#include "tapir/windows/guid.h"
#include "tapir/windows/reparse_data.h"
#include "tests/conformance/vector_file.h"
#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/windows_samples.h"

// Objects as sources for Windows' own forms give them, without any of these sources.
namespace tapir::test {
namespace {

constexpr uint32_t kHidden = 0x2;
constexpr uint32_t kSystem = 0x4;
constexpr uint32_t kArchive = 0x20;
constexpr uint32_t kModeOfDirectory = 0755;
constexpr uint32_t kModeOfFile = 0644;

NtfsMetadata NtfsOf(uint32_t file_attributes, uint64_t record) {
  NtfsMetadata ntfs;
  ntfs.file_attributes = file_attributes;
  ntfs.creation_time = 132'000'000'000'000'001;
  ntfs.modification_time = 132'000'000'012'345'678;
  ntfs.change_time = 132'000'000'023'456'789;
  ntfs.access_time = 132'000'000'034'567'890;
  ntfs.file_reference = uint64_t{3} << 48 | record;
  return ntfs;
}

void Keep(MemoryObject& object, const NtfsMetadata& ntfs) {
  object.metadata.path_encoding = PathEncoding::kWtf8;
  object.metadata.mode = object.type == ObjectType::kDirectory ? kModeOfDirectory : kModeOfFile;
  object.metadata.mtime = {1'555'526'401, 234'567'800};
  object.metadata.ntfs = std::make_shared<NtfsMetadata>(ntfs);
}

MemoryObject OnVolume(std::string path, const std::string& bytes, const NtfsMetadata& ntfs) {
  MemoryObject object = File(std::move(path), bytes);
  if ((ntfs.file_attributes & kWindowsDirectory) != 0) object.type = ObjectType::kDirectory;
  Keep(object, ntfs);
  return object;
}

MemoryStream NamedStream(std::string name, std::string bytes) {
  MemoryStream stream;
  stream.name = std::move(name);
  stream.bytes = std::move(bytes);
  return stream;
}

std::vector<std::byte> VolumeOf(std::vector<MemoryObject> objects) {
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  Check(volume.Add(std::move(objects)).status());
  return BytesOf(volume.device());
}

MemoryObject DirectoryWithAll() {
  NtfsMetadata ntfs = NtfsOf(kWindowsDirectory | kWindowsCompressed, 40);
  ntfs.short_name = "DOCUME~1";
  ntfs.security_descriptor = SampleSecurity();
  ntfs.object_id = std::string(64, 'd');
  MemoryObject directory = OnVolume("Documents and Settings", "", ntfs);
  directory.further_streams = {NamedStream("note", "of a directory")};
  return directory;
}

// Everything but reparse data, which on NTFS excludes extended attributes.
MemoryObject FileWithAll() {
  NtfsMetadata ntfs = NtfsOf(kArchive | kWindowsSparse | kWindowsCompressed, 41);
  ntfs.short_name = "EVERYT~1.BIN";
  ntfs.security_descriptor = SampleSecurity();
  ntfs.object_id = std::string(16, 'f');
  ntfs.extended_attributes = SampleEa();
  ntfs.streams = {
      {.number = 0, .compressed = true, .size = 3000, .valid_bytes = 2000},
      {.number = 2, .sparse = true, .size = 200'000, .valid_bytes = 70'000},
  };
  MemoryObject file =
      OnVolume("Documents and Settings/everything there is.bin", TextBytes(2000, 1), ntfs);
  file.size = 3000;
  MemoryStream holes = NamedStream("holes", "");
  holes.ranges = {{65'536, TextBytes(4464, 2)}};
  holes.size = 200'000;
  file.further_streams = {NamedStream("Zone.Identifier", "[ZoneTransfer]\r\nZoneId=3\r\n"), holes};
  file.inode = 41;
  file.link_count = 2;
  return file;
}

MemoryObject SecondName(MemoryObject file) {
  file.path = "again everything.bin";
  NtfsMetadata ntfs = *file.metadata.ntfs;
  ntfs.short_name = "AGAINE~1.BIN";
  Keep(file, ntfs);
  return file;
}

std::vector<MemoryObject> ObjectsOfNtfs() {
  std::vector<MemoryObject> objects{DirectoryWithAll(), FileWithAll(), SecondName(FileWithAll())};
  objects.push_back(OnVolume(".", "", NtfsOf(kWindowsDirectory | kHidden | kSystem, 5)));
  NtfsMetadata both = NtfsOf(kArchive | kWindowsReadOnly, 42);
  both.short_name = "BOTH.TXT";
  MemoryObject read_only = OnVolume("BOTH.TXT", "one name for both\n", both);
  read_only.metadata.mode = 0444;
  objects.push_back(read_only);
  MemoryObject surrogates = OnVolume("unpaired \xED\xA0\x80", "contents\n", NtfsOf(kArchive, 43));
  surrogates.further_streams = {NamedStream("\xED\xBF\xBF low", "stream\n")};
  objects.push_back(surrogates);
  NtfsMetadata junction = NtfsOf(kWindowsDirectory | kWindowsReparsePoint, 44);
  junction.reparse_data = Value(BuildMountPoint({"\\??\\C:\\Documents and Settings", "C:\\D"}));
  objects.push_back(OnVolume("junction", "", junction));
  NtfsMetadata symlink = NtfsOf(kArchive | kWindowsReparsePoint, 45);
  symlink.reparse_data = Value(BuildSymlink({"BOTH.TXT", "BOTH.TXT", true}));
  objects.push_back(OnVolume("symbolic link", "", symlink));
  return objects;
}

TEST(WindowsVectors, Ntfs) { ExpectIsVector("ntfs", VolumeOf(ObjectsOfNtfs())); }

// Each of them breaks a rule of chapter 11 or 5, but one.
TEST(WindowsVectors, MalformedNtfs) {
  NtfsMetadata sound = NtfsOf(kArchive | kWindowsSparse, 46);
  sound.streams = {{.number = 0, .sparse = true, .size = 6, .valid_bytes = 6}};
  NtfsMetadata of_no_stream = sound;
  of_no_stream.streams = {{.number = 1, .sparse = true, .size = 6, .valid_bytes = 6}};
  NtfsMetadata too_valid = sound;
  too_valid.streams.front().valid_bytes = 7;
  NtfsMetadata of_directory = NtfsOf(kWindowsDirectory | kWindowsCompressed, 47);
  of_directory.streams = {{.number = 0, .compressed = true}};
  NtfsMetadata of_other_size = sound;
  of_other_size.streams.front().size = 7;
  MemoryObject undeclared = OnVolume("data of no stream", "bytes\n", NtfsOf(kArchive, 48));
  undeclared.further_streams = {NamedStream("not named", "lost\n")};
  undeclared.declares_streams = false;
  ExpectIsVector("ntfs-malformed",
                 VolumeOf({OnVolume("NTFS_STREAM of no stream", "bytes\n", of_no_stream),
                           OnVolume("contents of a directory", "", of_directory), undeclared,
                           OnVolume("sound", "bytes\n", sound),
                           OnVolume("two sizes", "bytes\n", of_other_size),
                           OnVolume("valid behind its end", "bytes\n", too_valid)}));
}

// The length of contents that stand in the store.
constexpr uint64_t kLinkedBytes = 3000;
const char kStore[] = "SIS Common Store";

std::string StoreFile() { return std::string(kStore) + "/" + GuidText(SampleGuid(1)) + ".sis"; }

MemoryObject SisLink(std::string path, uint64_t record, SisPairing pairing) {
  NtfsMetadata ntfs = NtfsOf(kArchive | kWindowsSparse | kWindowsReparsePoint, record);
  ntfs.reparse_data = SampleSisReparse(1, uint64_t{3} << 48 | 52);
  ntfs.sis = {SisRole::kLink, pairing, {StoreFile()}};
  ntfs.streams = {{.number = 0, .sparse = true, .size = kLinkedBytes, .valid_bytes = kLinkedBytes}};
  MemoryObject link = OnVolume(std::move(path), "", ntfs);
  link.size = kLinkedBytes;
  return link;
}

std::vector<MemoryObject> ObjectsOfSis() {
  NtfsMetadata internal = NtfsOf(kArchive | kHidden | kSystem, 51);
  internal.sis.role = SisRole::kInternalFile;
  NtfsMetadata shared = NtfsOf(kArchive, 52);
  shared.sis.role = SisRole::kCommonStoreFile;
  NtfsMetadata other = NtfsOf(kArchive, 53);
  other.sis.role = SisRole::kOtherFile;
  MemoryObject changed = SisLink("link with a range of its own", 55, SisPairing::kName);
  changed.ranges = {{0, TextBytes(1024, 7)}};
  MemoryObject orphan = SisLink("orphan", 56, SisPairing::kOrphan);
  NtfsMetadata lost = *orphan.metadata.ntfs;
  lost.reparse_data = SampleSisReparse(2, uint64_t{1} << 48 | 99);
  lost.sis.files.clear();
  Keep(orphan, lost);
  return {OnVolume(kStore, "", NtfsOf(kWindowsDirectory | kHidden | kSystem, 50)),
          OnVolume(StoreFile(), TextBytes(kLinkedBytes, 6), shared),
          OnVolume("SIS Common Store/MaxIndex", std::string("\3\0\0\0\0\0\0\0", 8), internal),
          OnVolume("SIS Common Store/left over", "no link refers to it", other),
          SisLink("link", 54, SisPairing::kFileReference),
          changed,
          orphan};
}

TEST(WindowsVectors, Sis) { ExpectIsVector("sis", VolumeOf(ObjectsOfSis())); }

TEST(WindowsVectors, MalformedSis) {
  NtfsMetadata unknown_role = NtfsOf(kArchive, 57);
  unknown_role.sis.role = static_cast<SisRole>(9);
  MemoryObject climbing = SisLink("path that climbs", 58, SisPairing::kName);
  NtfsMetadata ntfs = *climbing.metadata.ntfs;
  ntfs.sis.files = {"SIS Common Store/../../etc/passwd"};
  Keep(climbing, ntfs);
  MemoryObject absent = SisLink("store file that is not there", 59, SisPairing::kName);
  ExpectIsVector("sis-malformed",
                 VolumeOf({climbing, OnVolume("role 9", "bytes\n", unknown_role), absent}));
}

MemoryStream Ciphertext(std::string name, size_t bytes, uint64_t seed) {
  MemoryStream stream = NamedStream(std::move(name), RandomBytes(bytes, seed));
  stream.incompressible = true;
  return stream;
}

MemoryObject EncryptedFile(std::string path) {
  NtfsMetadata ntfs = NtfsOf(kArchive | kWindowsEncrypted | kWindowsSparse, 61);
  ntfs.efs_metadata = KeyListMetadata(2, true);
  ntfs.streams = {
      {.number = 0, .sparse = true, .encrypted = true, .size = 9000, .valid_bytes = 2100},
      {.number = 1, .encrypted = true, .size = 12, .valid_bytes = 12},
      {.number = 2, .encrypted = true, .size = 700, .valid_bytes = 0},
  };
  MemoryObject file = OnVolume(std::move(path), "", ntfs);
  file.incompressible = true;
  file.ranges = {{1024, RandomBytes(1536, 1)}};
  file.size = 2560;
  file.further_streams = {Ciphertext("also secret", 512, 2), Ciphertext("not valid yet", 0, 3),
                          NamedStream("plain", "known to all")};
  return file;
}

MemoryObject RawExport(std::string path) {
  NtfsMetadata ntfs;
  ntfs.file_attributes = kArchive | kWindowsEncrypted;
  ntfs.creation_time = ntfs.modification_time = ntfs.change_time = ntfs.access_time =
      132'000'000'012'345'678;
  MemoryObject file = OnVolume(std::move(path), SmallExport(), ntfs);
  file.incompressible = true;
  file.metadata.opaque_records = {MakeRawExportRecord()};
  return file;
}

std::vector<MemoryObject> ObjectsOfEfs() {
  NtfsMetadata directory = NtfsOf(kWindowsDirectory | kWindowsEncrypted, 60);
  directory.efs_metadata = KeyListMetadata(3, false);
  return {OnVolume("private", "", directory), EncryptedFile("private/secret"),
          RawExport("raw export")};
}

TEST(WindowsVectors, Efs) { ExpectIsVector("efs", VolumeOf(ObjectsOfEfs())); }

// The object that a sequence of backup streams tells, or the sequence as it is.
MemoryObject DumpedObject(std::string path, const std::string& sequence) {
  source::BackupPlan plan;
  BackupStreamReader reader(plan, BackupStreamMode::kLenient);
  Check(reader.Push(AsBytes(sequence)));
  Check(reader.Finish());
  MemoryObject object = File(std::move(path), "");
  object.metadata.path_encoding = PathEncoding::kWtf8;
  if (!plan.lossless()) {
    object.bytes = sequence;
    object.metadata.opaque_records = {MakeBackupRecord({.verbatim = true, .skeleton = {}})};
    return object;
  }
  object.metadata.opaque_records = {MakeBackupRecord(plan.layout())};
  NtfsMetadata ntfs = plan.ntfs();
  ntfs.file_attributes |= kArchive;
  ntfs.creation_time = ntfs.modification_time = ntfs.change_time = ntfs.access_time =
      132'000'000'012'345'678;
  Keep(object, ntfs);
  for (const source::PlacedStream& stream : plan.streams()) {
    MemoryContents contents;
    contents.size = stream.size;
    for (const PlacedRange& range : stream.ranges) {
      contents.ranges.emplace_back(range.offset_bytes,
                                   sequence.substr(range.place_bytes, range.length_bytes));
    }
    if (stream.head.number == 0) {
      static_cast<MemoryContents&>(object) = contents;
    } else {
      object.further_streams.push_back({contents, stream.head.name});
    }
  }
  return object;
}

TEST(WindowsVectors, BackupStreams) {
  const BackupStreamHeader data{.id = BackupStreamId::kData, .size_bytes = 5};
  const std::string twice = StreamBytes(data, "first") + StreamBytes(data, "again");
  ExpectIsVector("backup-stream", VolumeOf({DumpedObject("told", WriteSample(SampleBackupFile())),
                                            DumpedObject("verbatim", twice)}));
}

// Forms of a later version are files of what their stream 0 holds; bytes behind a known form are
// passed over.
TEST(WindowsVectors, LaterForms) {
  MemoryObject longer = RawExport("longer record");
  longer.metadata.opaque_records.front().body += std::string(8, '\x7F');
  MemoryObject later_export = RawExport("raw export of version 2");
  later_export.metadata.opaque_records.front().body[0] = 2;
  MemoryObject later_form = DumpedObject("backup streams of form 3", "");
  later_form.bytes = "of a later form";
  later_form.ranges.clear();
  later_form.size.reset();
  later_form.metadata.opaque_records.front().body[2] = 3;
  ExpectIsVector("later-forms", VolumeOf({later_form, longer, later_export}));
}

}  // namespace
}  // namespace tapir::test
