#include "target/losses.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <system_error>

namespace tapir::target {

namespace {

struct LossText {
  const char* first;
  const char* total;  ///< with a place for the number
};

constexpr std::array<LossText, kLossKinds> kTexts = {{
    {"owner could not be set", "owner of {} objects could not be set"},
    {"set-id bits were left out because the owner could not be set",
     "set-id bits of {} objects were left out"},
    {"permissions could not be set", "permissions of {} objects could not be set"},
    {"times could not be set", "times of {} objects could not be set"},
    {"user attribute could not be set", "{} user attributes could not be set"},
    {"trusted attribute could not be set", "{} trusted attributes could not be set"},
    {"security attribute could not be set", "{} security attributes could not be set"},
    {"access control list could not be set", "{} access control lists could not be set"},
    {"attribute could not be set", "{} attributes could not be set"},
    {"device node could not be made", "{} device nodes could not be made"},
    {"hard link could not be made, contents were copied", "{} hard links were restored as copies"},
}};

std::string WithThousands(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t place = text.size(); place > 3;) {
    place -= 3;
    text.insert(place, 1, ',');
  }
  return text;
}

}  // namespace

void Losses::Add(Loss kind, std::string_view path, int sys_errno) {
  const auto index = static_cast<size_t>(kind);
  if (counts_[index].fetch_add(1, std::memory_order_relaxed) != 0 || reporter_ == nullptr) return;
  std::string text = kTexts[index].first;
  if (sys_errno != 0) text += ": " + std::generic_category().message(sys_errno);
  reporter_->Report(NoticeKind::kWarning, path, text);
}

void Losses::ReportTotals() {
  if (reporter_ == nullptr) return;
  for (size_t index = 0; index < kLossKinds; ++index) {
    const uint64_t count = counts_[index].load(std::memory_order_relaxed);
    if (count < 2) continue;
    std::string text = fmt::format(fmt::runtime(kTexts[index].total), WithThousands(count));
    if (::geteuid() != 0) text += " (not root)";
    reporter_->Report(NoticeKind::kWarning, {}, text);
  }
}

}  // namespace tapir::target
