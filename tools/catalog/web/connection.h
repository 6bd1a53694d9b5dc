#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <string>

namespace tapir::cli {

/// A connection to a browser, through which one request comes and its answer goes. Reads the head
/// of the request itself, since httplib gives each byte of it a time of its own, and takes no long
/// line. Closes the socket at its end. One thread, but for IsGone.
class Connection final : public httplib::Stream {
 public:
  /// What a path of 65,536 bytes takes where each is escaped, and what goes with it.
  static constexpr size_t kMostTargetBytes = 3 * 65536 + 4096;

  /// `stop` becomes true when nobody is served any more.
  Connection(socket_t socket, const std::atomic<bool>& stop) : socket_(socket), stop_(stop) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// False: the head did not come in time, or is too large; nothing can be answered.
  bool ReadHead();
  /// What stands in the first line, as it came; `read` gives "/" in its place.
  const std::string& target() const { return target_; }

  /// Whether nobody waits for the answer. Any thread.
  bool IsGone() const;

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool WaitFor(short events, std::chrono::milliseconds time) const;
  void TakeTarget();

  const socket_t socket_;
  const std::atomic<bool>& stop_;
  std::string head_;
  size_t given_ = 0;  ///< bytes of head_ that `read` gave
  std::string target_;
};

}  // namespace tapir::cli
