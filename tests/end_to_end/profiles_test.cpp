// The example profiles for other APIs: whole jobs against recorded replies.

#include "tests/end_to_end/replay_server.hpp"
#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string examples = SLUICE_SOURCE_DIR "/config/examples/";
const std::string recorded = SLUICE_SOURCE_DIR "/tests/end_to_end/recorded/";

constexpr auto five_urls = "https://shop.example/shoes/1001\n"
                           "https://shop.example/shoes/1002\n"
                           "https://shop.example/shoes/1003\n"
                           "https://shop.example/boots/2001\n"
                           "https://shop.example/boots/2002\n";

/// The example config with that name and its profile, in a temporary folder,
/// with the recording in place of the API.
struct recorded_job {
  recorded_job(const std::string& name, std::string key)
      : api{recorded + name + ".http"}, key_variable{std::move(key)} {
    fill(folder / "urls.txt", five_urls);
    for (auto file : {name + ".yaml", name + "-profile.yaml"})
      std::filesystem::copy_file(examples + file, folder / file);
    config = (folder / (name + ".yaml")).string();
  }

  [[nodiscard]] program_result run() const {
    program_input input;
    input.arguments = {"run",   config,
                       "--set", "api.base_url=" + api.base() + "/v2",
                       "--set", "poll.interval=20ms",
                       "--set", "poll.min_interval=10ms",
                       "--set", "api.requests_per_minute=0"};
    input.environment = {{key_variable, secret_key}};
    return run_program(input);
  }

  [[nodiscard]] std::string file() const {
    return content_of(folder / "captures.jsonl");
  }

  temp_folder folder;
  replay_server api;
  std::string key_variable;
  std::string config;
};

size_t times(const std::vector<std::string>& list, const std::string& what) {
  return static_cast<size_t>(std::count(list.begin(), list.end(), what));
}

} // namespace

TEST_CASE("Apify's profile fetches a dataset by offset") {
  recorded_job job{"apify", "APIFY_TOKEN"};
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(job.api.unknown().empty());
  CHECK(in_account(result.err, "captured") == 5);
  // Unchanged, to the last digit.
  CHECK(
    job.file()
    == R"({"url": "https://shop.example/shoes/1001", "title": "Trail Runner", "price": 132.90}
{"url": "https://shop.example/shoes/1002", "title": "Copper Classic", "price": 130.900}
{"url": "https://shop.example/shoes/1003", "title": "Harbor", "price": null}
{"url": "https://shop.example/boots/2001", "title": "Nordic Swift", "price": 51.9}
{"url": "https://shop.example/boots/2002", "title": "Summit \u2014 Pro", "price": 1e2}
)");
  auto asked = job.api.requests();
  CHECK(times(asked, "POST /v2/actors/acme~product-crawler/runs") == 1);
  // Only the status gives the dataset's id.
  CHECK(times(asked, "GET /v2/datasets/wmKPijuyDnPZAPRMk/items"
                     "?offset=2&limit=1000")
        == 1);
  CHECK(
    job.api.posted()
    == std::vector<std::string>{
      R"({"startUrls":["https://shop.example/shoes/1001",)"
      R"("https://shop.example/shoes/1002","https://shop.example/shoes/1003",)"
      R"("https://shop.example/boots/2001",)"
      R"("https://shop.example/boots/2002"]})"});
  CHECK(job.api.authorizations()
        == std::vector{std::string{"Bearer "} + secret_key});
}

TEST_CASE("Firecrawl's profile follows the URL of the next page") {
  recorded_job job{"firecrawl", "FIRECRAWL_API_KEY"};
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(job.api.unknown().empty());
  CHECK(in_account(result.err, "captured") == 5);
  CHECK(in_account(result.err, "captures") == 5);
  auto got = job.file();
  CHECK(std::count(got.begin(), got.end(), '\n') == 5);
  for (auto title : {"Trail Runner", "Copper Classic", "Harbor", "Nordic Swift",
                     "Summit \\u2014 Pro"})
    CHECK_THAT(got,
               Catch::Contains("{\"markdown\": \"# " + std::string{title}));
  auto asked = job.api.requests();
  CHECK(times(asked, "POST /v2/batch/scrape") == 1);
  CHECK(times(asked, "GET /v2/batch/scrape/"
                     "5b1c8f0e-9a50-4f0f-a7e6-2c9d9e4d1b11?skip=2")
        == 1);
  CHECK(job.api.authorizations()
        == std::vector{std::string{"Bearer "} + secret_key});
}

TEST_CASE("a finished job of another API sends no more requests") {
  recorded_job job{"apify", "APIFY_TOKEN"};
  REQUIRE(job.run().exit_code == 0);
  auto before = job.api.requests().size();
  CHECK(job.run().exit_code == 0);
  CHECK(job.api.requests().size() == before);
}
