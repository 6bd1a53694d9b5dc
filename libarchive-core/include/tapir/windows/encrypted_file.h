#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// Encrypted files as they are stored, without a key: what an implementation for a volume gives
/// and takes, and calls over it in the shape of Windows' raw encryption functions
/// (OpenEncryptedFileRaw and its companions). Ciphertext is measured in units of 512 bytes, so the
/// last unit of a stream may reach past the stream's size.

/// A part of a stream that has clusters, in bytes.
struct RawExtent {
  uint64_t offset = 0;
  uint64_t length = 0;

  bool operator==(const RawExtent&) const = default;
};

struct RawEncryptedStream {
  std::string raw_name;   ///< bytes; EfsRawStreamName makes them
  bool encrypted = true;  ///< else its bytes are plain, and none of them is left out
  uint64_t size = 0;      ///< bytes of plaintext
  uint64_t valid_data_length = 0;
  bool sparse = false;
  uint8_t cluster_shift = 12;  ///< log2 of the volume's cluster size, 9 to 21
  /// Ascending and apart. Each begins at a multiple of 512 and ends at one, or at or past the size.
  std::vector<RawExtent> extents;
};

/// An encrypted file or directory that is read. One thread at a time.
class RawEncryptedSource {
 public:
  virtual ~RawEncryptedSource() = default;
  /// The bytes of $EFS.
  virtual Result<std::string> Metadata() = 0;
  virtual Result<std::vector<RawEncryptedStream>> Streams() = 0;
  /// Fills `into` with what is stored at `offset` of a stream, counted as in Streams(): ciphertext
  /// in whole units, which may end past the stream's size; or plain bytes, holes as zeros.
  virtual Status Read(size_t stream, uint64_t offset, std::span<std::byte> into) = 0;
};

/// An encrypted file or directory that is written: Begin, then for each stream BeginStream, Write
/// as often as needed and EndStream, then Finish. One thread at a time. Destroying it without
/// Finish discards what was written.
class RawEncryptedSink {
 public:
  struct StreamEnd {
    uint64_t size = 0;
    uint64_t valid_data_length = 0;
    bool sparse = false;
  };

  virtual ~RawEncryptedSink() = default;
  /// The bytes of $EFS. Their length is within what Windows takes; nothing else about them was
  /// checked.
  virtual Status Begin(std::span<const std::byte> metadata) = 0;
  virtual Status BeginStream(std::span<const std::byte> raw_name, bool encrypted) = 0;
  /// What is not written is a hole, or lies past the valid data length. Ascending, unless one
  /// segment's data pass the begin of the next. Pieces have any size; together they make whole
  /// units of ciphertext, unless the export has warnings (ValidateEfsRaw).
  virtual Status Write(uint64_t offset, std::span<const std::byte> bytes) = 0;
  virtual Status EndStream(const StreamEnd& end) = 0;
  virtual Status Finish() = 0;
};

struct RawImportOptions {
  bool directory = false;
  bool overwrite_hidden = false;
};

/// Where encrypted files are found by their path.
class RawEncryptedVolume {
 public:
  virtual ~RawEncryptedVolume() = default;
  virtual Result<std::unique_ptr<RawEncryptedSource>> OpenForExport(std::string_view path) = 0;
  virtual Result<std::unique_ptr<RawEncryptedSink>> OpenForImport(
      std::string_view path, const RawImportOptions& options) = 0;
};

/// Flags of EncryptedFile::Open, with the values of Windows. Zero opens for export.
enum EncryptedFileFlags : uint32_t {
  kEfsCreateForImport = 0x1,
  kEfsCreateForDirectory = 0x2,     ///< only together with kEfsCreateForImport
  kEfsOverwriteHidden = 0x4,        ///< import over a hidden file; no effect on an export
  kEfsDropAlternateStreams = 0x10,  ///< named streams are left out, whichever way it goes
};

/// Gets the next bytes of the export. Their borders mean nothing. Non-zero aborts.
using RawExportCallback = std::function<uint32_t(std::span<const std::byte> bytes)>;

/// Fills the front of `buffer` with the next bytes of the export. `length` comes as the buffer's
/// size and is set to the bytes filled: any number, 0 at the end. Non-zero aborts.
using RawImportCallback = std::function<uint32_t(std::span<std::byte> buffer, uint32_t& length)>;

/// An encrypted file open for export or for import. Memory is bounded but for the streams' names
/// and extents. Single-thread.
class EncryptedFile {
 public:
  /// kInvalidArgument for flags that do not fit together, else what the volume says. `volume` is
  /// not used any more when this returns.
  static Result<EncryptedFile> Open(RawEncryptedVolume& volume, std::string_view path,
                                    uint32_t flags);
  EncryptedFile(EncryptedFile&&) noexcept;
  EncryptedFile& operator=(EncryptedFile&&) noexcept;
  ~EncryptedFile();

  /// Gives the whole raw export ([MS-EFSR] 2.2.3) to `callback`. kCancelled with the callback's
  /// value as reason() if that is not zero; kInvalidArgument if not open for export or if what the
  /// source says of a stream makes no sense; else what the source says.
  Status ReadRaw(const RawExportCallback& callback);

  /// Takes a whole raw export, once. kCancelled as in ReadRaw; kCorrupt or kTruncated, with the
  /// place, if it is malformed; kInvalidArgument if not open for import, if a callback fills more
  /// than its buffer, or if a directory is given an unnamed data stream; else what the sink says.
  /// Only success leaves anything behind.
  Status WriteRaw(const RawImportCallback& callback);

  /// Gives up the file. Also done by destroying it.
  void Close();

 private:
  struct State;
  explicit EncryptedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tapir
