#include "core/input/import.hpp"
#include "core/model/import_target.hpp"
#include "tests/core/input/import_setup.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <csignal>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("URLs arrive once each, in input order and in full batches") {
  for (auto deduplicate : {true, false}) {
    CAPTURE(deduplicate);
    import_setup setup;
    setup.job.input.deduplicate = deduplicate;
    setup.list("b.txt", "http://h/1\nhttp://h/2\n# no\nhttp://h/1\n");
    setup.list("a.csv", "url\nhttp://h/3\nhttp://h/2\n");
    setup.list("c.jsonl", "{\"url\":\"http://h/4\"}\n");
    auto counts = setup.run();
    CHECK(counts.records == 6);
    if (deduplicate) {
      CHECK(counts.duplicates == 2);
      CHECK(setup.target.urls_of("r")
            == texts{"http://h/1", "http://h/2", "http://h/3", "http://h/4"});
    } else {
      CHECK(counts.duplicates == 0);
      CHECK(setup.target.urls_of("r")
            == texts{"http://h/1", "http://h/2", "http://h/1", "http://h/3",
                     "http://h/2", "http://h/4"});
    }
    CHECK(setup.target.batches[0].second.size() == 3);
    CHECK(counts.batches == 2);
  }
}

TEST_CASE("only identical URLs are duplicates") {
  import_setup setup;
  setup.list("a.txt", "http://h/\nHTTP://h/\nhttp://h\nhttp://h/#x\n");
  CHECK(setup.run().duplicates == 0);
}

TEST_CASE(
  "odd lines of real lists are counted and reported with their positions") {
  import_setup setup;
  setup.list("real.txt", "https://urllib3.example.org\n"
                         "https:/qmidictl.sourceforge.io\n"
                         "<insert homepage here>\n"
                         "ftp://ftp.gnu.example/gnu/aspell/dict/he/\n"
                         "gopher://bitreich.example/1/scm/sacc\n"
                         "https://code.example/projects/cdo/wiki/Cdo{rbpy}\n"
                         "http://oocities.example/someone@mail.example/\n"
                         "https://https://github.com/TEOS-10/GSW-python\n"
                         "\xff\xfe\n"
                         "http://h:port/\n");
  auto name = setup.job.input.urls[0];
  auto counts = setup.run();
  CHECK(counts.records == 10);
  CHECK(counts.urls == 4);
  texts places;
  for (auto& record : setup.target.invalid) {
    CHECK(record.source == name);
    places.push_back(std::to_string(record.line) + ": " + record.reason);
  }
  CHECK(places
        == texts{"2: no host", "3: contains a control character or space",
                 "4: not an http or https URL", "5: not an http or https URL",
                 "9: not UTF-8", "10: bad port"});
  CHECK(setup.target.invalid[2].text
        == "ftp://ftp.gnu.example/gnu/aspell/dict/he/");
}

TEST_CASE("traces of joined lists are reported with a remedy") {
  using namespace std::string_literals;
  import_setup setup;
  setup.list("a.txt", "http://h/1\n\xEF\xBB\xBFhttp://h/2\n"
                      "\xFF\xFEh\0t\0t\0p\0:\0/\0/\0h\0\n\0"
                      "h\0t\0t\0p\0:\0/\0/\0h\0\r\0\n\0"s);
  setup.list("b.csv", "url,x\nhttp://h/3,\n\xEF\xBB\xBFhttp://h/4,\n");
  setup.run();
  CHECK(setup.target.urls_of("r") == texts{"http://h/1", "http://h/3"});
  texts reasons;
  for (auto& record : setup.target.invalid)
    reasons.push_back(std::to_string(record.line) + ": "
                      + record.reason.substr(0, 30));
  CHECK(reasons
        == texts{"2: begins with a byte order mark,",
                 "3: UTF-16 text: convert this part",
                 "4: UTF-16 text: convert this part",
                 "5: UTF-16 text: convert this part",
                 "3: begins with a byte order mark,"});
}

TEST_CASE("an invalid record fails the import if the job says so") {
  import_setup setup;
  setup.job.input.fail_on_invalid = true;
  setup.list("a.txt", "http://h/1\n\nhttp://h/\x1b[1m\n");
  auto what = setup.failure(ec::input);
  check_holds(what, "/a.txt:3: contains a control character or space: "
                    "http://h/\\x1b[1m");
  check_holds(what, "on_invalid: skip");
  CHECK(setup.target.batches.empty());
  CHECK(setup.target.invalid.empty());
}

