#include "jobs/sis_needs.h"

#include "tapir/object/path_order.h"
#include "tapir/windows/sis_link.h"

namespace tapir {

std::string SisStoreKey(const std::string& path) {
  return ParentPath(path) + '/' + SisStoreName(path);
}

void SisNeeds::Take(const Entry& link) {
  if (link.sis.role != SisRole::kLink) return;
  for (const std::string& path : link.sis.files) keys_.insert(SisStoreKey(path));
}

}  // namespace tapir
