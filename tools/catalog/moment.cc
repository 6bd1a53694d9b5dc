#include "tools/catalog/moment.h"

#include <fmt/format.h>

#include <string>

#include "tools/command.h"
#include "tools/time_text.h"

namespace tapir::cli {

void AddSessionMoment(CLI::App& app, SessionMoment& moment) {
  app.add_option("--session", moment.number, "Only this session")
      ->type_name("N")
      ->check(NumberFromOne());
  app.add_option_function<std::string>(
         "--at",
         [&moment](const std::string& text) {
           const auto time = ParseTime(text);
           if (!time.ok()) throw CLI::ValidationError("--at", time.status().message());
           moment.at = *time;
         },
         "As of then: only sessions that had ended (2026-05-01, 2026-05-01T12:30Z, @SECONDS)")
      ->type_name("TIME");
}

Result<std::vector<const catalog::Session*>> SessionsAt(
    std::vector<const catalog::Session*> sessions, const SessionMoment& moment) {
  std::erase_if(sessions, [&](const catalog::Session* session) {
    return (moment.number && session->number != *moment.number) ||
           (moment.at && session->end > *moment.at);
  });
  if (!sessions.empty()) return sessions;
  if (moment.number) {
    return NotFound(fmt::format("the catalogue has no such session {}", *moment.number));
  }
  return NotFound(moment.at ? "no session of it had ended then"
                            : "the catalogue has no session of it; 'tapir catalog add' reads them");
}

}  // namespace tapir::cli