TEST_CASE("URLs go to the robot of their host") {
  import_setup setup;
  setup.job.robots = {{{"a.example", "one"}, {"b.example", "two"}}, {}, "rest"};
  setup.list("a.txt", "http://A.example:80/1\nhttp://b.example/2\n"
                      "http://sub.a.example/3\nhttp://me@a.example/4\n");
  setup.run();
  CHECK(setup.target.urls_of("one")
        == texts{"http://A.example:80/1", "http://me@a.example/4"});
  CHECK(setup.target.urls_of("two") == texts{"http://b.example/2"});
  CHECK(setup.target.urls_of("rest") == texts{"http://sub.a.example/3"});
}

TEST_CASE("a non-ASCII host is looked up in its IDNA form") {
  import_setup setup;
  setup.job.robots = {{{"xn--bcher-kva.example", "one"}}, {}, "rest"};
  setup.list("a.txt", "http://b\u00fccher.example/1\n"
                      "http://B\u00dcCHER.example:80/2\n"
                      "http://bu\u0308cher.example/3\n"
                      "http://XN--Bcher-KVA.example/4\n"
                      "http://bucher.example/5\n"
                      "http://\u00fc-\ufffd.example/6\n");
  setup.run();
  CHECK(setup.target.urls_of("one")
        == texts{
          "http://b\u00fccher.example/1", "http://B\u00dcCHER.example:80/2",
          "http://bu\u0308cher.example/3", "http://XN--Bcher-KVA.example/4"});
  CHECK(setup.target.urls_of("rest").size() == 2);
}

TEST_CASE("hosts with the same robot share its batches") {
  import_setup setup;
  setup.job.robots = {{{"a", "one"}, {"b", "one"}}, {}, "one"};
  setup.list("a.txt", "http://a/\nhttp://b/\nhttp://c/\n");
  CHECK(setup.run().batches == 1);
}

TEST_CASE("the longest matching domain selects the robot of a host") {
  import_setup setup;
  setup.job.robots.by_host = {{"a.shop.example", "exact"}};
  setup.job.robots.below = {{"shop.example", "shop"},
                            {"eu.shop.example", "eu"}};
  setup.job.robots.fallback = "rest";
  setup.list("a.txt", "http://A.shop.example/\nhttp://b.shop.example/\n"
                      "http://a.eu.Shop.example/\nhttp://x.a.shop.example/\n"
                      "http://shop.example/\nhttp://myshop.example/\n"
                      "http://eu.shop.example/\n");
  setup.run();
  CHECK(setup.target.urls_of("exact") == texts{"http://A.shop.example/"});
  CHECK(setup.target.urls_of("shop")
        == texts{"http://b.shop.example/", "http://x.a.shop.example/",
                 "http://eu.shop.example/"});
  CHECK(setup.target.urls_of("eu") == texts{"http://a.eu.Shop.example/"});
  CHECK(setup.target.urls_of("rest")
        == texts{"http://shop.example/", "http://myshop.example/"});
}

TEST_CASE("all hosts without a robot are reported at once with their URLs") {
  import_setup setup;
  setup.job.robots = {{{"a.example", "one"}}, {}, ""};
  setup.job.input.deduplicate = GENERATE(true, false);
  std::string lines = "http://a.example/1\n";
  for (auto host = 0; host < 12; ++host)
    for (auto url = 0; url <= host; ++url)
      lines += "http://h" + std::to_string(host) + ".example/"
               + std::to_string(url) + "\n";
  setup.list("a.txt", lines);
  auto what = setup.failure(ec::input);
  check_holds(what, "no robot for 78 of the URLs");
  check_holds(what, "\"h11.example\": ROBOT_ID");
  check_holds(what, "/a.txt:68: h11.example: 12 URLs\n");
  check_holds(what, "h2.example: 3 URLs");
  check_holds(what, "… and 2 more hosts");
  CHECK(what.find("h1.example:") == what.npos);
}

TEST_CASE("a host without a robot fails the import before it adds a batch") {
  import_setup setup;
  setup.job.robots = {{{"a.example", "one"}}, {}, ""};
  setup.job.urls_per_run = 1;
  setup.list("a.txt", "http://a.example/1\n\nhttp://Other.example/x\n");
  auto what = setup.failure(ec::input);
  check_holds(what, "/a.txt:3: other.example: 1 URL");
  check_holds(what, "runs.robot: {\"other.example\": ROBOT_ID}");
  CHECK(setup.target.batches.empty());
}

