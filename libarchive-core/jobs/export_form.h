#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "jobs/export_contents.h"
#include "tapir/jobs/export_job.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// ".efsraw", ".bks". The view is a literal.
std::string_view ExportSuffix(ExportForm form);

/// Why the object cannot be given in the form, as a clause after its path; empty if it can.
std::string WhyNotExported(ExportForm form, const Metadata& metadata);

using TakeExport = std::function<Status(uint64_t offset_bytes, std::span<const std::byte> bytes)>;

/// Hands the bytes of an object's export to `take`, in order. kInvalidArgument if what the volume
/// says of the object cannot be told in the form; else what `take` and reading fail with.
Status MakeExport(ExportForm form, const Metadata& metadata, ExportContents& contents,
                  const TakeExport& take);

}  // namespace tapir
