#pragma once

#include "fuzz/support/volume_image.h"

namespace tapir::fuzz {

/// Makes right what a volume says of its own parts, as far as these can be read: digests of small
/// files, index entries of their records, digests of index pages and of session ends. Checksums are
/// left to VolumeImage::Seal.
void FixDigests(VolumeImage& image);

}  // namespace tapir::fuzz