TEST_CASE("an input without any URL reports what it contains") {
  {
    import_setup setup;
    setup.list("a.txt", "# nothing\n\n");
    check_holds(setup.failure(ec::input), "is empty");
  }
  import_setup setup;
  setup.list("a.txt", "ftp://a\nftp://b\nhttp://\n");
  auto what = setup.failure(ec::input);
  check_holds(what, "all 3 records are invalid");
  check_holds(what, "2 × not an http or https URL, 1 × no host");
  CHECK(setup.target.invalid.size() == 3);
}

TEST_CASE("globs are lists in order and may be compressed") {
  import_setup setup;
  setup.folder.write("2.txt.gz", compress(compression::gzip, "http://h/2\n"));
  setup.folder.write("1.txt.zst", compress(compression::zstd, "http://h/1\n"));
  setup.folder.write("3.txt.lz4", compress(compression::lz4, "http://h/3\n"));
  setup.job.input.urls = {setup.folder.path() / "*.txt.*"};
  setup.run();
  CHECK(setup.target.urls_of("r")
        == texts{"http://h/1", "http://h/2", "http://h/3"});
}

TEST_CASE("a damaged list fails the import before any batch is added") {
  import_setup setup;
  auto bytes = compress(compression::zstd, many_urls(20'000));
  bytes[bytes.size() * 3 / 4] ^= 1;
  setup.list("a.txt.zst", bytes);
  check_holds(setup.failure(ec::input), "/a.txt.zst:");
  CHECK(setup.target.batches.empty());
}

TEST_CASE("an import can be interrupted at its start and in its second pass") {
  import_setup setup;
  setup.list("a.txt", many_urls(1'000));
  setup.job.progress = [](const import_counts&, double) { return false; };
  setup.failure(ec::interrupted);
  CHECK(setup.target.batches.empty());

  uint64_t records = 0;
  setup.job.progress = [&](const import_counts& counts, double) {
    records = counts.records;
    return records == 0;
  };
  setup.failure(ec::interrupted);
  CHECK(records == 1'000);
  CHECK(setup.target.batches.empty());
}

TEST_CASE("progress ends with the final counts and a share of one") {
  import_setup setup;
  setup.list("a.txt", many_urls(50'000, 40'000));
  import_counts last;
  double share = 0;
  setup.job.progress = [&](const import_counts& counts, double now) {
    CHECK(now >= share);
    CHECK(counts.records == counts.invalid + counts.duplicates + counts.urls);
    last = counts;
    share = now;
    return true;
  };
  auto counts = setup.run();
  CHECK(share == 1);
  CHECK(last.urls == counts.urls);
  CHECK(last.batches == counts.batches);
  CHECK(counts.duplicates == 10'000);
}

TEST_CASE("an error of the target ends the import") {
  import_setup setup;
  setup.list("a.txt", many_urls(100));
  setup.target.refuse = make_error(ec::ledger_unusable, "no");
  CHECK(setup.failure(ec::ledger_unusable) == "no");
  CHECK(setup.target.batches.size() == 1);
}

TEST_CASE("a full disk is an error that names the place and the remedy") {
  import_setup setup;
  setup.list("a.txt", many_urls(200'000));
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  auto ignore = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small{64 * 1024, old.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto counts = run_import(setup.job, setup.target);
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, ignore);
  REQUIRE_FALSE(counts);
  CHECK(code_of(counts.error()) == ec::disk);
  check_holds(what_of(counts.error()), setup.folder.path().string());
  check_holds(what_of(counts.error()), "make room");
}

TEST_CASE("the temporary folder is empty afterwards") {
  import_setup setup;
  setup.list("a.txt", many_urls(1'000));
  bool seen_empty = false;
  setup.job.progress = [&](const import_counts&, double) {
    auto files = std::distance(
      std::filesystem::directory_iterator{setup.folder.path()}, {});
    seen_empty = files == 1;
    return seen_empty;
  };
  setup.run();
  CHECK(seen_empty);
}

TEST_CASE("twenty thousand real URLs import with eight invalid lines") {
  auto list = std::filesystem::path{SLUICE_SOURCE_DIR}.parent_path() / "shared"
              / "data" / "urls-20k.txt";
  if (!std::filesystem::exists(list)) {
    WARN("skipped: the list of real URLs is not there");
    return;
  }
  import_setup setup;
  setup.job.urls_per_run = 100;
  setup.job.input.urls = {list};
  auto counts = setup.run();
  CHECK(counts.records == 20'000);
  CHECK(counts.invalid == 8);
  CHECK(counts.duplicates == 0);
  CHECK(counts.batches == 200);
}
