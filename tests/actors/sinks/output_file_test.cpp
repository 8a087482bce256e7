#include "actors/sinks/output_file.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <algorithm>

using namespace sluice;
using test::content_of;
using test::fill;
using test::temp_folder;

namespace {

output_file::options
plain(std::filesystem::path path, found_rule found = found_rule::refuse) {
  return {std::move(path), compression::none, found};
}

/// The file's checkpoint, which must succeed.
file_extent cut(output_file& file) {
  auto extent = file.checkpoint();
  REQUIRE(extent);
  return *extent;
}

/// The bytes of an extent.
struct span {
  uint64_t base = 0;
  uint64_t length = 0;
};

bool operator==(const file_extent& extent, const span& bytes) {
  return extent.base == bytes.base && extent.length == bytes.length;
}

bool says(const caf::error& err, ec code, std::string_view part) {
  INFO(what_of(err));
  CHECK(code_of(err) == code);
  CHECK(what_of(err).find(part) != std::string::npos);
  return code_of(err) == code && what_of(err).find(part) != std::string::npos;
}

} // namespace

TEST_CASE("lines after the kept extent are cut off and those before it stay",
          "[output_file]") {
  temp_folder folder;
  auto as = GENERATE(compression::none, compression::gzip, compression::zstd,
                     compression::lz4);
  output_file::options options{folder / "out", as, found_rule::refuse};
  std::optional<file_extent> kept;
  {
    output_file file{options};
    REQUIRE_FALSE(file.open(std::nullopt));
    REQUIRE_FALSE(file.append_line(R"({"n":1})"));
    kept = cut(file);
    REQUIRE_FALSE(file.append_line(R"({"n":2})"));
    (void)cut(file); // answered but not committed
    REQUIRE_FALSE(file.append_line(R"({"n":3})"));
    // no close: the process was killed
  }
  output_file file{options};
  REQUIRE_FALSE(file.open(kept));
  REQUIRE_FALSE(file.append_line(R"({"n":4})"));
  auto end = cut(file);
  REQUIRE_FALSE(file.close());
  auto bytes = content_of(folder / "out");
  CHECK(end == span{0, bytes.size()});
  CHECK(test::decompress_all(as, bytes) == "{\"n\":1}\n{\"n\":4}\n");
}

