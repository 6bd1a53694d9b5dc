#include "target/windows_sidecar.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "bytes/cursor.h"
#include "tapir/base/hex.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWindowsSidecarName = ".tapir-windows.json";
constexpr size_t kSpoolBytes = 4u << 20;

void PutBytes(Json& object, const char* name, const std::string& bytes) {
  if (!bytes.empty()) object[name] = Hex(AsBytes(bytes));
}

Json StreamsOf(const Metadata& metadata) {
  Json streams = Json::array();
  for (const NtfsStream& state : metadata.ntfs->streams) {
    Json stream;
    std::string name;
    for (const FurtherStream& further : metadata.further_streams) {
      if (further.number == state.number) name = further.name;
    }
    stream["name"] = name;
    stream["size"] = state.size;
    stream["valid_bytes"] = state.valid_bytes;
    stream["sparse"] = state.sparse;
    stream["compressed"] = state.compressed;
    stream["encrypted"] = state.encrypted;
    streams.push_back(std::move(stream));
  }
  return streams;
}

Json ObjectOf(const Metadata& metadata) {
  const NtfsMetadata& ntfs = *metadata.ntfs;
  const std::string name = metadata.path.substr(metadata.path.rfind('/') + 1);
  Json object;
  object["name"] = name;
  // Lone surrogates cannot stand in JSON.
  object["name_hex"] = Hex(AsBytes(name));
  object["attributes"] = ntfs.file_attributes;
  object["creation_time"] = ntfs.creation_time;
  object["modification_time"] = ntfs.modification_time;
  object["change_time"] = ntfs.change_time;
  object["access_time"] = ntfs.access_time;
  object["file_reference"] = ntfs.file_reference;
  if (!ntfs.short_name.empty()) object["short_name"] = ntfs.short_name;
  PutBytes(object, "ntfs_acl", ntfs.security_descriptor);
  PutBytes(object, "ntfs_object_id", ntfs.object_id);
  PutBytes(object, "ntfs_ea", ntfs.extended_attributes);
  PutBytes(object, "ntfs_reparse_data", ntfs.reparse_data);
  PutBytes(object, "ntfs_efsinfo", ntfs.efs_metadata);
  Json streams = StreamsOf(metadata);
  if (!streams.empty()) object["streams"] = std::move(streams);
  return object;
}

}  // namespace

WindowsSidecars::WindowsSidecars() : spool_(kSpoolBytes) {}

Status WindowsSidecars::Add(const Metadata& metadata) {
  const std::string text = ObjectOf(metadata).dump(-1, ' ', false, Json::error_handler_t::replace);
  TAPIR_ASSIGN_OR_RETURN(const uint64_t offset, spool_.Append(AsBytes(text)));
  Directory& directory = directories_[ParentPath(metadata.path)];
  directory.latest = std::max(directory.latest, metadata.mtime);
  directory.objects.push_back({offset, text.size()});
  return OkStatus();
}

// An object on each line.
Result<std::string> WindowsSidecars::TextOf(const Directory& directory) {
  std::string text = R"({"version":1,"objects":[)";
  for (const Text& object : directory.objects) {
    text += text.ends_with('[') ? "\n" : ",\n";
    const size_t begin = text.size();
    text.resize(begin + object.bytes);
    TAPIR_RETURN_IF_ERROR(
        spool_.Read(object.offset, std::as_writable_bytes(std::span(text).subspan(begin))));
  }
  return text + "\n]}\n";
}

Status WindowsSidecars::Write(ObjectTarget& target, Reporter& reporter) {
  for (const auto& [path, directory] : directories_) {
    Metadata file;
    file.path = (path == "." ? "" : path + '/') + kWindowsSidecarName;
    file.mode = 0600;
    file.mtime = directory.latest;
    TAPIR_ASSIGN_OR_RETURN(const std::string text, TextOf(directory));
    const Status made = target.MakeFile(file, AsBytes(text));
    if (made.ok()) continue;
    reporter.Report(NoticeKind::kFailure, file.path, "cannot be written: " + made.message());
  }
  return OkStatus();
}

}  // namespace tapir
