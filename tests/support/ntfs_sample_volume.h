#pragma once

#include <cstdint>
#include <string>

namespace tapir::test {

/// Makes an image whose volume has one of everything NTFS keeps, on at least 48 MiB. What clusters
/// over 4 KiB do not allow is left out.
void MakeSampleVolume(const std::string& file, uint32_t cluster_bytes,
                      uint64_t size_bytes = uint64_t{48} << 20);

/// A bit of each in 4 MiB.
void MakeSmallSampleVolume(const std::string& file);

/// A reparse buffer. `guid`: 16 bytes, for tags that are not of Microsoft, else empty.
std::string ReparseBuffer(uint32_t tag, const std::string& data, const std::string& guid = {});

}  // namespace tapir::test
