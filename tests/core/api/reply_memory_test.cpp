// The memory that reading a reply takes in addition to the reply, measured as
// the growth of a child process that does nothing else.

#include "core/api/listed_runs.hpp"
#include "core/api/page_splitter.hpp"
#include "core/api/read_verdict.hpp"
#include "core/api/reply_reader.hpp"
#include "core/api/run_status_reader.hpp"
#include "core/api/submit_verdict.hpp"
#include "core/base/indexed_json_reader.hpp"
#include "core/base/url.hpp"
#include "core/http/content_coding.hpp"
#include "core/http/growing_body.hpp"
#include "core/input/jsonl_reader.hpp"
#include "tests/core/input/list_fixture.hpp"
#include "tests/support/resident_peak.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr size_t mib = 1 << 20;
constexpr size_t reply_bytes = 16 * mib; // the default of api.max_body

/// By how many bytes the peak of a process exceeds its size with the body.
size_t growth(const std::function<std::string()>& make,
              const std::function<void(std::string&)>& use) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (auto small : {"{}", R"([{"id":1,"status":"x"}])", "<html>", "["}) {
      std::string body{small}; // loads the code into memory
      use(body);
    }
    auto body = make();
    resident_peak memory;
    use(body);
    auto grown = memory.growth();
    auto told = ::write(ends[1], &grown, sizeof grown);
    ::_exit(told == sizeof grown ? 0 : 1);
  }
  size_t grown = 0;
  int status = 0;
  ::close(ends[1]);
  auto got = ::read(ends[0], &grown, sizeof grown);
  ::close(ends[0]);
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(got == sizeof grown);
  REQUIRE(status == 0);
  return grown;
}

/// `begin`, then `part` as often as it fits into `reply_bytes`, then `end`.
std::function<std::string()>
body_maker(std::string begin, std::string part, std::string end) {
  return [=] {
    std::string body;
    body.reserve(reply_bytes);
    std::string parts;
    for (int i = 0; i < 100; ++i)
      parts += part;
    body += begin;
    while (body.size() + parts.size() + end.size() <= reply_bytes)
      body += parts;
    return body += end;
  };
}

struct hostile_reply {
  const char* name;
  std::function<std::string()> make;
};

std::vector<hostile_reply> hostile_replies() {
  auto closed = [](size_t levels) { return std::string(levels, ']'); };
  return {
    {"numbers", body_maker("[0", ",0", "]")},
    {"objects", body_maker("[{}", ",{}", "]")},
    {"objects in the state", body_maker(R"({"status":[{})", ",{}", "]}")},
    {"levels", body_maker(std::string(255, '['), "[],", "0" + closed(255))},
    {"levels without end", body_maker("", "[", "")},
    {"one text", body_maker(R"({"status":")", "x", R"("})")},
    {"one text of escapes", body_maker(R"({"status":")", "\\u0001", R"("})")},
    {"one text as an id", body_maker(R"({"id":")", "\\n", R"("})")},
    {"one name of escapes", body_maker("{\"", "\\u0061", "\":1}")},
    {"one number", body_maker(R"({"status":"x","id":)", "1", "}")},
    {"one count", body_maker(R"({"status":"x","count":)", "1", "e1}")},
    {"keys", body_maker("{\"id\":\"x\"", ",\"k\":1", "}")},
    {"the same keys", body_maker("{\"id\":\"x\"", ",\"status\":{}", "}")},
    {"an error", body_maker(R"({"message":[)"
                            "0",
                            ",0", "]}")},
    {"not JSON", body_maker("<html>", "<p>", "</html>")},
  };
}

api_profile plain_profile() {
  api_profile profile;
  profile.submit.id = {"/id", "/0/id"};
  profile.error = {"/message", "/error/message"};
  profile.status.state = {"/status", "/0/status"};
  profile.status.extracted = {"/count"};
  profile.status.done = {"completed"};
  profile.status.save = {{"set", "/id"}};
  return profile;
}

http_reply reply_with(int status, std::string body) {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

} // namespace

TEST_CASE("reading a reply takes at most 2 MiB of additional memory",
          "[memory]") {
  if (is_sanitized) {
    std::cout << "skipped: a sanitizer's own memory hides it\n";
    return;
  }
  if (!resident_peak::can_be_read())
    return;
  auto profile = plain_profile();
  for (auto& [name, make] : hostile_replies()) {
    CAPTURE(name);
    CHECK(growth(make,
                 [&](std::string& body) {
                   auto reply = reply_with(201, std::move(body));
                   static_cast<void>(
                     read_run_status(profile.status, reply.body));
                   static_cast<void>(judge_submit(profile, reply));
                   reply.status = 500;
                   static_cast<void>(judge_submit(profile, reply));
                   // A longer error body is not read.
                   reply.body.resize(std::min(reply.body.size(), mib));
                   static_cast<void>(judge_read(profile, reply));
                 })
          < 2 * mib);
  }
}

