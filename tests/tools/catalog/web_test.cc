#include <gmock/gmock.h>

#include <atomic>
#include <string>

#include "tapir/catalog/sqlite_store.h"
#include "tests/support/scratch.h"
#include "tools/catalog/web/api.h"
#include "tools/catalog/web/files.h"
#include "tools/catalog/web/host.h"
#include "tools/catalog/web/parameters.h"
#include "tools/catalog/web/watched_store.h"
#include "tools/html.h"

namespace tapir::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

StatusCode ParseCode(const std::string& query) {
  const auto parsed = WebParameters::Parse(query);
  return parsed.status().code();
}

TEST(WebParameters, AreDecoded) {
  const auto parsed = WebParameters::Parse("q=a+b%2Fc%c3%A9&all=1&&empty=&bare");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Text("q"), "a b/c\xC3\xA9");
  EXPECT_TRUE(*parsed->Flag("all"));
  EXPECT_FALSE(*parsed->Flag("none"));
  EXPECT_TRUE(parsed->Has("bare"));
  EXPECT_EQ(parsed->Text("empty"), "");
  EXPECT_TRUE(parsed->Check({"q", "all", "empty", "bare"}).ok());
  EXPECT_EQ(parsed->Check({"q", "all"}).code(), StatusCode::kInvalidArgument);
}

TEST(WebParameters, MalformedOnesAreRefused) {
  for (const char* query : {"a=%", "a=%4", "a=%4g", "a=%00", "%00=1", "a=b%"}) {
    EXPECT_EQ(ParseCode(query), StatusCode::kInvalidArgument) << query;
  }
  std::string many;
  for (int i = 0; i < 301; ++i) many += "a=1&";
  EXPECT_EQ(ParseCode(many), StatusCode::kInvalidArgument);
}

TEST(WebParameters, ComeOnceUnlessTheyMayBeRepeated) {
  const auto parsed = WebParameters::Parse("p=YQ&p=Yg");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Check({"p"}).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(parsed->Check({}, {"p"}).ok());
  EXPECT_THAT(*parsed->Ids("p"), ElementsAre("a", "b"));
}

TEST(WebParameters, NumbersHaveLimits) {
  const auto parsed = WebParameters::Parse("a=5&b=-1&c=5x&d=18446744073709551616&e=+5&f=");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(**parsed->Number("a", 5, 5), 5u);
  EXPECT_FALSE(parsed->Number("a", 6, 9).ok());
  EXPECT_FALSE(parsed->Number("a", 0, 4).ok());
  for (const char* name : {"b", "c", "d", "e"}) {
    EXPECT_FALSE(parsed->Number(name, 0, ~uint64_t{0}).ok()) << name;
  }
  EXPECT_EQ(*parsed->Number("f", 1, 2), std::nullopt);
  EXPECT_EQ(*parsed->Number("none", 1, 2), std::nullopt);
}

