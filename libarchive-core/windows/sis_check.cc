#include "tapir/windows/sis_check.h"

#include <algorithm>
#include <optional>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/sis_link.h"

namespace tapir {
namespace {

constexpr uint64_t kSisReservedAt = 12;  // in the reparse buffer

}  // namespace

void SisCheck::Add(SisRule rule, const std::string& subject, Severity severity, std::string text,
                   uint64_t offset) const {
  take_({rule, subject, {offset, severity, std::move(text)}});
}

void SisCheck::AddStoreFile(const ArchivedSisStoreFile& file) {
  const std::string name = SisStoreName(file.path);
  if (!stored_.insert(name).second) {
    Add(SisRule::kStoredTwice, file.path, Severity::kWarning, "stored twice in one pass");
  }
  ArchivedSisStoreFile& first = by_name_.emplace(name, file).first->second;
  if (first.digest.empty()) first.digest = file.digest;
  const bool other_digest = !file.digest.empty() && file.digest != first.digest;
  if (other_digest || file.size_bytes != first.size_bytes) {
    Add(SisRule::kOtherContents, file.path, Severity::kError, "one name with two contents");
  }
}

void SisCheck::CheckReparseData(const ArchivedSisLink& link) const {
  const ByteSpan bytes = AsBytes(link.reparse);
  const Result<ReparseView> reparse = ParseReparse(bytes);
  if (!reparse.ok()) {
    Add(SisRule::kReparseData, link.path, Severity::kReject, reparse.status().message());
    return;
  }
  if (reparse->tag != kReparseTagSis) {
    Add(SisRule::kReparseData, link.path, Severity::kReject, "the tag is not that of SIS");
    return;
  }
  const std::optional<SisLinkFields> fields = ReadSisLink(bytes);
  if (!fields) {
    Add(SisRule::kLayout, link.path, Severity::kInfo, "the layout of its data is not known");
  } else if (fields->reserved != 0) {
    Add(SisRule::kLayout, link.path, Severity::kInfo, "the reserved field is not zero",
        kSisReservedAt);
  }
}

void SisCheck::CheckAttributes(const ArchivedSisLink& link) const {
  if (!link.is_regular || !link.is_sparse || !link.is_reparse) {
    Add(SisRule::kAttributes, link.path, Severity::kWarning,
        "not a regular sparse file with a reparse point");
  }
  if (link.has_extended_attributes) {
    Add(SisRule::kEa, link.path, Severity::kWarning, "extended attributes beside a reparse point");
  }
}

void SisCheck::CheckRanges(const ArchivedSisLink& link) const {
  uint64_t end = 0;
  for (const ArchivedSisLink::Range& range : link.allocated) {
    if (range.offset < end || range.offset > link.size_bytes ||
        range.length_bytes > link.size_bytes - range.offset) {
      Add(SisRule::kRanges, link.path, Severity::kReject,
          "allocated ranges do not ascend inside its size", range.offset);
      return;
    }
    end = range.offset + range.length_bytes;
  }
  if (end > 0) {
    Add(SisRule::kPartial, link.path, Severity::kWarning, "the link has data of its own");
  }
}

bool SisCheck::AllAreThere(const std::vector<std::string>& needed) const {
  return std::all_of(needed.begin(), needed.end(), [this](const std::string& path) {
    return by_name_.contains(SisStoreName(path));
  });
}

void SisCheck::CheckEdges(const Waiting& link) const {
  for (const std::string& needed : link.needed) {
    const auto file = by_name_.find(SisStoreName(needed));
    if (file == by_name_.end()) {
      Add(SisRule::kUnresolvable, link.path, Severity::kError,
          "its common-store file '" + needed + "' is not there");
    } else if (link.needed.size() == 1 && file->second.size_bytes != link.size_bytes) {
      Add(SisRule::kSize, link.path, Severity::kWarning,
          "has " + std::to_string(link.size_bytes) + " bytes, its common-store file " +
              std::to_string(file->second.size_bytes));
    }
  }
}

void SisCheck::AddLink(const ArchivedSisLink& link) {
  CheckReparseData(link);
  CheckAttributes(link);
  CheckRanges(link);
  if (link.needed.empty()) {
    Add(SisRule::kUnresolvable, link.path, Severity::kError,
        "which common-store file it needs is not known");
  }
  Waiting edges{link.path, link.size_bytes, link.needed};
  if (AllAreThere(link.needed)) {
    CheckEdges(edges);
  } else {
    waiting_.push_back(std::move(edges));
  }
}

void SisCheck::EndPass(bool whole) {
  for (const Waiting& link : waiting_) {
    if (whole || AllAreThere(link.needed)) CheckEdges(link);
  }
  waiting_.clear();
  stored_.clear();
}

}  // namespace tapir
