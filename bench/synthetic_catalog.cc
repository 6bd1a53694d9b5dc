#include "bench/synthetic_catalog.h"

#include <fmt/format.h>

#include <map>

#include "bytes/cursor.h"
#include "tapir/object/path_order.h"

namespace tapir::bench {
namespace {

constexpr size_t kWords = 3000;
constexpr int kLargeDirectory = 100'000;

std::string MakeWord(std::mt19937_64& random) {
  static constexpr const char* kSyllables[] = {"ba", "con", "de",   "fi", "gra", "ho",  "in",
                                               "ka", "lo",  "men",  "na", "or",  "pre", "qui",
                                               "re", "sta", "tion", "ul", "ver", "xen", "zo"};
  std::string word;
  for (size_t i = 2 + random() % 3; i > 0; --i) word += kSyllables[random() % 21];
  return word;
}

}  // namespace

SyntheticTree::SyntheticTree(uint64_t objects, uint32_t seed) : wanted_(objects), random_(seed) {
  for (size_t i = 0; i < kWords; ++i) words_.push_back(MakeWord(random_));
}

// A few words are frequent, most are rare.
const std::string& SyntheticTree::Word() {
  const size_t rank = Below(kWords) * Below(kWords) / kWords;
  return words_[rank];
}

std::set<std::string> SyntheticTree::FilesOf(Kind kind) {
  static constexpr const char* kSourceEnds[] = {".c", ".h", ".cc", ".py", ".o", ".txt"};
  static constexpr const char* kDocumentEnds[] = {".pdf", ".docx", ".odt", ".xlsx", ".txt"};
  std::set<std::string> names;
  switch (kind) {
    case Kind::kHome:
      for (size_t i = Below(6); i > 0; --i) names.insert("." + Word() + "rc");
      break;
    case Kind::kSource:
      names.insert({"Makefile", "README.md"});
      for (size_t i = Below(30); i > 0; --i)
        names.insert(Word() + "_" + Word() + kSourceEnds[Below(6)]);
      break;
    case Kind::kPhotos:
      for (size_t i = 20 + Below(200), first = Below(9000); i > 0; --i, ++first) {
        names.insert(fmt::format("IMG_{:04}.JPG", first % 10000));
      }
      break;
    case Kind::kDocuments:
      for (size_t i = Below(25); i > 0; --i) {
        names.insert(fmt::format("{} {} {}-{:02}{}", Word(), Word(), 1998 + Below(28),
                                 1 + Below(12), kDocumentEnds[Below(5)]));
      }
      break;
    case Kind::kMail:
      for (size_t i = 10 + Below(300); i > 0; --i) {
        names.insert(fmt::format("{}.M{}P{}.host,S={}", 1'000'000'000 + Below(700'000'000),
                                 Below(1'000'000), Below(32768), Below(90'000)));
      }
      break;
    case Kind::kPackage:
      names.insert({"package.json", "index.js", "LICENSE"});
      for (size_t i = Below(12); i > 0; --i) names.insert(Word() + ".js");
      break;
  }
  return names;
}

std::set<std::string> SyntheticTree::DirectoriesOf(Kind kind, int depth) {
  std::set<std::string> names;
  const size_t most = depth == 0 ? 400 : depth < 3 ? 14 : depth < 7 ? 4 : 0;
  for (size_t i = most == 0 ? 0 : 1 + Below(most); i > 0; --i) {
    names.insert(kind == Kind::kPhotos
                     ? fmt::format("{}-{:02}-{:02}", 2000 + Below(26), 1 + Below(12), 1 + Below(28))
                     : Word());
  }
  return names;
}

Entry SyntheticTree::MakeEntry(std::string path, ObjectType type) {
  Entry entry;
  entry.ordinal = made_++;
  entry.path = std::move(path);
  entry.type = type;
  entry.mode = type == ObjectType::kDirectory ? 0755 : 0644;
  entry.uid = 1000 + static_cast<uint32_t>(made_ / 1'000'000);
  entry.gid = 1000;
  entry.mtime = {1'400'000'000 + static_cast<int64_t>(Below(300'000'000)),
                 static_cast<uint32_t>(Below(kNanosecondsPerSecond))};
  entry.block_object = unit_;
  entry.block_unit = unit_;
  if (type != ObjectType::kRegular) return entry;
  entry.size = uint64_t{1} << (4 + Below(18));
  entry.size += Below(entry.size);
  unit_ += made_ % 64 == 0 ? 256 : 0;
  for (size_t i = 0; i < entry.xxh128.size(); i += 8) StoreLe(&entry.xxh128[i], random_());
  return entry;
}

// As often as they occur.
constexpr SyntheticTree::Kind kKinds[] = {
    SyntheticTree::Kind::kHome,   SyntheticTree::Kind::kSource,    SyntheticTree::Kind::kSource,
    SyntheticTree::Kind::kSource, SyntheticTree::Kind::kSource,    SyntheticTree::Kind::kPhotos,
    SyntheticTree::Kind::kPhotos, SyntheticTree::Kind::kDocuments, SyntheticTree::Kind::kDocuments,
    SyntheticTree::Kind::kMail,   SyntheticTree::Kind::kPackage,   SyntheticTree::Kind::kPackage};

Status SyntheticTree::WalkDirectory(const std::string& path, Kind kind, int depth,
                                    const std::function<Status(Entry)>& take) {
  std::map<std::string, bool> children;
  for (const std::string& name : FilesOf(kind)) children.emplace(name, false);
  for (const std::string& name : DirectoriesOf(kind, depth)) children[name] = true;
  for (const auto& [name, is_directory] : children) {
    if (made_ >= wanted_) return OkStatus();
    const std::string child = path.empty() ? name : path + "/" + name;
    TAPIR_RETURN_IF_ERROR(
        take(MakeEntry(child, is_directory ? ObjectType::kDirectory : ObjectType::kRegular)));
    if (!is_directory) continue;
    const Kind below = depth < 2 ? kKinds[Below(std::size(kKinds))] : kind;
    TAPIR_RETURN_IF_ERROR(WalkDirectory(child, below, depth + 1, take));
  }
  return OkStatus();
}

// Scanners and instruments leave such directories.
Status SyntheticTree::WalkLargeDirectory(const std::string& path,
                                         const std::function<Status(Entry)>& take) {
  TAPIR_RETURN_IF_ERROR(take(MakeEntry(path, ObjectType::kDirectory)));
  for (int i = 0; i < kLargeDirectory && made_ < wanted_; ++i) {
    TAPIR_RETURN_IF_ERROR(
        take(MakeEntry(fmt::format("{}/scan-{:06}.tiff", path, i), ObjectType::kRegular)));
  }
  return OkStatus();
}

Status SyntheticTree::Walk(const std::function<Status(Entry)>& take) {
  // One user's tree after the other, until there are enough.
  for (int user = 0; made_ < wanted_; ++user) {
    const std::string home = fmt::format("user{:05}", user);
    TAPIR_RETURN_IF_ERROR(take(MakeEntry(home, ObjectType::kDirectory)));
    if (user == 0) TAPIR_RETURN_IF_ERROR(WalkLargeDirectory(home + "/!scans", take));
    TAPIR_RETURN_IF_ERROR(WalkDirectory(home, Kind::kHome, 1, take));
  }
  return OkStatus();
}

}  // namespace tapir::bench
