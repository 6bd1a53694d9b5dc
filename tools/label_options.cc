#include "tools/label_options.h"

#include <bit>
#include <string>

#include "tapir/base/limits.h"
#include "tools/command.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

void TakeBlockSize(const std::string& text, LabelOptions& label) {
  const auto size = ParseSize(text);
  if (!size.ok()) throw CLI::ValidationError("--block-size", size.status().message());
  if (!std::has_single_bit(*size) || *size < limits::kMinMaxBlockBytes ||
      *size > limits::kMaxBlockBytes) {
    throw CLI::ValidationError("--block-size", "it is a power of two from 64K to 8M");
  }
  label.max_block_bytes = static_cast<uint32_t>(*size);
}

}  // namespace

void AddLabelOptions(CLI::App& app, LabelOptions& label) {
  app.add_option("--label", label.name, "Name of a new volume, at most 255 bytes")
      ->type_name("NAME");
  app.add_option_function<std::string>(
         "--block-size", [&label](const std::string& text) { TakeBlockSize(text, label); },
         "Longest block of a new volume, 64K to 8M; 1M unless given")
      ->type_name("SIZE");
  app.add_flag("--full-blocks", label.full_blocks,
               "Fill every block of a new volume up to this size, for drives with fixed blocks");
  AddSize(app, "--capacity", label.tape.capacity_bytes,
          "Of a new virtual tape; that of its profile unless given");
  app.add_option("--tape-profile", label.tape.profile,
                 "Drive that a new virtual tape imitates: lto-8, lto-9, lto-10 or dds-4")
      ->type_name("NAME")
      ->check(CLI::Validator(
          [](const std::string& name) {
            return FindTapeProfile(name) != nullptr ? std::string()
                                                    : "there is no profile '" + name + "'";
          },
          ""));
}

}  // namespace tapir::cli
