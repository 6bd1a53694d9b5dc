#include "tools/time_text.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <limits>
#include <optional>

namespace tapir::cli {

namespace {

/// Takes pieces from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool AtDigit() const { return !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; }

  bool Take(char wanted) {
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// A number of exactly `digits` digits in a range.
  std::optional<int> Number(size_t digits, int least, int most) {
    if (text_.size() < digits) return std::nullopt;
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    if (value < least || value > most) return std::nullopt;
    text_.remove_prefix(digits);
    return value;
  }

  /// ".5" as nanoseconds; 0 if there is no point. Digits behind the ninth are dropped.
  std::optional<uint32_t> Fraction() {
    if (!Take('.') && !Take(',')) return 0;
    if (!AtDigit()) return std::nullopt;
    uint32_t value = 0;
    uint32_t unit = kNanosecondsPerSecond;
    while (AtDigit()) {
      unit /= 10;
      value += unit * static_cast<uint32_t>(text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

  std::optional<int64_t> Seconds() {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    return value;
  }

 private:
  std::string_view text_;
};

struct CalendarTime {
  std::chrono::year_month_day date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  uint32_t nanoseconds = 0;
  std::optional<int64_t> offset_seconds;  ///< east of Greenwich; none: local time
};

std::optional<std::chrono::year_month_day> ParseDate(Scanner& text) {
  const auto year = text.Number(4, 0, 9999);
  if (!year || !text.Take('-')) return std::nullopt;
  const auto month = text.Number(2, 1, 12);
  if (!month || !text.Take('-')) return std::nullopt;
  const auto day = text.Number(2, 1, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional(date) : std::nullopt;
}

bool ParseClock(Scanner& text, CalendarTime& time) {
  const auto hour = text.Number(2, 0, 23);
  if (!hour || !text.Take(':')) return false;
  const auto minute = text.Number(2, 0, 59);
  if (!minute) return false;
  time.hour = *hour;
  time.minute = *minute;
  if (!text.Take(':')) return true;
  const auto second = text.Number(2, 0, 59);
  if (!second) return false;
  const auto fraction = text.Fraction();
  if (!fraction) return false;
  time.second = *second;
  time.nanoseconds = *fraction;
  return true;
}

bool ParseZone(Scanner& text, CalendarTime& time) {
  if (text.Take('Z')) {
    time.offset_seconds = 0;
    return true;
  }
  int sign = 0;
  if (text.Take('+')) sign = 1;
  if (sign == 0 && text.Take('-')) sign = -1;
  if (sign == 0) return true;
  const auto hours = text.Number(2, 0, 23);
  if (!hours) return false;
  const bool more = text.Take(':') || !text.at_end();
  const auto minutes = more ? text.Number(2, 0, 59) : 0;
  if (!minutes) return false;
  time.offset_seconds = sign * (*hours * 3600 + *minutes * 60);
  return true;
}

/// nullopt: not of this form.
std::optional<CalendarTime> ParseCalendarTime(std::string_view input, WholeDay day) {
  Scanner text(input);
  const auto date = ParseDate(text);
  if (!date) return std::nullopt;
  CalendarTime time{.date = *date};
  if (text.Take('T') || text.Take(' ')) {
    if (!ParseClock(text, time)) return std::nullopt;
  } else if (day == WholeDay::kEnd) {
    time.hour = 23;
    time.minute = 59;
    time.second = 59;
    time.nanoseconds = kNanosecondsPerSecond - 1;
  }
  if (!ParseZone(text, time) || !text.at_end()) return std::nullopt;
  return time;
}

int64_t ToSeconds(const CalendarTime& time) {
  if (!time.offset_seconds) {
    std::tm local = {};
    local.tm_year = static_cast<int>(time.date.year()) - 1900;
    local.tm_mon = static_cast<int>(static_cast<unsigned>(time.date.month())) - 1;
    local.tm_mday = static_cast<int>(static_cast<unsigned>(time.date.day()));
    local.tm_hour = time.hour;
    local.tm_min = time.minute;
    local.tm_sec = time.second;
    local.tm_isdst = -1;
    return std::mktime(&local);
  }
  const auto days = std::chrono::sys_days(time.date).time_since_epoch().count();
  return int64_t{days} * 86400 + time.hour * 3600 + time.minute * 60 + time.second -
         *time.offset_seconds;
}

std::optional<Timestamp> ParseEpoch(std::string_view input) {
  Scanner text(input);
  if (!text.Take('@')) return std::nullopt;
  const auto seconds = text.Seconds();
  if (!seconds) return std::nullopt;
  const auto fraction = text.Fraction();
  if (!fraction || !text.at_end()) return std::nullopt;
  return Timestamp{.seconds = *seconds, .nanoseconds = *fraction};
}

}  // namespace

Result<Timestamp> ParseTime(std::string_view text, WholeDay day) {
  if (const auto moment = ParseEpoch(text)) return *moment;
  if (const auto time = ParseCalendarTime(text, day)) {
    return Timestamp{.seconds = ToSeconds(*time), .nanoseconds = time->nanoseconds};
  }
  return InvalidArgument(fmt::format(
      "'{}' is no time; give it as in 2026-05-01, 2026-05-01T12:30:00+02:00 or @1777631400", text));
}

std::string FormatLocalTime(const Timestamp& time) {
  static_assert(sizeof(std::time_t) == sizeof(int64_t));
  const std::time_t seconds = time.seconds;
  std::tm local = {};
  if (localtime_r(&seconds, &local) == nullptr) return fmt::format("@{}", seconds);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", int64_t{local.tm_year} + 1900,
                     local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
}

std::string FormatUtcTime(const Timestamp& time) {
  const std::time_t seconds = time.seconds;
  std::tm utc = {};
  if (gmtime_r(&seconds, &utc) == nullptr) return fmt::format("@{}", seconds);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", int64_t{utc.tm_year} + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     time.nanoseconds);
}

}  // namespace tapir::cli
