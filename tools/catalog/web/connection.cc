#include "tools/catalog/web/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tapir::cli {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// For all of the head: whoever drips has a thread no longer.
constexpr milliseconds kHeadTime{5000};
constexpr milliseconds kWriteTime{5000};
constexpr milliseconds kStopLook{100};
constexpr size_t kMostHeadBytes = 1u << 20;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

}  // namespace

Connection::~Connection() {
  ::shutdown(socket_, SHUT_RDWR);
  ::close(socket_);
}

bool Connection::WaitFor(short events, milliseconds time) const {
  const Clock::time_point end = Clock::now() + time;
  while (!stop_.load()) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left <= milliseconds::zero()) return false;
    pollfd look{socket_, events, 0};
    const int ready = ::poll(&look, 1, static_cast<int>(std::min(left, kStopLook).count()));
    if (ready > 0) return (look.revents & events) != 0;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

bool Connection::ReadHead() {
  const Clock::time_point end = Clock::now() + kHeadTime;
  std::array<char, 16384> piece;
  for (size_t looked_at = 0;;) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (head_.size() >= kMostHeadBytes || !WaitFor(POLLIN, left)) return false;
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return false;
    head_.append(piece.data(), static_cast<size_t>(got));
    if (head_.find(kEndOfHead, looked_at) != std::string::npos) break;
    looked_at = head_.size() - std::min(head_.size(), kEndOfHead.size() - 1);
  }
  TakeTarget();
  return true;
}

// "GET /path HTTP/1.1". A line of any other form stays, for it to be refused.
void Connection::TakeTarget() {
  const size_t line_end = head_.find("\r\n");
  const size_t begin = head_.find(' ') + 1;
  const size_t end = head_.find(' ', begin);
  if (begin == 0 || end > line_end || head_.find(' ', end + 1) < line_end || end == begin) return;
  target_ = head_.substr(begin, end - begin);
  head_.replace(begin, end - begin, "/");
}

bool Connection::IsGone() const {
  pollfd look{socket_, POLLRDHUP, 0};
  return stop_.load() || ::poll(&look, 1, 0) > 0;
}

bool Connection::is_readable() const { return given_ < head_.size(); }

bool Connection::is_writable() const { return WaitFor(POLLOUT, kWriteTime) && !IsGone(); }

ssize_t Connection::read(char* bytes, size_t size) {
  // Nothing of what is behind the head is ever wanted.
  const size_t count = head_.copy(bytes, size, given_);
  given_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* bytes, size_t size) {
  for (;;) {
    if (!is_writable()) return -1;
    const ssize_t sent = ::send(socket_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || (errno != EAGAIN && errno != EINTR)) return sent;
  }
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace tapir::cli
