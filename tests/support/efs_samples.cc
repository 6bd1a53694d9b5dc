#include "tests/support/efs_samples.h"

#include <algorithm>
#include <memory>

#include "bytes/cursor.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/status_matchers.h"
#include "windows/efs_raw_writer.h"

namespace tapir::test {
namespace {

std::string Le16(uint16_t value) {
  std::string bytes;
  WriteCursor(bytes).U16(value);
  return bytes;
}

std::string Le32(uint32_t value) {
  std::string bytes;
  WriteCursor(bytes).U32(value);
  return bytes;
}

std::string Le32s(std::initializer_list<uint32_t> values) {
  std::string bytes;
  for (const uint32_t value : values) bytes += Le32(value);
  return bytes;
}

std::string WithNul(std::u16string_view text) {
  std::string bytes;
  for (const char16_t unit : text) bytes += Le16(unit);
  return bytes + Le16(0);
}

std::string SidBytes() {
  return std::string("\x01\x05\0\0\0\0\0\x05", 8) + Le32s({21, 1, 2, 3, 1001});
}

std::string KeyEntry(char thumbprint) {
  const std::string container = WithNul(u"container");
  const std::string provider = WithNul(u"provider");
  const std::string display = WithNul(u"User \u00E9(user@example)");
  std::string certificate = Le32s({20, 20, 40, static_cast<uint32_t>(40 + container.size()),
                                   static_cast<uint32_t>(40 + container.size() + provider.size())});
  certificate += std::string(20, thumbprint) + container + provider + display;
  const std::string sid = SidBytes();
  const auto certificate_at = static_cast<uint32_t>(28 + sid.size());
  std::string key = Le32s({certificate_at + static_cast<uint32_t>(certificate.size()), 28, 3,
                           static_cast<uint32_t>(certificate.size()), certificate_at, 0, 0});
  key += sid + certificate;
  const auto key_bytes = static_cast<uint32_t>(key.size());
  const std::string fek(64, 'F');
  std::string entry = Le32s({20 + key_bytes + static_cast<uint32_t>(fek.size()), 20,
                             static_cast<uint32_t>(fek.size()), 20 + key_bytes, 0});
  return entry + key + fek;
}

std::string Blob(uint16_t role, uint16_t type, const std::string& bytes) {
  return Datum(role, 1, Le16(type) + Le16(0) + bytes);
}

std::string ProtectorOf(uint16_t type, const std::string& nested) {
  return Datum(2, 3, Le16(type) + Le16(0) + nested);
}

// [0, end) of an extent that is stored.
uint64_t StoredEnd(const RawEncryptedStream& stream, const RawExtent& extent) {
  return std::min(extent.offset + extent.length, RoundUp(stream.valid_data_length, 512));
}

void Append(std::map<uint64_t, std::string>& written, uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (!written.empty()) {
    auto& [begin, last] = *written.rbegin();
    if (begin + last.size() == offset) {
      last += bytes;
      return;
    }
  }
  written.emplace(offset, bytes);
}

class OneFileVolume final : public RawEncryptedVolume {
 public:
  explicit OneFileVolume(ArrivedFile& arrived) : arrived_(arrived) {}
  Result<std::unique_ptr<RawEncryptedSource>> OpenForExport(std::string_view) override {
    return NotFound("nothing to export");
  }
  Result<std::unique_ptr<RawEncryptedSink>> OpenForImport(std::string_view,
                                                          const RawImportOptions&) override {
    return std::unique_ptr<RawEncryptedSink>(std::make_unique<SampleSink>(arrived_));
  }

