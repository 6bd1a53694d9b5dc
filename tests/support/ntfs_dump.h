#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tapir::test {

/// What libntfs-3g shows of an NTFS volume, by path (WTF-8, "." the root, the first of several
/// names) and by field. Fields: names, attributes, four times, security, ea, object_id, reparse,
/// efs, stale (what directories show otherwise than it is), index_flags of directories, and of each
/// stream "stream:NAME:" with size, flags, valid, map (ranges with clusters), contents and, if
/// encrypted, raw (what the valid clusters hold). Readable values are text, long ones a digest.
using NtfsDump = std::map<std::string, std::map<std::string, std::string>>;

/// Of a volume that fills a file. Uses nothing of the project but names and digests. Throws what
/// cannot be read.
NtfsDump DumpNtfs(const std::string& file);

/// Whether a difference is expected.
using Tolerated = std::function<bool(const std::string& path, const std::string& field)>;

/// Each field that differs, as text; empty for equal dumps.
std::vector<std::string> DifferencesOf(const NtfsDump& wanted, const NtfsDump& got,
                                       const Tolerated& tolerated = {});

}  // namespace tapir::test
