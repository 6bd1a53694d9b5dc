#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/efs_metadata.h"
#include "tapir/windows/finding.h"

namespace tapir {

/// A stream's name in a raw export, as bytes: "::$DATA" for the unnamed stream (an empty `name`),
/// else ":name:$DATA", in UTF-16LE with a NUL. Nothing if `name` is not WTF-8, or has a
/// colon or a NUL.
std::optional<std::string> EfsRawStreamName(std::string_view name);

/// The name that EfsRawStreamName was given, as WTF-8; with or without the NUL. Nothing if the
/// bytes do not name a data stream.
std::optional<std::string> EfsStreamNameOf(std::span<const std::byte> raw_name);

/// What a raw export says of one stream without any key.
struct EfsRawStreamSummary {
  uint64_t place = 0;      ///< of its header, bytes from the start of the export
  std::string name;        ///< as stored, but WTF-8 and without a NUL at its end: "::$DATA"
  bool encrypted = false;  ///< its bytes are ciphertext
  uint64_t size = 0;       ///< bytes of plaintext
  uint64_t valid_data_length = 0;
  uint64_t stored_bytes = 0;  ///< bytes of ciphertext in the export
  bool sparse = false;
  std::optional<uint64_t> cluster_bytes;  ///< of the source volume, if a segment says it
};

struct EfsRawSummary {
  uint64_t bytes = 0;  ///< of the export
  EfsMetadata metadata;
  std::vector<EfsRawStreamSummary> streams;
  /// Those of the metadata stand here, too, with their place in the export.
  std::vector<Finding> findings;

  /// False if Windows would not import it.
  bool well_formed() const;
};

/// Checks a raw export that comes in pieces of any size ([MS-EFSR] 2.2.3), and sums up what it
/// holds. Behind the first fault that hides where the next structure begins, nothing is read any
/// more. Memory is bounded: the metadata, the names and one header. Single-thread.
class EfsRawValidator {
 public:
  EfsRawValidator();
  ~EfsRawValidator();
  EfsRawValidator(EfsRawValidator&&) noexcept;
  EfsRawValidator& operator=(EfsRawValidator&&) noexcept;

  void Feed(std::span<const std::byte> bytes);
  /// Call once, behind the last bytes.
  EfsRawSummary Finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

EfsRawSummary ValidateEfsRaw(std::span<const std::byte> bytes);

/// True if these may be the first bytes of a raw export; 12 tell.
bool LooksLikeEfsRaw(std::span<const std::byte> first_bytes);

}  // namespace tapir