TEST_CASE("splitting a page takes at most 24 MiB of additional memory",
          "[memory]") {
  if (is_sanitized) {
    std::cout << "skipped: a sanitizer's own memory hides it\n";
    return;
  }
  if (!resident_peak::can_be_read())
    return;
  results_dialect dialect;
  dialect.items = {"/items", ""};
  dialect.item_id = {"/id"};
  dialect.item_url = {"/url"};
  dialect.page.next = {"/next"};
  page_splitter splitter{dialect};
  auto replies = hostile_replies();
  replies.push_back(
    {"captures with an id",
     body_maker(R"([{"id":1,"url":"u"})", R"(,{"id":1,"url":"u"})", "]")});
  auto url = std::string(max_url_bytes, 'u');
  replies.push_back({"captures with long URLs",
                     body_maker("[0", R"(,{"url":")" + url + R"("})", "]")});
  replies.push_back({"captures with escaped URLs",
                     body_maker("[0", R"(,{"url":")" + url + R"(\/"})", "]")});
  replies.push_back({"a next page that is endless",
                     body_maker(R"({"items":[],"next":")", "x", R"("})")});
  for (auto& [name, make] : replies) {
    CAPTURE(name);
    CHECK(growth(make,
                 [&](std::string& body) {
                   static_cast<void>(splitter.split(body));
                   static_cast<void>(splitter.salvage(body));
                 })
          < 24 * mib);
  }
}

TEST_CASE("the index of a page takes at most 5 MiB", "[memory]") {
  if (is_sanitized) {
    std::cout << "skipped: a sanitizer's own memory hides it\n";
    return;
  }
  if (!resident_peak::can_be_read())
    return;
  struct {
    bool name(const json_token&) { return true; }
    bool scalar(const json_token&) { return true; }
    bool open(bool, size_t) { return true; }
    bool close(size_t) { return true; }
    bool skips() { return false; }
  } ignorer;
  auto read = [&](std::string& body) {
    json_index index;
    static_cast<void>(read_indexed_json(index, body, 0, body.size(), ignorer));
  };
  CHECK(growth(body_maker("[0", ",0", "]"), read) < mib);
  CHECK(growth(body_maker("[\"\"", ",{\"a\":0}", "]"), read) < mib);
  CHECK(growth(body_maker("[\"", "x", "\"]"), read) < mib);
  // Strings so far apart that the pieces become large.
  for (auto distance : {mib - 1'000, 3 * mib}) {
    std::string numbers = "\"x\"";
    while (numbers.size() < distance)
      numbers += ",0";
    auto page = [&] {
      auto body = "[" + numbers;
      while (body.size() < reply_bytes)
        body += "," + numbers;
      return body + "]";
    };
    CHECK(growth(page, read) < 5 * mib);
  }
}

TEST_CASE("reading a list of runs takes at most 32 MiB of additional memory",
          "[memory]") {
  if (is_sanitized) {
    std::cout << "skipped: a sanitizer's own memory hides it\n";
    return;
  }
  if (!resident_peak::can_be_read())
    return;
  find_dialect dialect;
  dialect.items = {"/items", ""};
  dialect.id = {"/id"};
  dialect.urls = {"/urls"};
  auto replies = hostile_replies();
  replies.push_back({"runs", body_maker("[0", R"(,{"id":1})", "]")});
  replies.push_back(
    {"URLs", body_maker(R"([{"id":1,"urls":["")", R"(,"")", "]}]")});
  replies.push_back(
    {"runs of URLs",
     body_maker("[0", R"(,{"id":1,"urls":["","","","",""]})", "]")});
  for (auto& [name, make] : replies) {
    CAPTURE(name);
    CHECK(growth(make,
                 [&](std::string& body) {
                   static_cast<void>(read_listed_runs(dialect, body));
                 })
          < 32 * mib);
  }
}

TEST_CASE(
  "a body that grows or is decompressed takes no more memory than its limit",
  "[memory]") {
  if (is_sanitized) {
    std::cout << "skipped: a sanitizer's own memory hides it\n";
    return;
  }
  if (!resident_peak::can_be_read())
    return;
  auto size = GENERATE(reply_bytes / 15, reply_bytes / 2 - 1,
                       reply_bytes * 2 / 3, reply_bytes);
  auto nothing = [] { return std::string{}; };
  CHECK(growth(nothing,
               [&](std::string& body) {
                 std::string piece(4096, 'x');
                 while (body.size() + piece.size() <= size)
                   append_to_body(body, piece, reply_bytes);
                 end_body(body);
               })
        < reply_bytes + 2 * mib);
  auto packed = compress(compression::gzip, std::string(size, 'x'));
  CHECK(growth([&] { return packed; },
               [&](std::string& body) {
                 static_cast<void>(unpack_gzip(body, reply_bytes));
               })
        < reply_bytes + 2 * mib);
}
