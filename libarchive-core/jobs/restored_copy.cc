#include "jobs/restored_copy.h"

#include <algorithm>
#include <vector>

namespace tapir {
namespace {

constexpr size_t kCopyStepBytes = 1u << 20;

}  // namespace

Status CopyRestored(ObjectTarget& target, const std::string& from, uint64_t length_bytes,
                    ContentDigester& digester, TargetFile& into) {
  std::vector<std::byte> buffer(kCopyStepBytes);
  for (uint64_t offset = 0; offset < length_bytes;) {
    TAPIR_ASSIGN_OR_RETURN(const DataRead read, target.ReadBack(from, offset, buffer));
    // Behind the last data a hole may follow.
    if (read.size == 0 || read.offset_bytes >= length_bytes) break;
    offset = read.offset_bytes;
    const ByteSpan data = ByteSpan(buffer).first(
        static_cast<size_t>(std::min<uint64_t>(read.size, length_bytes - offset)));
    digester.Data(offset, data);
    TAPIR_RETURN_IF_ERROR(into.WriteAt(offset, data));
    offset += data.size();
  }
  return OkStatus();
}

}  // namespace tapir
