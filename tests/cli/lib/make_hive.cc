// Makes a registry hive of what a .reg export holds below a key: tapir_make_hive EXPORT KEY HIVE.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/hive_writer.h"
#include "tapir/windows/registry_export.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s EXPORT KEY HIVE\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const tapir::RegistryExport exported = tapir::ReadRegistryExport(tapir::AsBytes(text));
  for (const tapir::Finding& finding : exported.findings) {
    std::fprintf(stderr, "%s: %s\n", argv[1], finding.text.c_str());
    return 1;
  }
  const std::string key = argv[2];
  const tapir::RegistryKey* root = exported.root.Find(std::u16string(key.begin(), key.end()));
  if (root == nullptr) {
    std::fprintf(stderr, "%s: no key %s\n", argv[1], argv[2]);
    return 1;
  }
  const tapir::Result<std::string> hive = tapir::BuildHive(*root, {});
  if (!hive.ok()) {
    std::fprintf(stderr, "%s\n", hive.status().ToString().c_str());
    return 1;
  }
  std::ofstream(argv[3], std::ios::binary) << *hive;
  return 0;
}