TEST_CASE("closing leaves only whole lines", "[output_file]") {
  temp_folder folder;
  output_file file{plain(folder / "out")};
  REQUIRE_FALSE(file.open(std::nullopt));
  REQUIRE_FALSE(file.append_line("1"));
  (void)cut(file);
  REQUIRE_FALSE(file.append_line('"' + std::string(900'000, 'x') + '"'));
  CHECK(content_of(folder / "out").size() > 2);
  REQUIRE_FALSE(file.close());
  CHECK(content_of(folder / "out") == "1\n");
}

TEST_CASE("a checkpoint without new lines returns the same extent",
          "[output_file]") {
  temp_folder folder;
  auto as = GENERATE(compression::none, compression::gzip);
  output_file file{{folder / "out", as, found_rule::refuse}};
  REQUIRE_FALSE(file.open(std::nullopt));
  CHECK(cut(file) == span{0, 0});
  REQUIRE_FALSE(file.append_line("1"));
  auto extent = cut(file);
  CHECK(cut(file) == extent);
  CHECK(content_of(folder / "out").size() == extent.length);
}

TEST_CASE("a file found at the first start is treated as `exists` says",
          "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  fill(path, "old\n");
  SECTION("refuse names the choices and does not change the file") {
    output_file file{plain(path)};
    auto err = file.open(std::nullopt);
    CHECK(says(err, ec::usage, "out"));
    CHECK(says(err, ec::usage, "exists: append"));
    CHECK_FALSE(file.close());
    CHECK(content_of(path) == "old\n");
  }
  SECTION("append keeps it, even across restarts") {
    {
      output_file file{plain(path, found_rule::append)};
      REQUIRE_FALSE(file.open(std::nullopt));
      CHECK(cut(file) == span{4, 4});
      REQUIRE_FALSE(file.append_line("1"));
      CHECK(cut(file) == span{4, 6});
    }
    output_file file{plain(path, found_rule::append)};
    REQUIRE_FALSE(file.open(file_extent{4, 4}));
    CHECK(content_of(path) == "old\n");
  }
  SECTION("replace empties it") {
    output_file file{plain(path, found_rule::replace)};
    REQUIRE_FALSE(file.open(std::nullopt));
    CHECK(cut(file) == span{0, 0});
    CHECK(content_of(path).empty());
  }
  SECTION("an empty file counts as no file") {
    fill(path, "");
    output_file file{plain(path)};
    CHECK_FALSE(file.open(std::nullopt));
  }
}

TEST_CASE("a file that the first start cannot create is detected beforehand",
          "[output_file]") {
  temp_folder folder;
  CHECK_FALSE(output_file{plain(folder / "new")}.check_first_start());
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
  fill(folder / "file", "");
  for (auto& path : {folder / "none/out", folder / "file/out"}) {
    CAPTURE(path);
    auto foretold = output_file{plain(path)}.check_first_start();
    CHECK(says(foretold, ec::disk, "out"));
    CHECK(what_of(foretold)
          == what_of(output_file{plain(path)}.open(std::nullopt)));
  }
}

TEST_CASE("a last line without a line break is not joined to the next",
          "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  fill(path, "old");
  for (int start = 0; start < 2; ++start) {
    output_file file{plain(path, found_rule::append)};
    REQUIRE_FALSE(
      file.open(start == 0 ? std::nullopt : std::optional{file_extent{3, 3}}));
    CHECK(cut(file) == span{3, 3});
    REQUIRE_FALSE(file.append_line("1"));
    CHECK(cut(file) == span{3, 6});
    CHECK(content_of(path) == "old\n1\n");
  }
}

TEST_CASE("nothing is appended to a file with another compression",
          "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  fill(path, "{\"old\":1}\n");
  output_file file{{path, compression::gzip, found_rule::append}};
  CHECK(says(file.open(std::nullopt), ec::usage, "compression"));
  CHECK(content_of(path) == "{\"old\":1}\n");
}

TEST_CASE("a file that lost committed bytes stops the job", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  SECTION("shortened") {
    fill(path, "1\n");
    output_file file{plain(path)};
    CHECK(says(file.open(file_extent{0, 4}), ec::disk, "shortened"));
    CHECK(content_of(path) == "1\n");
  }
  SECTION("gone") {
    output_file file{plain(path)};
    CHECK(says(file.open(file_extent{0, 4}), ec::disk, "is gone"));
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("gone, but it was empty") {
    output_file file{plain(path)};
    CHECK_FALSE(file.open(file_extent{0, 0}));
  }
}

TEST_CASE("a file has one writer at a time", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  output_file first{plain(path)};
  REQUIRE_FALSE(first.open(std::nullopt));
  output_file second{plain(path)};
  CHECK(says(second.open(std::nullopt), ec::disk, "another sluice"));
  REQUIRE_FALSE(first.close());
  output_file third{plain(path)};
  CHECK_FALSE(third.open(std::nullopt));
}

TEST_CASE("an unwritable path is named", "[output_file]") {
  temp_folder folder;
  SECTION("no such folder") {
    output_file file{plain(folder / "none/out")};
    CHECK(says(file.open(std::nullopt), ec::disk, "Create its folder"));
  }
  SECTION("a folder") {
    std::filesystem::create_directory(folder / "out");
    output_file file{plain(folder / "out")};
    CHECK(says(file.open(std::nullopt), ec::disk, "It is a folder"));
  }
  SECTION("a pipe without a reader") {
    REQUIRE(::mkfifo((folder / "out").c_str(), 0600) == 0);
    output_file file{plain(folder / "out")};
    CHECK(says(file.open(std::nullopt), ec::usage, "not a regular file"));
  }
}

TEST_CASE("a file that is moved or changed during the job stops it",
          "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  output_file file{plain(path)};
  REQUIRE_FALSE(file.open(std::nullopt));
  REQUIRE_FALSE(file.append_line("1"));
  (void)cut(file);
  auto at_close = GENERATE(true, false);
  auto appended = GENERATE(true, false); // if not, the file is still checked
  if (appended)
    REQUIRE_FALSE(file.append_line("2"));
  std::string what;
  SECTION("moved") {
    std::filesystem::rename(path, folder / "other");
    what = "was moved while";
  }
  SECTION("deleted") {
    std::filesystem::remove(path);
    what = "was deleted while";
  }
  SECTION("moved and replaced") {
    std::filesystem::rename(path, folder / "other");
    fill(path, "");
    what = "was moved and replaced while";
  }
  SECTION("replaced") {
    fill(folder / "other", "1\n");
    std::filesystem::rename(folder / "other", path);
    what = "was replaced while";
  }
  SECTION("appended to") {
    std::ofstream{path, std::ios::app} << "mine\n more than one line";
    what = "someone wrote to it";
  }
  SECTION("cut") {
    std::filesystem::resize_file(path, 0);
    what = "someone truncated it";
  }
  CHECK(
    says(at_close ? file.close() : file.checkpoint().error(), ec::disk, what));
}

TEST_CASE("a file that was cut never looks complete again", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  auto line = '"' + std::string(300'000, 'x') + '"';
  std::optional<file_extent> kept;
  {
    output_file file{plain(path)};
    REQUIRE_FALSE(file.open(std::nullopt));
    REQUIRE_FALSE(file.append_line(line));
    kept = cut(file);
    std::filesystem::resize_file(path, 100);
    CHECK(says(file.append_line(line), ec::disk, "copytruncate"));
    CHECK(says(file.checkpoint().error(), ec::disk, "100 bytes"));
    CHECK_FALSE(file.close()); // already reported
  }
  CHECK(std::filesystem::file_size(path) == 100);
  output_file file{plain(path)};
  CHECK(says(file.open(kept), ec::disk, "shortened"));
}

TEST_CASE(
  "a file stays failed after a failed write and is cut at the next start",
  "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  auto large = '"' + std::string(600'000, 'x') + '"';
  std::optional<file_extent> kept;
  {
    output_file file{plain(path)};
    REQUIRE_FALSE(file.open(std::nullopt));
    REQUIRE_FALSE(file.append_line("1"));
    kept = cut(file);
    caf::error first;
    {
      test::file_size_limit limit{300'000};
      first = file.append_line(large);
      CHECK(says(first, ec::disk, "limit"));
    }
    CHECK(file.append_line("2") == first);
    CHECK(file.checkpoint().error() == first);
    CHECK(content_of(path).size() == 300'000);
  }
  output_file file{plain(path)};
  REQUIRE_FALSE(file.open(kept));
  REQUIRE_FALSE(file.append_line(large));
  (void)cut(file);
  CHECK(content_of(path) == "1\n" + large + "\n");
}

TEST_CASE("lines of every size are written unchanged", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  output_file file{plain(path)};
  REQUIRE_FALSE(file.open(std::nullopt));
  std::string expected;
  for (size_t size : {0, 1, 100, 262'142, 262'143, 262'144, 700'000, 3}) {
    auto text = '"' + std::string(size, 'x') + '"';
    REQUIRE_FALSE(file.append_line(text));
    expected += text + "\n";
  }
  auto broken = "[1,\r\n" + std::string(300'000, ' ') + "2]";
  REQUIRE_FALSE(file.append_line(broken));
  expected += "[1," + std::string(300'000, ' ') + "2]\n";
  CHECK(cut(file).length == expected.size());
  CHECK(content_of(path) == expected);
}

TEST_CASE("a file is cut back only if it is longer", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  auto cut_to = [&](uint64_t length) {
    return output_file{plain(path)}.cut_longer({0, length});
  };
  CHECK_FALSE(cut_to(2));
  CHECK_FALSE(std::filesystem::exists(path));
  fill(path, "1\n2\n{\"n");
  CHECK_FALSE(cut_to(4));
  CHECK(content_of(path) == "1\n2\n");
  CHECK_FALSE(cut_to(4));
  CHECK_FALSE(cut_to(6));
  CHECK(content_of(path) == "1\n2\n");
  output_file writer{plain(path, found_rule::append)};
  REQUIRE_FALSE(writer.open(std::nullopt));
  CHECK(says(cut_to(2), ec::disk, "is being written by another"));
}

TEST_CASE("a file is recognised by its end", "[output_file]") {
  temp_folder folder;
  auto path = folder / "out";
  auto as = GENERATE(compression::none, compression::gzip, compression::zstd);
  output_file::options options{path, as, found_rule::append, "all"};
  if (as == compression::none)
    fill(path, "base\n");
  std::optional<file_extent> kept;
  {
    output_file file{options};
    REQUIRE_FALSE(file.open(std::nullopt));
    for (auto i = 0; i < 1'000; ++i)
      REQUIRE_FALSE(file.append_line("\"capture " + std::to_string(i) + "\""));
    kept = cut(file);
    REQUIRE_FALSE(file.append_line("\"behind\""));
    (void)cut(file);
  }
  CHECK(kept->tail != 0);
  auto whole = content_of(path);
  SECTION("unchanged and longer") {
    CHECK_FALSE(output_file{options}.check_kept(*kept));
    CHECK(content_of(path) == whole);
    std::filesystem::rename(path, folder / "moved");
    options.path = folder / "moved";
    CHECK_FALSE(output_file{options}.check_kept(*kept));
    CHECK_FALSE(output_file{options}.open(kept));
  }
  SECTION("another of the same size") {
    auto other = whole;
    other[kept->length - 1] ^= 1;
    fill(path, other);
    CHECK(says(output_file{options}.check_kept(*kept), ec::disk,
               "does not end with what this job wrote"));
    CHECK(
      says(output_file{options}.open(kept), ec::disk, "relocate --lost all"));
    CHECK_FALSE(output_file{options}.cut_longer(*kept));
    CHECK(content_of(path) == other);
  }
  SECTION("shorter or gone") {
    std::filesystem::resize_file(path, kept->length - 1);
    CHECK(says(output_file{options}.check_kept(*kept), ec::disk, "shortened"));
    std::filesystem::remove(path);
    CHECK(says(output_file{options}.check_kept(*kept), ec::disk, "is gone"));
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("without a hash, as from an earlier version, by a line end or the "
          "first frame's start") {
    kept->tail = 0;
    CHECK_FALSE(output_file{options}.check_kept(*kept));
    auto other = whole;
    // Bytes that a power failure may leave do not indicate another file.
    std::fill(other.begin() + static_cast<ptrdiff_t>(kept->length), other.end(),
              '\0');
    fill(path, other);
    CHECK_FALSE(output_file{options}.check_kept(*kept));
    other[as == compression::none ? kept->length - 1 : kept->base] = '#';
    fill(path, other);
    CHECK(says(output_file{options}.check_kept(*kept), ec::disk,
               "does not end with what this job wrote"));
  }
}
