#pragma once

#include <functional>
#include <string>
#include <vector>

#include "object/forward_reader.h"
#include "tapir/windows/sis_check.h"

namespace tapir {

/// Checks what sessions hold of Single Instance Stores while they are read forward. Single-thread.
class SisSessionCheck {
 public:
  using Take = std::function<void(const std::string& path, const Finding& finding)>;
  explicit SisSessionCheck(Take take)
      : check_([take = std::move(take)](const SisFinding& found) {
          take(found.subject, found.finding);
        }) {}

  void TakeWhole(const ParsedRecord& record);
  void TakeData(const AssembledObject& object, uint32_t stream_number, uint64_t offset_bytes,
                ByteSpan data);
  void End(const AssembledObject& object);
  void Abandon() { allocated_.clear(); }
  void SessionEnd(const ForwardSession& session);

 private:
  using Ranges = std::vector<ArchivedSisLink::Range>;
  void TakeObject(const Metadata& metadata, const ObjectEnd& end, Ranges allocated);

  SisCheck check_;
  Ranges allocated_;  ///< of the link that is being read
};

}  // namespace tapir
