#include "tools/catalog/web/server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "tools/catalog/web/api.h"
#include "tools/catalog/web/connection.h"
#include "tools/catalog/web/files.h"
#include "tools/catalog/web/host.h"

namespace tapir::cli {

namespace {

using std::chrono::milliseconds;

constexpr size_t kServingThreads = 16;
constexpr milliseconds kStopCheck{50};
constexpr milliseconds kPeerCheck{200};
/// Lines wait for each other so long, or until they are so many bytes; the first does not wait.
constexpr milliseconds kFlushAfter{50};
constexpr size_t kFlushBytes = 16384;

/// Nothing but what comes from here may run or be loaded, and no other page may show it or use it.
const httplib::Headers& SecurityHeaders() {
  static const httplib::Headers headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
       "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
       "require-trusted-types-for 'script'; trusted-types 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  return headers;
}

/// Looks from time to time whether somebody still waits for the answer.
class PeerWatch {
 public:
  explicit PeerWatch(const Connection& connection)
      : connection_(connection), watcher_([this](std::stop_token end) { Watch(end); }) {}

  const std::atomic<bool>& cancelled() const { return cancelled_; }

 private:
  void Watch(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!woken_.wait_for(lock, end, kPeerCheck, [] { return false; }) && !end.stop_requested()) {
      if (connection_.IsGone()) cancelled_ = true;
    }
  }

  const Connection& connection_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::jthread watcher_;  ///< last: it uses all the others
};

/// Lines on their way to a browser; looks from time to time whether it is still there.
class ConnectionSink final : public LineSink {
 public:
  ConnectionSink(httplib::DataSink& sink, const std::atomic<bool>& stop)
      : sink_(sink), stop_(stop), watcher_([this](std::stop_token end) { Watch(end); }) {}

  Status Write(const Json& line) override {
    const std::lock_guard lock(mutex_);
    if (cancelled_.load()) return Cancelled("nobody waits for it");
    waiting_ += ToLine(line);
    const auto now = std::chrono::steady_clock::now();
    if (waiting_.size() < kFlushBytes && now < flushed_ + kFlushAfter) return OkStatus();
    flushed_ = now;
    return FlushLocked();
  }

  void Finish() {
    const std::lock_guard lock(mutex_);
    if (!cancelled_.load() && FlushLocked().ok()) sink_.done();
  }

  const std::atomic<bool>& cancelled() const override { return cancelled_; }

 private:
  Status FlushLocked() {
    if (!waiting_.empty() && !sink_.write(waiting_.data(), waiting_.size())) cancelled_ = true;
    waiting_.clear();
    return cancelled_.load() ? Cancelled("nobody waits for it") : OkStatus();
  }

  void Watch(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!woken_.wait_for(lock, end, kPeerCheck, [] { return false; }) && !end.stop_requested()) {
      if (stop_.load() || !sink_.is_writable()) cancelled_ = true;
      if (cancelled_.load()) return;
      // What a slow search found must not wait for its next hit.
      static_cast<void>(FlushLocked());
    }
  }

  httplib::DataSink& sink_;
  const std::atomic<bool>& stop_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::string waiting_;
  std::chrono::steady_clock::time_point flushed_;
  std::jthread watcher_;  ///< last: it uses all the others
};

void Send(WebAnswer answer, const std::atomic<bool>& stop, httplib::Response& response) {
  response.status = answer.status;
  const std::string type(answer.type);
  if (!answer.stream) {
    response.set_content(answer.body, type);
    return;
  }
  response.set_chunked_content_provider(
      type, [stream = std::move(answer.stream), &stop](size_t, httplib::DataSink& data) {
        ConnectionSink sink(data, stop);
        stream(sink);
        sink.Finish();
        return !sink.cancelled().load();
      });
}

/// Whether a page from elsewhere asks: browsers say so, other programs say nothing.
bool IsFromElsewhere(const httplib::Request& request) {
  constexpr const char* kSite = "Sec-Fetch-Site";
  const size_t count = request.get_header_value_count(kSite);
  if (count == 0) return false;
  const std::string site = request.get_header_value(kSite);
  return count > 1 || (site != "same-origin" && site != "none");
}