TEST(WebParameters, IdsHaveOneFormOnly) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (size_t length = 0; length <= all.size(); ++length) {
    const std::string bytes = all.substr(all.size() - length);
    const auto decoded = DecodeId(EncodeId(bytes));
    ASSERT_TRUE(decoded.ok()) << length;
    EXPECT_EQ(*decoded, bytes);
  }
  EXPECT_EQ(EncodeId("\xFB\xFF\xFE"), "-__-");
  for (const char* text : {"Y", "YR", "YQ==", "YQ=", "+/", "Y Q", "\xFF\xFF"}) {
    EXPECT_EQ(DecodeId(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(OwnHost, IsAnAddressOfThisMachine) {
  for (const char* host :
       {"localhost", "LOCALHOST:80", "localhost:", "127.0.0.1:8273", "[::1]:1", "[::1]"}) {
    EXPECT_TRUE(IsOwnHost(host, "127.0.0.1")) << host;
  }
  for (const char* host :
       {"", ":80", "evil.example", "localhost.evil.example", "127.0.0.1:x", "127.0.0.1:1:2", "[::1",
        "::1", "[localhost]", "127.0.0.2", "192.0.2.1", "localhost:123456"}) {
    EXPECT_FALSE(IsOwnHost(host, "127.0.0.1")) << host;
  }
  EXPECT_TRUE(IsOwnHost("Archive:8273", "archive"));
  EXPECT_TRUE(IsOwnHost("[2001:db8::1]:80", "2001:db8::1"));
  EXPECT_TRUE(IsOwnHost("192.0.2.1", "0.0.0.0"));
  EXPECT_TRUE(IsOwnHost("[2001:db8::1]", "::"));
  EXPECT_FALSE(IsOwnHost("evil.example", "0.0.0.0"));
}

// Whatever is asked ends when nobody waits for it.
TEST(CatalogApi, EndsWhenItIsCancelled) {
  test::Scratch scratch;
  const std::string file = scratch.At("catalog.db");
  ASSERT_TRUE(catalog::OpenSqliteStore(file, catalog::StoreUse::kWrite).ok());
  StorePool stores([&] { return catalog::OpenSqliteStore(file, catalog::StoreUse::kRead); });
  CatalogApi api(stores);
  std::atomic<bool> cancelled{false};
  EXPECT_EQ(api.Answer("/api/catalog", "", cancelled).status, 200);
  cancelled = true;
  for (const char* path :
       {"/api/catalog", "/api/volume", "/api/list", "/api/needs", "/api/find", "/api/duplicates"}) {
    const char* query = std::string_view(path) == "/api/needs" ? "path=YQ" : "";
    EXPECT_THAT(api.Answer(path, query, cancelled).body, HasSubstr("nobody waits")) << path;
  }
}

TEST(WatchedStore, IsOnlyReadAndOnlyWhileSomebodyWaits) {
  test::Scratch scratch;
  const auto opened = catalog::OpenSqliteStore(scratch.At("catalog.db"), catalog::StoreUse::kWrite);
  ASSERT_TRUE(opened.ok());
  std::atomic<bool> cancelled{false};
  WatchedStore store(**opened, cancelled);
  EXPECT_TRUE(store.Volumes().ok());
  EXPECT_EQ(store.AddNote({}).code(), StatusCode::kUnsupported);
  cancelled = true;
  EXPECT_EQ(store.Volumes().status().code(), StatusCode::kCancelled);
  EXPECT_EQ(store.Subdirectories({}).status().code(), StatusCode::kCancelled);
  EXPECT_EQ(store.NextListings(-1, 100).status().code(), StatusCode::kCancelled);
}

TEST(PageAddress, HasBracketsWhereTheyAreNeeded) {
  EXPECT_EQ(PageAddress("127.0.0.1", 80), "http://127.0.0.1:80/");
  EXPECT_EQ(PageAddress("::1", 80), "http://[::1]:80/");
}

TEST(Html, IsInert) {
  EXPECT_EQ(HtmlName("<b a='\"&\"'>"), "&lt;b a=&#39;&quot;&amp;&quot;&#39;&gt;");
  EXPECT_EQ(HtmlName("a\\b\xFF\n"), "a\\\\b\\xFF\\n");
  EXPECT_EQ(HtmlText("a\\b\u202E"), "a\\b\\xE2\\x80\\xAE");
}

TEST(WebFiles, AreBuiltIn) {
  const WebFile* page = FindWebFile("/");
  ASSERT_NE(page, nullptr);
  EXPECT_THAT(std::string(page->text), HasSubstr("</html>"));
  EXPECT_EQ(page->type, "text/html; charset=utf-8");
  const WebFile* script = FindWebFile("/app.js");
  ASSERT_NE(script, nullptr);
  EXPECT_EQ(script->type, "text/javascript; charset=utf-8");
  // Nothing comes from elsewhere, and no text is taken for markup.
  for (const char* name :
       {"/", "/app.js", "/api.js", "/dom.js", "/search.js", "/browse.js", "/volumes.js",
        "/volume.js", "/picture.js", "/duplicates.js", "/needs.js", "/basket.js", "/style.css"}) {
    const WebFile* file = FindWebFile(name);
    ASSERT_NE(file, nullptr) << name;
    for (const char* word : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                             "eval(", "https://", "//cdn"}) {
      EXPECT_THAT(std::string(file->text), Not(HasSubstr(word))) << name;
    }
  }
  EXPECT_EQ(FindWebFile("/index.html"), nullptr);
  EXPECT_EQ(FindWebFile(""), nullptr);
}

}  // namespace
}  // namespace tapir::cli
