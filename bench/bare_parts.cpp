#include "bench/bare_parts.hpp"

#include "core/api/page_splitter.hpp"
#include "core/base/percent_encoding.hpp"

#include <httplib.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace sluice::bench {

namespace {

/// As many as the pipeline has connections if the rate is unlimited.
constexpr unsigned threads = 4;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bare parts: %s\n", what.c_str());
  std::_Exit(1);
}

results_dialect extralt() {
  results_dialect dialect;
  dialect.items = {"/items"};
  dialect.item_id = {"/_id"};
  dialect.item_url = {"/url"};
  dialect.page.by = pagination::kind::cursor;
  dialect.page.next = {"/nextCursor"};
  return dialect;
}

/// The text after the last `before`, up to a quotation mark.
std::string last_after(std::string_view body, std::string_view before) {
  auto at = body.rfind(before);
  if (at == body.npos)
    return {};
  body.remove_prefix(at + before.size());
  return std::string{body.substr(0, body.find('"'))};
}

class bare_run {
public:
  bare_run(const bare_job& job, bare_part last)
      : job_{job}, last_{last}, splitter_{extralt()} {
    if (last_ == bare_part::write)
      file_ = ::open(job_.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }

  void work() {
    httplib::Client client{"127.0.0.1", job_.port};
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_bearer_token_auth("k");
    for (auto i = next_++; i < job_.runs.size(); i = next_++)
      for (std::optional<std::string> cursor{""}; cursor;)
        cursor = fetch(client, job_.runs[i], *cursor);
  }

  void finish() {
    if (last_ == bare_part::write && ::fsync(file_) != 0)
      give_up("cannot write the file");
  }

private:
  std::optional<std::string> fetch(httplib::Client& client,
                                   const std::string& run,
                                   const std::string& cursor) {
    auto path = "/captures?runId=" + run;
    if (!cursor.empty())
      path += "&cursor=" + percent_encode(cursor);
    auto reply = client.Get(path);
    if (!reply)
      give_up("cannot fetch a page: " + httplib::to_string(reply.error()));
    if (reply->status != 200)
      give_up("cannot fetch a page: HTTP " + std::to_string(reply->status));
    if (last_ == bare_part::download) {
      auto next = last_after(reply->body, R"("nextCursor":")");
      return next.empty() ? std::nullopt : std::optional{next};
    }
    auto page = splitter_.split(reply->body);
    if (!page)
      give_up("cannot split a page");
    if (last_ == bare_part::write)
      write(reply->body, *page);
    return page->next;
  }

  void write(std::string_view body, const split_page& page) {
    std::string lines;
    lines.reserve(body.size());
    for (auto capture : page.captures) {
      lines +=
        body.substr(capture.span.begin, capture.span.end - capture.span.begin);
      lines += '\n';
    }
    std::lock_guard guard{mutex_};
    if (::write(file_, lines.data(), lines.size())
        != static_cast<ssize_t>(lines.size()))
      give_up("cannot write the file");
  }

  const bare_job& job_;
  bare_part last_;
  page_splitter splitter_;
  int file_ = -1;
  std::mutex mutex_;
  std::atomic<size_t> next_{0};
};

[[noreturn]] void carry_out(const bare_job& job, bare_part last) {
  bare_run run{job, last};
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i)
    workers.emplace_back([&] { run.work(); });
  for (auto& worker : workers)
    worker.join();
  run.finish();
  std::_Exit(0);
}

} // namespace

std::vector<std::string>
create_runs(uint16_t port, size_t count, size_t urls_per_run) {
  httplib::Client client{"127.0.0.1", port};
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_bearer_token_auth("k");
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) {
    std::string body = R"({"robotId":"r","urls":[)";
    for (size_t j = 0; j < urls_per_run; ++j)
      body += (j > 0 ? "," : "") + std::string{R"("https://shop.example/item/)"}
              + std::to_string(i * urls_per_run + j) + '"';
    auto reply = client.Post("/runs", body + "]}", "application/json");
    if (!reply || reply->status != 201)
      give_up("cannot create a run");
    ids.push_back(last_after(reply->body, R"("_id":")"));
  }
  return ids;
}

child_result run_bare(const bare_job& job, bare_part last) {
  auto pid = ::fork();
  if (pid == 0)
    carry_out(job, last);
  return wait_for(pid);
}

} // namespace sluice::bench
