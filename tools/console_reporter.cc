#include "tools/console_reporter.h"

#include <fmt/format.h>

#include <string>

#include "tools/escape.h"
#include "tools/json.h"

namespace tapir::cli {

namespace {

std::string_view KindName(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kNote: return "note";
    case NoticeKind::kWarning: return "warning";
    case NoticeKind::kDifference: return "difference";
    case NoticeKind::kDamage: return "damage";
    case NoticeKind::kFailure: return "error";
  }
  return "error";
}

std::string AsLine(NoticeKind kind, std::string_view subject, std::string_view text) {
  if (subject.empty()) return fmt::format("tapir: {}: {}\n", KindName(kind), SafeText(text));
  return fmt::format("tapir: {}: {}: {}\n", KindName(kind), Quoted(subject), SafeText(text));
}

std::string AsObject(NoticeKind kind, std::string_view subject, std::string_view text) {
  Json object{{"notice", KindName(kind)}};
  if (!subject.empty()) PutName(object, "path", subject);
  object["text"] = text;
  return ToLine(object);
}

}  // namespace

ConsoleReporter::ConsoleReporter(StandardError& error, Output* json, bool quiet)
    : error_(error), json_(json), quiet_(quiet) {}

void ConsoleReporter::Report(NoticeKind kind, std::string_view subject, std::string_view text) {
  const std::lock_guard lock(mutex_);
  ++counts_.at(static_cast<size_t>(kind));
  if (kind == NoticeKind::kNote && quiet_) return;
  if (json_ != nullptr) {
    json_->Append(AsObject(kind, subject, text));
    json_->Flush();
  } else {
    error_.Write(AsLine(kind, subject, text));
  }
}

uint64_t ConsoleReporter::count(NoticeKind kind) const {
  const std::lock_guard lock(mutex_);
  return counts_.at(static_cast<size_t>(kind));
}

ExitStatus ConsoleReporter::exit_status() const {
  if (count(NoticeKind::kFailure) > 0) return kExitFailure;
  if (count(NoticeKind::kDamage) > 0) return kExitDamage;
  if (count(NoticeKind::kWarning) + count(NoticeKind::kDifference) > 0) return kExitWarnings;
  return kExitDone;
}

}  // namespace tapir::cli
