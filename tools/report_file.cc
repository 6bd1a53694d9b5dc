#include "tools/report_file.h"

#include "tools/output_file.h"

namespace tapir::cli {

Status WriteReportFile(const std::string& path, std::string_view text) {
  OutputFile file;
  TAPIR_RETURN_IF_ERROR(file.Open(path));
  TAPIR_RETURN_IF_ERROR(file.Append(text));
  return file.Complete();
}

}  // namespace tapir::cli
