#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapir::test {

/// The hive as it is while its next writing goes on: what that writes comes from a log.
std::string WithOpenWriting(std::string hive);
/// The hive with a head whose checksum is wrong.
std::string WithBrokenHead(std::string hive);
/// The bins of a hive.
std::string BinsOf(const std::string& hive);

/// A log of the older form: a map of changed pages, and the pages. `sectors`: of a disk's sector.
std::string PagesLog(const std::string& from, const std::string& to, uint32_t sectors = 1);

/// A log of the newer form with an entry for each step from one of the hives to the next; the first
/// entry has this number.
std::string EntriesLog(const std::vector<std::string>& hives, uint32_t first_sequence);

/// One entry; `count` and `pages` may be wrong, its hashes are right.
std::string LogEntryBytes(uint32_t sequence, uint32_t bins_bytes, uint32_t count,
                          std::string_view references_and_pages);
/// The first sector of a log of this type.
std::string LogHead(const std::string& hive, uint32_t type, uint32_t sequence,
                    uint32_t sectors = 1);

}  // namespace tapir::test
