// Makes an image of an NTFS volume that has one of everything NTFS keeps: tapir_ntfs_sample FILE.

#include <cstdio>

#include "tests/support/ntfs_sample_volume.h"

int main(int argc, char** argv) {
  constexpr uint32_t kClusterBytes = 4096;
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  tapir::test::MakeSampleVolume(argv[1], kClusterBytes);
  return 0;
}
