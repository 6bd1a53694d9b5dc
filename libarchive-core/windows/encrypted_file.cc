#include "tapir/windows/encrypted_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "windows/efs_raw_importer.h"
#include "windows/efs_raw_reader.h"
#include "windows/efs_raw_writer.h"

namespace tapir {
namespace {

constexpr size_t kCallbackBytes = 64 << 10;

Status CallbackAborted(uint32_t value) {
  return Cancelled(fmt::format("the callback returned {}", value))
      .WithReason(static_cast<int>(value));
}

}  // namespace

struct EncryptedFile::State {
  std::unique_ptr<RawEncryptedSource> source;
  std::unique_ptr<RawEncryptedSink> sink;
  bool directory = false;
  bool drop_named = false;
};

EncryptedFile::EncryptedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
EncryptedFile::EncryptedFile(EncryptedFile&&) noexcept = default;
EncryptedFile& EncryptedFile::operator=(EncryptedFile&&) noexcept = default;
EncryptedFile::~EncryptedFile() = default;

void EncryptedFile::Close() { state_.reset(); }

Result<EncryptedFile> EncryptedFile::Open(RawEncryptedVolume& volume, std::string_view path,
                                          uint32_t flags) {
  constexpr uint32_t kKnown =
      kEfsCreateForImport | kEfsCreateForDirectory | kEfsOverwriteHidden | kEfsDropAlternateStreams;
  const bool import = (flags & kEfsCreateForImport) != 0;
  auto state = std::make_unique<State>();
  state->directory = (flags & kEfsCreateForDirectory) != 0;
  state->drop_named = (flags & kEfsDropAlternateStreams) != 0;
  if ((flags & ~kKnown) != 0 || (state->directory && !import)) {
    return InvalidArgument(
        fmt::format("an encrypted file cannot be opened with flags {:#x}", flags));
  }
  if (import) {
    const RawImportOptions options = {.directory = state->directory,
                                      .overwrite_hidden = (flags & kEfsOverwriteHidden) != 0};
    TAPIR_ASSIGN_OR_RETURN(state->sink, volume.OpenForImport(path, options));
  } else {
    TAPIR_ASSIGN_OR_RETURN(state->source, volume.OpenForExport(path));
  }
  return EncryptedFile(std::move(state));
}

Status EncryptedFile::ReadRaw(const RawExportCallback& callback) {
  if (!state_ || !state_->source) return InvalidArgument("not open for export");
  RawEncryptedSource& source = *state_->source;
  TAPIR_ASSIGN_OR_RETURN(std::string metadata, source.Metadata());
  TAPIR_ASSIGN_OR_RETURN(std::vector<RawEncryptedStream> streams, source.Streams());
  std::vector<RawEncryptedStream> kept;
  std::vector<size_t> numbers;  // of those kept, in the source
  for (size_t i = 0; i < streams.size(); ++i) {
    if (state_->drop_named && !IsUnnamedEfsStream(AsBytes(streams[i].raw_name))) continue;
    kept.push_back(std::move(streams[i]));
    numbers.push_back(i);
  }
  const auto pull = [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
    return source.Read(numbers[stream], offset, into);
  };
  TAPIR_ASSIGN_OR_RETURN(EfsRawWriter writer,
                         EfsRawWriter::Make(std::move(metadata), std::move(kept), pull));
  std::vector<std::byte> buffer(kCallbackBytes);
  while (true) {
    TAPIR_ASSIGN_OR_RETURN(const size_t filled, writer.Read(buffer));
    if (filled == 0) return OkStatus();
    const uint32_t value = callback(std::span(buffer).first(filled));
    if (value != 0) return CallbackAborted(value);
  }
}

Status EncryptedFile::WriteRaw(const RawImportCallback& callback) {
  if (!state_ || !state_->sink) return InvalidArgument("not open for import");
  const std::unique_ptr<RawEncryptedSink> sink = std::move(state_->sink);
  EfsRawImporter importer(*sink, state_->directory, state_->drop_named);
  EfsRawReader reader(importer);
  std::vector<std::byte> buffer(kCallbackBytes);
  while (true) {
    auto length = static_cast<uint32_t>(buffer.size());
    const uint32_t value = callback(buffer, length);
    if (value != 0) return CallbackAborted(value);
    if (length > buffer.size()) {
      return InvalidArgument(
          fmt::format("the callback filled {} of {} bytes", length, buffer.size()));
    }
    if (length == 0) break;
    TAPIR_RETURN_IF_ERROR(reader.Feed(std::span(buffer).first(length)));
  }
  TAPIR_RETURN_IF_ERROR(reader.Finish());
  return sink->Finish();
}

}  // namespace tapir
