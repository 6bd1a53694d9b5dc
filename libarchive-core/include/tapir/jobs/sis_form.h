#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tapir {

/// How links into a Single Instance Store come back (SIS Links and Reparse Points; format chapter
/// 11.4).
enum class SisForm : uint8_t {
  kLinks,    ///< as they were; after them the common-store files that they need and that are not
             ///< there
  kFiles,    ///< as files of their own, with the contents of their common-store files
  kObjects,  ///< links and common-store files are objects like others, in the order of the volume
};

/// One call that an agent on Windows makes after links were restored, for the service to take them
/// up (SisCreateRestoreStructure and its companions).
struct SisCall {
  enum class Function : uint8_t {
    kCreateRestoreStructure,
    kRestoredLink,
    kRestoredCommonStoreFile,
    kFreeRestoreStructure,
  };

  Function function = Function::kCreateRestoreStructure;
  std::string store_root;           ///< path of the store the call is about
  std::string path;                 ///< of the link, or of the store file; empty for the others
  std::string reparse_data;         ///< of links: the whole buffer
  std::vector<std::string> needed;  ///< of links: paths of the store files it refers to
};
using TakeSisCall = std::function<void(const SisCall&)>;

/// "SisRestoredLink" and so on. The view is a literal.
std::string_view SisFunctionName(SisCall::Function function);

}  // namespace tapir
