#include "core/input/list_changes.hpp"
#include "tests/core/input/import_setup.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <filesystem>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

/// Counts the bytes read, and stops if `go_on` is false.
struct counting_monitor : read_monitor {
  bool on_read(std::string_view bytes) override {
    read += bytes.size();
    return go_on;
  }
  size_t read = 0;
  bool go_on = true;
};

/// Sets the modification time of `file` back.
void make_older(const fs::path& file) {
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours{24});
}

/// A job whose lists have been imported.
struct imported_lists : import_setup {
  /// A list that was not changed recently.
  void list(const std::string& name, std::string_view content) {
    import_setup::list(name, content);
    make_older(at(name));
  }

  void import() {
    static_cast<void>(run());
    lists = target.lists;
  }

  list_comparison compare() {
    return must(compare_lists(lists, job.input, monitor));
  }

  /// "edited b.txt, gone c.txt": the differences and the losses.
  std::string changes() {
    auto found = compare();
    std::string text;
    for (auto* part : {&found.other, &found.lost, &found.unreadable})
      for (auto& list : *part) {
        constexpr const char* names[] = {"edited",         "added", "left out",
                                         "read otherwise", "gone",  "unseen",
                                         "unreadable"};
        text += (text.empty() ? "" : ", ")
                + std::string{names[static_cast<size_t>(list.change)]} + " "
                + fs::path{list.name}.filename().string();
      }
    return text;
  }

  [[nodiscard]] fs::path at(const std::string& name) const {
    return folder.path() / name;
  }

  std::vector<list_identity> lists;
  counting_monitor monitor;
};

} // namespace

TEST_CASE_METHOD(imported_lists,
                 "an import records the properties of each list") {
  list("a.txt", "http://h/1\n");
  list("b.csv.gz",
       compress(compression::gzip, "url\nhttp://h/2\nhttp://h/3\n"));
  import();
  REQUIRE(lists.size() == 2);
  CHECK(lists[0].name == at("a.txt"));
  CHECK(lists[0].stamp->size == 11);
  CHECK(lists[0].stamp == stamp_of(at("a.txt")));
  CHECK(lists[0].hash.size() == 16);
  CHECK(lists[0].hash == must(hash_of_list(at("a.txt"), monitor)));
  CHECK(lists[0].reading == "lines");
  // As stored on disk.
  CHECK(lists[1].stamp->size == fs::file_size(at("b.csv.gz")));
  CHECK(lists[1].hash == must(hash_of_list(at("b.csv.gz"), monitor)));
  CHECK(lists[1].reading == "csv, column 'url'");
}

TEST_CASE("the hash of a list is XXH3, independent of the pieces") {
  list_digest whole, pieces;
  whole.add("https://shop.example/1\n");
  pieces.add("https://shop");
  pieces.add("");
  pieces.add(".example/1\n");
  CHECK(whole.finish() == pieces.finish());
  // The hash of no bytes, from the reference implementation.
  CHECK(list_digest{}.finish()
        == "\x99\xaa\x06\xd3\x01\x47\x98\xd8\x60\x01\xc3\x24\x46\x8d\x49\x7f");
}

TEST_CASE_METHOD(imported_lists,
                 "a list with the same size and time is not read again") {
  list("a.txt", "http://h/1\n");
  import();
  auto before = fs::last_write_time(at("a.txt"));
  folder.write("a.txt", "http://h/2\n");
  fs::last_write_time(at("a.txt"), before);
  CHECK(changes().empty());
  CHECK(monitor.read == 0);
}

TEST_CASE_METHOD(imported_lists,
                 "a list written just before it was read is read "
                 "again because its time may be unchanged") {
  import_setup::list("a.txt", "http://h/1\n");
  import();
  CHECK_FALSE(lists[0].stamp->modified_ns);
  auto written = fs::last_write_time(at("a.txt"));
  folder.write("a.txt", "http://h/2\n");
  fs::last_write_time(at("a.txt"), written);
  CHECK(changes() == "edited a.txt");
  // Once it is older, its time counts.
  folder.write("a.txt", "http://h/1\n");
  make_older(at("a.txt"));
  auto found = compare();
  CHECK(found.other.empty());
  REQUIRE(found.renewed);
  CHECK(found.renewed->at(0).stamp->modified_ns);
}

TEST_CASE_METHOD(imported_lists,
                 "a list with a new time but the same content is "
                 "unchanged and not read a third time") {
  list("a.txt", "http://h/1\n");
  list("b.txt.zst", compress(compression::zstd, "http://h/2\n"));
  import();
  make_older(at("a.txt"));
  make_older(at("b.txt.zst"));
  auto found = compare();
  CHECK(found.other.empty());
  CHECK(found.lost.empty());
  CHECK(monitor.read > 0);
  REQUIRE(found.renewed);
  lists = *found.renewed;
  monitor.read = 0;
  CHECK_FALSE(compare().renewed);
  CHECK(monitor.read == 0);
}

TEST_CASE_METHOD(imported_lists, "an edited, new or missing list is a change") {
  list("a.txt", "http://h/1\n");
  list("b.txt", "http://h/2\n");
  import();
  SECTION("edited") {
    folder.write("b.txt", "http://h/2\nhttp://h/3\n");
    CHECK(changes() == "edited b.txt");
  }
  SECTION("edited without changing its size") {
    folder.write("b.txt", "http://h/9\n");
    make_older(at("b.txt"));
    CHECK(changes() == "edited b.txt");
  }
  SECTION("new") {
    list("c.txt", "http://h/3\n");
    CHECK(changes() == "added c.txt");
  }
  SECTION("listed twice") {
    list("b.txt", "http://h/2\n");
    CHECK(changes() == "added b.txt");
  }
  SECTION("left out") {
    job.input.urls.pop_back();
    CHECK(changes() == "left out b.txt");
  }
  SECTION("replaced by another") {
    job.input.urls.pop_back();
    list("c.txt", "http://h/3\n");
    CHECK(changes() == "added c.txt, left out b.txt");
  }
  SECTION("not found") {
    job.input.urls = {at("nowhere.txt"), at("no*.txt")};
    CHECK(changes()
          == "added nowhere.txt, added no*.txt, left out a.txt, left out "
             "b.txt");
  }
}

