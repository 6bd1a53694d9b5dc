#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/windows/encrypted_file.h"

namespace tapir::test {

/// What a key entry of the samples says; a recovery agent's thumbprint is another one.
inline constexpr char kSampleSid[] = "S-1-5-21-1-2-3-1001";
inline constexpr char kUserThumbprint[] = "4141414141414141414141414141414141414141";
inline constexpr char kAgentThumbprint[] = "4242424242424242424242424242424242424242";

/// $EFS with a key list: one user, and one recovery agent if asked for.
std::string KeyListMetadata(uint32_t version, bool with_agent);
/// $EFS with protectors: one user by a certificate, one by a descriptor in version 5.
std::string ProtectorMetadata(uint32_t version);
/// A protector's datum, its size filled in.
std::string Datum(uint16_t role, uint16_t type, const std::string& body);

/// An encrypted file in memory whose stored bytes follow from their stream and offset.
class SampleFile : public RawEncryptedSource {
 public:
  SampleFile(std::string metadata, std::vector<RawEncryptedStream> streams)
      : metadata_(std::move(metadata)), streams_(std::move(streams)) {}
  Result<std::string> Metadata() override { return metadata_; }
  Result<std::vector<RawEncryptedStream>> Streams() override { return streams_; }
  Status Read(size_t stream, uint64_t offset, std::span<std::byte> into) override;

  static char StoredByte(size_t stream, uint64_t offset);

 private:
  std::string metadata_;
  std::vector<RawEncryptedStream> streams_;
};

/// What arrives in a sink, or would arrive of a SampleFile.
struct ArrivedFile {
  struct Stream {
    std::string raw_name;
    bool encrypted = false;
    uint64_t size = 0;
    uint64_t valid_data_length = 0;
    bool sparse = false;
    std::map<uint64_t, std::string> written;  ///< by offset, adjacent pieces joined
    bool operator==(const Stream&) const = default;
  };
  std::string metadata;
  std::vector<Stream> streams;
  bool finished = false;
  bool operator==(const ArrivedFile&) const = default;
};

/// A sink that outlives its use: what it is given goes to `arrived`.
class SampleSink : public RawEncryptedSink {
 public:
  explicit SampleSink(ArrivedFile& arrived) : arrived_(arrived) {}
  Status Begin(std::span<const std::byte> metadata) override;
  Status BeginStream(std::span<const std::byte> raw_name, bool encrypted) override;
  Status Write(uint64_t offset, std::span<const std::byte> bytes) override;
  Status EndStream(const StreamEnd& end) override;
  Status Finish() override;

 private:
  ArrivedFile& arrived_;
};

/// Imports an export that comes in pieces of at most `piece` bytes.
Status ImportExport(std::string_view bytes, size_t piece, ArrivedFile& arrived);

/// A whole stream with clusters throughout.
RawEncryptedStream SolidStream(const std::string& name, uint64_t size);
/// What a sink gets of a file that is exported and imported.
ArrivedFile Expected(std::string metadata, const std::vector<RawEncryptedStream>& streams);
std::string ExportOf(const std::string& metadata, const std::vector<RawEncryptedStream>& streams);
/// A few hundred bytes more than the least: an encrypted stream, sparse and longer than its valid
/// data, a named one, and a plain one.
std::string SmallExport();

}  // namespace tapir::test
