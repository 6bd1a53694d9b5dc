#include "jobs/sis_copies.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "jobs/restore_sink.h"
#include "jobs/restored_copy.h"
#include "tapir/windows/reparse_data.h"

namespace tapir {

void SisCopies::Expect(const Entry& link) {
  needs_.Take(link);
  needed_bytes_ += link.size;
}

std::string SisCopies::Await(const Entry& store_file) {
  Contents& contents = contents_[SisStoreKey(store_file.path)];
  if (contents.hidden_path.empty()) {
    contents.hidden_path = HiddenPathOf("store-" + std::to_string(contents_.size()));
  }
  contents.entry = store_file;
  needed_bytes_ += store_file.size;
  return contents.hidden_path;
}

Status SisCopies::CheckSpace() const {
  if (needed_bytes_ == 0) return OkStatus();
  const Result<uint64_t> free_bytes = target_.FreeBytes();
  if (!free_bytes.ok() || *free_bytes >= needed_bytes_) return OkStatus();
  return LimitExceeded(fmt::format(
      "the links of the Single Instance Store become files and need {} bytes with what they are "
      "made of; the target has {}",
      needed_bytes_, *free_bytes));
}

bool SisCopies::IsLink(const Metadata& metadata) {
  return metadata.ntfs && metadata.ntfs->reparse_tag() == kReparseTagSis;
}

Metadata SisCopies::AsFile(const Metadata& link) {
  auto ntfs = std::make_shared<NtfsMetadata>(*link.ntfs);
  ntfs->reparse_data.clear();
  ntfs->sis.role = SisRole::kLink;
  ntfs->file_attributes &= ~(kWindowsReparsePoint | kWindowsSparse);
  std::erase_if(ntfs->streams, [](const NtfsStream& stream) { return stream.number == 0; });
  Metadata file = link;
  file.ntfs = std::move(ntfs);
  return file;
}

Status SisCopies::Copy(const Contents& contents, TargetFile& into) {
  const Entry& entry = contents.entry;
  ContentDigester digester(false);
  const Status copied = CopyRestored(target_, contents.hidden_path, entry.size, digester, into);
  if (copied.code() == StatusCode::kNotFound) {
    return Corrupt("its common-store file '" + entry.path + "' could not be restored");
  }
  TAPIR_RETURN_IF_ERROR(copied);
  if (digester.Finish(entry.size).digests.xxh128 == entry.xxh128) return OkStatus();
  return Corrupt("the contents of its common-store file '" + entry.path +
                 "' differ from their digest");
}

Status SisCopies::Fill(const Metadata& file, TargetFile& into) {
  const std::vector<std::string>& needed = file.ntfs->sis.files;
  if (needed.empty()) return Unsupported("is a SIS link whose common-store file is not known");
  if (needed.size() > 1) return Unsupported("is a SIS link with several common-store files");
  const auto found = contents_.find(SisStoreKey(needed.front()));
  if (found == contents_.end()) {
    return Unsupported("is a SIS link, and its common-store file '" + needed.front() +
                       "' is not at hand");
  }
  const Entry& entry = found->second.entry;
  if (entry.size != file.size) {
    return Unsupported(fmt::format(
        "is a SIS link of {} bytes, and its common-store file has {} (--sis links keeps both)",
        file.size, entry.size));
  }
  if (entry.map_digest || entry.fragment) {
    return Unsupported("is a SIS link, and its common-store file is in pieces or mostly holes");
  }
  return Copy(found->second, into);
}

}  // namespace tapir
