// Jobs begun by a sluice with an earlier ledger format and continued by this
// one. That sluice left `ledgers/format<n>` when it was stopped in the middle
// of this job, with its simulator.

#include "core/ledger/ledger_formats.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>
#include <sqlite3.h>

#include <filesystem>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

struct old_job : slow_job {
  static constexpr int64_t urls_per_run = 20;

  /// Copies the old job to this folder and recreates its runs in this
  /// simulator, which gives the same results for the same requests.
  void take(int64_t format) const {
    auto kept = std::filesystem::path{SLUICE_SOURCE_DIR}
                / "tests/end_to_end/ledgers"
                / ("format" + std::to_string(format));
    for (auto* name : {"job.sluice", "captures.jsonl"})
      std::filesystem::copy_file(kept / name, file(name));
    // The address and the folder differ from the original ones.
    execute("UPDATE binding SET value = '" + api().base_url()
            + "' WHERE name = 'api.base_url';"
              "UPDATE binding SET value = 'type=file path="
            + file("captures.jsonl").string()
            + " compression=none' WHERE name = 'sinks.file-0'");
    for (auto& [batch, run] : runs())
      CHECK(submit(batch) == run);
  }

  /// Batch and run, in the order in which the runs were created.
  [[nodiscard]] std::vector<std::pair<int64_t, std::string>> runs() const {
    std::vector<std::pair<int64_t, std::string>> result;
    auto collect = [](void* out, int, char** values, char**) {
      static_cast<decltype(result)*>(out)->emplace_back(std::stoll(values[0]),
                                                        values[1]);
      return 0;
    };
    execute("SELECT id, run_id FROM batch WHERE run_id IS NOT NULL"
            " ORDER BY run_id",
            collect, &result);
    return result;
  }

  void execute(const std::string& sql,
               int (*row)(void*, int, char**, char**) = nullptr,
               void* out = nullptr) const {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file("job.sluice").c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql.c_str(), row, out, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }

  /// Creates the run of an imported batch and returns its id.
  [[nodiscard]] std::string submit(int64_t batch) const {
    std::istringstream lines{url_lines(all_urls)};
    std::string url, urls;
    for (int64_t i = 0; std::getline(lines, url); ++i)
      if (i / urls_per_run == batch - 1)
        urls += (urls.empty() ? "\"" : ",\"") + url + '"';
    httplib::Client client{"127.0.0.1", api().port()};
    client.set_bearer_token_auth(secret_key);
    auto reply =
      client.Post("/runs", R"({"robotId": "rbt_test", "urls": [)" + urls + "]}",
                  "application/json");
    REQUIRE(reply);
    auto id = reply->body.find("run_");
    REQUIRE(id != std::string::npos);
    return reply->body.substr(id, reply->body.find('"', id) - id);
  }
};

} // namespace

TEST_CASE_METHOD(old_job, "a job begun by an earlier sluice is continued") {
  auto format = GENERATE(range(earliest_ledger_format, ledger_format));
  CAPTURE(format);
  take(format);
  CHECK(status_of("/urls/captured") == urls_per_run);
  CHECK(status_of("/urls/pending") == all_urls - urls_per_run);
  check_completes();
  CHECK(std::filesystem::exists(
    file("job.sluice.format" + std::to_string(format))));
}
