#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/selection.h"
#include "tapir/windows/efs_metadata.h"

namespace tapir {

/// An encrypted file or directory of Windows, as far as it can be told without a key.
struct EncryptedObject {
  uint32_t session_number = 0;
  std::string path;
  bool raw_export = false;  ///< archived from a raw export made on Windows
  uint64_t size = 0;        ///< of the contents, bytes of plaintext
  uint64_t stream_count = 0;
  EfsMetadata metadata;
  std::vector<Finding> findings;  ///< of a raw export: of all of it
};

struct EncryptedListRequest {
  std::string volume;
  Selection selection;
  /// Only objects that this certificate opens: its thumbprint, lower-case hexadecimal. Empty: all.
  std::string thumbprint;
  Reporter* reporter = nullptr;  ///< not owned; required
};

/// Hands out encrypted objects, session by session, in path order. Finds them by the index, and
/// reads of them what stands at their beginning, in one pass over the medium; raw exports are read
/// whole. An object that cannot be read is among the report's damages; `listed` counts those handed
/// out. kInvalidArgument for a stream; failures as ListObjects.
Result<ListReport> ListEncrypted(const EncryptedListRequest& request,
                                 const std::function<Status(const EncryptedObject&)>& take);

}  // namespace tapir