 private:
  ArrivedFile& arrived_;
};

}  // namespace

Status ImportExport(std::string_view bytes, size_t piece, ArrivedFile& arrived) {
  OneFileVolume volume(arrived);
  EncryptedFile file = Value(EncryptedFile::Open(volume, "f", kEfsCreateForImport));
  return file.WriteRaw([&](std::span<std::byte> buffer, uint32_t& length) {
    length = static_cast<uint32_t>(std::min({buffer.size(), bytes.size(), piece}));
    std::ranges::copy(AsBytes(bytes).first(length), buffer.begin());
    bytes.remove_prefix(length);
    return 0u;
  });
}

std::string Datum(uint16_t role, uint16_t type, const std::string& body) {
  return Le16(static_cast<uint16_t>(8 + body.size())) + Le16(role) + Le16(type) + Le16(0) + body;
}

std::string KeyListMetadata(uint32_t version, bool with_agent) {
  const std::string users = Le32(1) + KeyEntry('A');
  const std::string agents = with_agent ? Le32(1) + KeyEntry('B') : std::string();
  const auto agents_at = with_agent ? static_cast<uint32_t>(84 + users.size()) : 0;
  std::string bytes =
      Le32s({static_cast<uint32_t>(84 + users.size() + agents.size()), 0, version, 0});
  bytes += "0123456789abcdef" + std::string(32, '\0') + Le32s({84, agents_at, 0, 0, 0});
  return bytes + users + agents;
}

std::string ProtectorMetadata(uint32_t version) {
  std::string info = Blob(1, 2, std::string(20, 'A')) + Datum(3, 2, WithNul(u"User name")) +
                     Datum(4, 2, WithNul(u"container")) + Datum(5, 2, WithNul(u"provider")) +
                     Blob(6, 0, SidBytes());
  std::string protectors = ProtectorOf(2, Datum(2, 4, info) + Blob(7, 3, std::string(32, 'K')));
  uint16_t count = 1;
  if (version == 5) {
    ++count;
    protectors += ProtectorOf(3, Datum(0xC, 2, WithNul(u"SID=S-1-1-0")) +
                                     Datum(2, 7, Le16(0) + Blob(7, 5, std::string(16, 'D'))));
  }
  const std::string fek =
      Datum(0, 6, Le32(0x6610) + Blob(0xA, 4, std::string(40, 'W')) + Blob(0xB, 4, "iv"));
  const std::string list =
      Le32(static_cast<uint32_t>(6 + protectors.size())) + Le16(count) + protectors;
  std::string bytes = Le32s({static_cast<uint32_t>(40 + fek.size() + list.size()), 0, version, 0});
  bytes += "0123456789abcdef" + Le32s({static_cast<uint32_t>(40 + fek.size()), 0});
  return bytes + fek + list;
}

char SampleFile::StoredByte(size_t stream, uint64_t offset) {
  const uint64_t mixed = (offset + 1) * 0x9E3779B97F4A7C15u + stream * 0xBF58476D1CE4E5B9u;
  return static_cast<char>(mixed >> 56);
}

Status SampleFile::Read(size_t stream, uint64_t offset, std::span<std::byte> into) {
  for (size_t i = 0; i < into.size(); ++i) {
    into[i] = static_cast<std::byte>(StoredByte(stream, offset + i));
  }
  return OkStatus();
}

Status SampleSink::Begin(std::span<const std::byte> metadata) {
  arrived_.metadata = AsText(metadata);
  return OkStatus();
}

Status SampleSink::BeginStream(std::span<const std::byte> raw_name, bool encrypted) {
  arrived_.streams.push_back({.raw_name = std::string(AsText(raw_name)), .encrypted = encrypted});
  return OkStatus();
}

Status SampleSink::Write(uint64_t offset, std::span<const std::byte> bytes) {
  Append(arrived_.streams.back().written, offset, AsText(bytes));
  return OkStatus();
}

Status SampleSink::EndStream(const StreamEnd& end) {
  ArrivedFile::Stream& stream = arrived_.streams.back();
  stream.size = end.size;
  stream.valid_data_length = end.valid_data_length;
  stream.sparse = end.sparse;
  return OkStatus();
}

Status SampleSink::Finish() {
  arrived_.finished = true;
  return OkStatus();
}

RawEncryptedStream SolidStream(const std::string& name, uint64_t size) {
  RawEncryptedStream stream;
  stream.raw_name = EfsRawStreamName(name).value();
  stream.size = size;
  stream.valid_data_length = size;
  if (size > 0) stream.extents = {{0, size}};
  return stream;
}

ArrivedFile Expected(std::string metadata, const std::vector<RawEncryptedStream>& streams) {
  ArrivedFile file;
  file.metadata = std::move(metadata);
  file.finished = true;
  for (size_t i = 0; i < streams.size(); ++i) {
    const RawEncryptedStream& from = streams[i];
    ArrivedFile::Stream stream = {
        .raw_name = from.raw_name,
        .encrypted = from.encrypted,
        .size = from.size,
        .valid_data_length = from.encrypted ? from.valid_data_length : from.size,
        .sparse = from.encrypted && from.sparse && from.size > 0};
    std::vector<RawExtent> stored;
    if (!from.encrypted) stored = {{0, from.size}};
    for (const RawExtent& extent : from.extents) {
      if (!from.encrypted || extent.offset >= from.valid_data_length) continue;
      stored.push_back({extent.offset, RoundUp(StoredEnd(from, extent), 512) - extent.offset});
    }
    for (const RawExtent& extent : stored) {
      std::string bytes;
      for (uint64_t at = 0; at < extent.length; ++at) {
        bytes += SampleFile::StoredByte(i, extent.offset + at);
      }
      Append(stream.written, extent.offset, bytes);
    }
    file.streams.push_back(std::move(stream));
  }
  return file;
}

std::string ExportOf(const std::string& metadata, const std::vector<RawEncryptedStream>& streams) {
  SampleFile file(metadata, streams);
  EfsRawWriter writer = Value(EfsRawWriter::Make(
      metadata, streams, [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
        return file.Read(stream, offset, into);
      }));
  std::string bytes;
  std::vector<std::byte> buffer(100000);
  while (const size_t filled = Value(writer.Read(buffer))) {
    bytes += AsText(std::span(buffer).first(filled));
  }
  return bytes;
}

std::string SmallExport() {
  RawEncryptedStream sparse = SolidStream("", 9000);
  sparse.sparse = true;
  sparse.valid_data_length = 700;
  sparse.extents = {{512, 512}};
  RawEncryptedStream plain = SolidStream("plain", 9);
  plain.encrypted = false;
  return ExportOf(KeyListMetadata(2, true), {sparse, SolidStream("named", 100), plain});
}

}  // namespace tapir::test
