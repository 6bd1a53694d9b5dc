#include "jobs/sis_needs.h"

#include "tapir/windows/sis_link.h"

namespace tapir {

std::string SisStoreKey(const std::string& path) {
  const size_t slash = path.rfind('/');
  return path.substr(0, slash == std::string::npos ? 0 : slash + 1) + SisStoreName(path);
}

void SisNeeds::Take(const Entry& link) {
  if (link.sis.role != SisRole::kLink) return;
  for (const std::string& path : link.sis.files) keys_.insert(SisStoreKey(path));
}

}  // namespace tapir
