#include "pipeline/load/load_files.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("the same files, and new ones after them, continue a load") {
  std::vector<loaded_file> known{{"/a", 10, 1, "h", {}}, {"/b", 0, 0, "", {}}};
  CHECK(*continued_files(known, {"/a", "/b"}, "s") == known);
  auto more = known;
  more.push_back({.path = "/c"});
  CHECK(*continued_files(known, {"/a", "/b", "/c"}, "s") == more);
  CHECK(*continued_files({}, {"/c"}, "s")
        == std::vector<loaded_file>{{.path = "/c"}});
}

TEST_CASE("other files do not continue a load") {
  std::vector<loaded_file> known{{"/a", 10, 1, "h", {}}, {"/b", 0, 0, "", {}}};
  struct row {
    std::vector<std::string> given;
    std::string what;
  };
  for (const auto& [given, what] :
       {row{{"/a"}, "file 2 was '/b' and is missing now"},
        row{{"/b", "/a"}, "file 1 was '/a' and is '/b' now"},
        row{{"/a", "/c", "/b"}, "file 2 was '/b' and is '/c' now"}}) {
    auto files = continued_files(known, given, "/j/job.sluice.load-a b");
    REQUIRE_FALSE(files);
    CHECK(code_of(files.error()) == ec::usage);
    CHECK_THAT(what_of(files.error()),
               Catch::Contains(what)
                 && Catch::EndsWith("rm '/j/job.sluice.load-a b'"));
  }
}

TEST_CASE("a file is named once, whatever the path or the link") {
  temp_folder folder;
  auto a = folder / "a";
  fill(a, "1\n");
  std::filesystem::create_symlink("a", folder / "link");
  std::filesystem::create_hard_link(a, folder / "same");
  for (auto* other : {"a", "./a", "link", "same"}) {
    auto files = absolute_files({a, folder / other});
    REQUIRE_FALSE(files);
    CHECK(code_of(files.error()) == ec::usage);
    CHECK_THAT(what_of(files.error()), Catch::Contains("are one file"));
  }
  std::filesystem::create_directory(folder / "x");
  CHECK(*absolute_files({folder / "x/../a", folder / "absent"})
        == std::vector<std::string>{a, folder / "absent"});
}

TEST_CASE("a path through a link names the file that the system finds") {
  temp_folder folder;
  std::filesystem::create_directories(folder / "far/deep");
  std::filesystem::create_directory_symlink("far/deep", folder / "link");
  fill(folder / "x", "1\n");
  fill(folder / "far/x", "2\n");
  auto files = absolute_files({folder / "link/../x", folder / "no/../x"});
  REQUIRE(files);
  CHECK(*files
        == std::vector<std::string>{folder / "far/x", folder / "no/../x"});
}