WebAnswer Respond(const httplib::Request& request, const std::string& address, CatalogApi& api,
                  const Connection& connection, httplib::Response& response) {
  if (request.get_header_value_count("Host") != 1) return WebFailure(400, "one Host is needed");
  if (!IsOwnHost(request.get_header_value("Host"), address)) {
    return WebFailure(403, "this is not the address of the catalogue");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    response.set_header("Allow", "GET, HEAD");
    return WebFailure(405, "the catalogue is only read");
  }
  // Many small parts of one file would make a large answer of a small request.
  if (request.has_header("Range")) return WebFailure(416, "nothing is sent in parts");
  // As it came: no form of a path but the plain one is known.
  const std::string_view target = connection.target();
  if (target.size() > Connection::kMostTargetBytes) return WebFailure(414, "it is too long");
  const size_t end = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, end);
  if (const WebFile* file = FindWebFile(path)) {
    return {.type = file->type, .body = std::string(file->text)};
  }
  if (IsFromElsewhere(request)) return WebFailure(403, "a page from elsewhere asks");
  const PeerWatch watch(connection);
  return api.Answer(path, target.substr(std::min(end + 1, target.size())), watch.cancelled());
}

/// httplib's server, with connections of our own: one request for each, so that what a refused one
/// has behind it is never taken for the next.
class PageServer final : public httplib::Server {
 public:
  using Handler =
      std::function<void(const httplib::Request&, const Connection&, httplib::Response&)>;

  PageServer(const std::atomic<bool>& stop, Handler handler)
      : stop_(stop), handler_(std::move(handler)) {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      handler_(request, *served_, response);
      return HandlerResponse::Handled;
    });
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    Connection connection(socket, stop_);
    if (!connection.ReadHead()) return false;
    served_ = &connection;
    const bool answered = Process(*this, connection);
    served_ = nullptr;
    return answered;
  }

  /// Newer versions of httplib want to be told both addresses.
  template <typename Self>
  static bool Process(Self& self, Connection& connection) {
    bool closed = false;
    if constexpr (requires { self.process_request(connection, true, closed, nullptr); }) {
      return self.process_request(connection, true, closed, nullptr);
    } else {
      return self.process_request(connection, "", 0, "", 0, true, closed, nullptr);
    }
  }

  const std::atomic<bool>& stop_;
  const Handler handler_;
  /// What the thread is answering.
  static thread_local const Connection* served_;
};

thread_local const Connection* PageServer::served_ = nullptr;

void Configure(httplib::Server& server) {
  server.set_default_headers(SecurityHeaders());
  // Whoever has the port already keeps it.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.set_tcp_nodelay(true);
  server.new_task_queue = [] { return new httplib::ThreadPool(kServingThreads); };
}

Result<int> Bind(httplib::Server& server, const WebServerOptions& options) {
  errno = 0;
  int port = options.port;
  if (port == 0) {
    port = server.bind_to_any_port(options.address);
  } else if (!server.bind_to_port(options.address, port)) {
    port = -1;
  }
  if (port > 0) return port;
  const std::string doing =
      fmt::format("cannot listen on {} port {}", options.address, options.port);
  return errno != 0 ? Status::FromErrno(errno, doing) : DeviceError(doing);
}

}  // namespace

Status ServeCatalog(const WebServerOptions& options, StorePool& stores,
                    const std::atomic<bool>& stop,
                    const std::function<void(const std::string&)>& started) {
  CatalogApi api(stores);
  PageServer server(stop, [&](const httplib::Request& request, const Connection& connection,
                              httplib::Response& response) {
    Send(Respond(request, options.address, api, connection, response), stop, response);
  });
  Configure(server);
  server.set_exception_handler(
      [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
        response.status = 500;
        response.set_content(WebFailure(500, "internal error").body, "application/json");
      });
  TAPIR_ASSIGN_OR_RETURN(const int port, Bind(server, options));
  started(PageAddress(options.address, port));
  std::atomic<bool> ended{false};
  std::jthread stopper([&] {
    while (!stop.load() && !ended.load()) std::this_thread::sleep_for(kStopCheck);
    // One that has not begun to listen would not notice.
    while (!server.is_running() && !ended.load()) std::this_thread::sleep_for(kStopCheck);
    server.stop();
  });
  const bool served = server.listen_after_bind();
  ended = true;
  return served || stop.load() ? OkStatus() : DeviceError("serving ended with a failure");
}

}  // namespace tapir::cli
