#include "tools/sis_calls.h"

#include <span>

#include "tools/json.h"
#include "tools/report_file.h"

namespace tapir::cli {

void SisCallList::Take(const SisCall& call) {
  Json object{{"call", SisFunctionName(call.function)}};
  PutName(object, "store_root", call.store_root);
  if (!call.path.empty()) PutName(object, "path", call.path);
  if (!call.reparse_data.empty())
    object["reparse_data"] = Hex(std::as_bytes(std::span(call.reparse_data)));
  if (call.function == SisCall::Function::kRestoredLink) object["needed"] = call.needed;
  lines_ += ToLine(object);
}

Status SisCallList::Write(const std::string& path) const { return WriteReportFile(path, lines_); }

}  // namespace tapir::cli
