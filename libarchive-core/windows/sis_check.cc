#include "tapir/windows/sis_check.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/sis_link.h"

namespace tapir {
namespace {

constexpr uint64_t kSisReservedAt = 12;  // in the reparse buffer

class SisChecker {
 public:
  std::vector<SisFinding> Check(const std::vector<ArchivedSisLink>& links,
                                const std::vector<ArchivedSisStoreFile>& store_files) {
    for (const ArchivedSisStoreFile& file : store_files) CheckStoreFile(file);
    for (const ArchivedSisLink& link : links) {
      CheckReparseData(link);
      CheckAttributes(link);
      CheckRanges(link);
      CheckEdges(link);
    }
    return std::move(findings_);
  }

 private:
  void Add(SisRule rule, const std::string& subject, Severity severity, std::string text,
           uint64_t offset = 0) {
    findings_.push_back({rule, subject, {offset, severity, std::move(text)}});
  }

  void CheckStoreFile(const ArchivedSisStoreFile& file) {
    const std::string name = SisStoreName(file.name);
    if (!stored_.emplace(file.pass, name).second) {
      Add(SisRule::kStoredTwice, name, Severity::kWarning, "stored twice in one pass");
    }
    ArchivedSisStoreFile& first = by_name_.emplace(name, file).first->second;
    if (first.digest.empty()) first.digest = file.digest;
    const bool other_digest = !file.digest.empty() && file.digest != first.digest;
    if (other_digest || file.size_bytes != first.size_bytes) {
      Add(SisRule::kOtherContents, name, Severity::kError, "one name with two contents");
    }
  }

  void CheckReparseData(const ArchivedSisLink& link) {
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

  void CheckAttributes(const ArchivedSisLink& link) {
    if (!link.is_regular || !link.is_sparse || !link.is_reparse) {
      Add(SisRule::kAttributes, link.path, Severity::kWarning,
          "not a regular sparse file with a reparse point");
    }
    if (link.has_extended_attributes) {
      Add(SisRule::kEa, link.path, Severity::kWarning,
          "extended attributes beside a reparse point");
    }
  }

  void CheckRanges(const ArchivedSisLink& link) {
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

  void CheckEdges(const ArchivedSisLink& link) {
    if (link.needed.empty()) {
      Add(SisRule::kUnresolvable, link.path, Severity::kError, "no store file is named");
    }
    for (const std::string& needed : link.needed) {
      const auto file = by_name_.find(SisStoreName(needed));
      if (file == by_name_.end()) {
        Add(SisRule::kUnresolvable, link.path, Severity::kError,
            "store file " + SisStoreName(needed) + " is not there");
      } else if (link.needed.size() == 1 && file->second.size_bytes != link.size_bytes) {
        Add(SisRule::kSize, link.path, Severity::kWarning,
            "size " + std::to_string(link.size_bytes) + ", its store file " +
                std::to_string(file->second.size_bytes));
      }
    }
  }

  std::vector<SisFinding> findings_;
  std::set<std::pair<uint64_t, std::string>> stored_;
  std::map<std::string, ArchivedSisStoreFile> by_name_;
};

}  // namespace

std::vector<SisFinding> CheckSis(const std::vector<ArchivedSisLink>& links,
                                 const std::vector<ArchivedSisStoreFile>& store_files) {
  return SisChecker().Check(links, store_files);
}

}  // namespace tapir