TEST_CASE_METHOD(
  imported_lists,
  "the same content under other names and in another order is unchanged") {
  list("a.txt", "http://h/1\n");
  make_older(at("a.txt"));
  list("b.txt", "http://h/2\n");
  import();
  fs::rename(at("a.txt"), at("c.txt"));
  job.input.urls = {at("b.txt"), at("c.txt")};
  auto found = compare();
  CHECK(found.other.empty());
  CHECK(found.lost.empty());
  REQUIRE(found.renewed);
  CHECK(found.renewed->at(0).name == at("c.txt"));
  // Two that swapped names.
  fs::rename(at("b.txt"), at("x.txt"));
  fs::rename(at("c.txt"), at("b.txt"));
  fs::rename(at("x.txt"), at("c.txt"));
  CHECK(changes().empty());
}

TEST_CASE_METHOD(imported_lists, "the lists of a pattern are its matches") {
  folder.write("1.txt", "http://h/1\n");
  folder.write("2.txt", "http://h/2\n");
  job.input.urls = {at("*.txt")};
  import();
  CHECK(changes().empty());
  SECTION("one more") {
    folder.write("3.txt", "http://h/3\n");
    CHECK(changes() == "added 3.txt");
  }
  SECTION("one less") {
    fs::remove(at("1.txt"));
    CHECK(changes() == "gone 1.txt");
  }
  SECTION("a narrower pattern that excludes the job's output") {
    folder.write("out.txt", "{}\n");
    CHECK(changes() == "added out.txt");
    job.input.urls = {at("[0-9].txt")};
    CHECK(changes().empty());
  }
  SECTION("none") {
    fs::remove(at("1.txt"));
    fs::remove(at("2.txt"));
    CHECK(changes() == "gone 1.txt, gone 2.txt");
  }
}

TEST_CASE_METHOD(imported_lists,
                 "a list that is gone or can be read only once cannot "
                 "be compared and is reported") {
  list("a.txt", "http://h/1\n");
  import();
  SECTION("gone") {
    fs::remove(at("a.txt"));
    CHECK(changes() == "gone a.txt");
    CHECK_FALSE(compare().renewed);
  }
  SECTION("standard input, then and now") {
    lists[0].name = "-";
    lists[0].stamp.reset();
    job.input.urls = {"-"};
    CHECK(changes() == "unseen -");
    job.input.urls = {"-", at("a.txt")};
    lists[0].hash = std::string(16, 'x');
    CHECK(changes() == "added a.txt, unseen -");
  }
  SECTION("standard input then, a file with its content now") {
    lists[0].name = "-";
    lists[0].stamp.reset();
    CHECK(changes().empty());
    CHECK(compare().renewed->at(0).name == at("a.txt"));
  }
  SECTION("a pipe has another name each time") {
    lists[0].name = "/dev/fd/63";
    lists[0].stamp.reset();
    REQUIRE(::mkfifo(at("pipe").c_str(), 0600) == 0);
    job.input.urls = {at("pipe")};
    CHECK(changes() == "unseen pipe");
  }
  SECTION("a file then, standard input now") {
    job.input.urls = {"-"};
    CHECK(changes() == "added -, left out a.txt");
  }
}

TEST_CASE_METHOD(
  imported_lists,
  "another column, member, format or rule for duplicates changes the URLs") {
  list("a.csv", "url,link\nhttp://h/1,http://h/2\n");
  import();
  SECTION("column") {
    job.input.field = "link";
    CHECK(changes() == "read otherwise a.csv");
    CHECK_THAT(compare().other[0].detail,
               Catch::Contains("as csv, column 'url'")
                 && Catch::Contains("as csv, column 'link'"));
  }
  SECTION("format") {
    job.input.format = list_format::lines;
    CHECK(changes() == "read otherwise a.csv");
  }
  SECTION("duplicates") {
    job.input.deduplicate = false;
    CHECK(changes() == "read otherwise a.csv");
  }
  SECTION("the same format given explicitly does not count") {
    job.input.format = list_format::csv;
    CHECK(changes().empty());
  }
}

TEST_CASE_METHOD(imported_lists, "the comparison can be interrupted") {
  list("a.txt", "http://h/1\n");
  import();
  make_older(at("a.txt"));
  monitor.go_on = false;
  CHECK(code_of(compare_lists(lists, job.input, monitor).error())
        == ec::interrupted);
}

TEST_CASE_METHOD(
  imported_lists,
  "an unreadable list cannot be compared and an added one is a change") {
  list("a.txt", "http://h/1\n");
  import();
  fs::remove(at("a.txt"));
  fs::create_directory(at("a.txt"));
  CHECK(changes() == "unreadable a.txt");
  CHECK_THAT(compare().unreadable[0].detail, Catch::Contains("is a directory"));
  CHECK_FALSE(compare().renewed);
  fs::create_directory(at("b.txt"));
  job.input.urls.push_back(at("b.txt"));
  CHECK(changes() == "unreadable b.txt, unreadable a.txt");
  CHECK(compare().other.size() == 1);
}
