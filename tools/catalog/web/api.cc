#include "tools/catalog/web/api.h"

#include <array>
#include <memory>
#include <utility>

#include "tools/catalog/web/questions.h"
#include "tools/catalog/web/watched_store.h"
#include "tools/escape.h"

namespace tapir::cli {

namespace {

int HttpStatusOf(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidArgument: return 400;
    case StatusCode::kNotFound: return 404;
    case StatusCode::kBusy: return 503;
    default: return 500;
  }
}

Json FailureObject(std::string_view text) { return Json{{"error", SafeText(text)}}; }

struct Question {
  std::string_view path;
  Result<Json> (*ask)(catalog::Store&, const WebParameters&);
};
constexpr std::array<Question, 4> kQuestions{{{"/api/catalog", AskCatalog},
                                              {"/api/volume", AskVolume},
                                              {"/api/list", AskList},
                                              {"/api/needs", AskNeeds}}};

/// Sets a flag back when it ends, once.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { End(); }

  void End() {
    if (!ended_.exchange(true)) taken_.store(false);
  }

 private:
  std::atomic<bool>& taken_;
  std::atomic<bool> ended_{false};
};

WebAnswer Ask(StorePool& stores, const Question& question, const WebParameters& parameters,
              const std::atomic<bool>& cancelled) {
  Result<StorePool::Lease> lease = stores.Take();
  if (!lease.ok()) return WebFailure(lease.status());
  WatchedStore watched(lease->store(), cancelled);
  const Result<Json> answer = question.ask(watched, parameters);
  const Status status = lease->Judge(answer.status());
  return status.ok() ? WebAnswer{.body = ToLine(*answer)} : WebFailure(status);
}

using Prepare = Result<StreamWork> (*)(catalog::Store&, const WebParameters&);

/// `turn` is kept until the stream has ended.
WebAnswer Stream(StorePool& stores, Prepare prepare, const WebParameters& parameters,
                 const std::atomic<bool>& cancelled, std::shared_ptr<Turn> turn = nullptr) {
  Result<StorePool::Lease> taken = stores.Take();
  if (!taken.ok()) return WebFailure(taken.status());
  const auto lease = std::make_shared<StorePool::Lease>(*std::move(taken));
  WatchedStore watched(lease->store(), cancelled);
  const Result<StreamWork> work = prepare(watched, parameters);
  if (!work.ok()) return WebFailure(lease->Judge(work.status()));
  WebAnswer answer{.type = "application/x-ndjson"};
  answer.stream = [lease, work = *work, turn = std::move(turn)](LineSink& sink) {
    WatchedStore used(lease->store(), sink.cancelled());
    const Status status = lease->Judge(work(used, sink));
    // Whoever asks again as soon as the answer has come gets one.
    if (turn) turn->End();
    if (status.ok()) return;
    // Nobody reads this if it failed because they have gone.
    static_cast<void>(sink.Write(FailureObject(status.message())));
  };
  return answer;
}

}  // namespace

WebAnswer WebFailure(int status, std::string_view text) {
  return {.status = status, .body = ToLine(FailureObject(text))};
}

WebAnswer WebFailure(const Status& status) {
  return WebFailure(HttpStatusOf(status.code()), status.message());
}

WebAnswer CatalogApi::Answer(std::string_view path, std::string_view query,
                             const std::atomic<bool>& cancelled) {
  const Result<WebParameters> parameters = WebParameters::Parse(query);
  if (!parameters.ok()) return WebFailure(parameters.status());
  for (const Question& question : kQuestions) {
    if (question.path == path) return Ask(stores_, question, *parameters, cancelled);
  }
  if (path == "/api/find") return Stream(stores_, PrepareFind, *parameters, cancelled);
  if (path == "/api/duplicates") return AskDuplicates(*parameters, cancelled);
  return WebFailure(404, "nothing is here");
}

WebAnswer CatalogApi::AskDuplicates(const WebParameters& parameters,
                                    const std::atomic<bool>& cancelled) {
  // All of the catalogue is read for it: several at once would only slow each other down.
  if (counting_duplicates_.exchange(true)) {
    return WebFailure(503, "duplicates are being looked for already; try again in a while");
  }
  return Stream(stores_, PrepareDuplicates, parameters, cancelled,
                std::make_shared<Turn>(counting_duplicates_));
}

}  // namespace tapir::cli
