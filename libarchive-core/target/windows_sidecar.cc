#include "target/windows_sidecar.h"

#include <nlohmann/json.hpp>

#include "bytes/cursor.h"
#include "tapir/base/hex.h"

namespace tapir {
namespace {

using Json = nlohmann::ordered_json;

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

std::string WindowsSidecar(const std::vector<Metadata>& objects) {
  Json all = Json::array();
  for (const Metadata& metadata : objects) all.push_back(ObjectOf(metadata));
  const Json document{{"version", 1}, {"objects", std::move(all)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace tapir
