#include "core/base/rename_group.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using test::content_of;
using test::fill;
namespace fs = std::filesystem;

namespace {

/// Renames files but fails for the names listed here.
rename_group::rename_function failing_for(std::vector<fs::path> names) {
  return
    [names](const fs::path& from, const fs::path& to, std::error_code& failed) {
      for (auto& name : names)
        if (from == name || to == name) {
          failed = std::make_error_code(std::errc::permission_denied);
          return;
        }
      fs::rename(from, to, failed);
    };
}

} // namespace

TEST_CASE("renames are all done or all undone") {
  test::temp_folder folder;
  auto a = folder / "a", b = folder / "b", c = folder / "c";
  fill(a, "a");
  fill(b, "b");
  SECTION("done") {
    rename_group names{"all is as it was"};
    CHECK_FALSE(names.rename(a, c));
    CHECK_FALSE(names.rename_if_there(folder / "no file", a));
    CHECK_FALSE(names.rename(b, a));
    CHECK(content_of(c) == "a");
    CHECK(content_of(a) == "b");
  }
  SECTION("undone") {
    rename_group names{"all is as it was", failing_for({b})};
    CHECK_FALSE(names.rename(a, c));
    auto err = names.rename(b, a);
    CHECK(code_of(err) == ec::disk);
    CHECK_THAT(what_of(err), Catch::Contains("all is as it was"));
    CHECK(content_of(a) == "a");
    CHECK_FALSE(fs::exists(c));
  }
}

TEST_CASE("a rename that cannot be undone is reported as commands") {
  test::temp_folder folder;
  auto a = folder / "a", b = folder / "b b", c = folder / "c";
  fill(a, "a");
  auto broken = false;
  rename_group names{
    "all is as it was",
    [&](const fs::path& from, const fs::path& to, std::error_code& failed) {
      if (broken)
        failed = std::make_error_code(std::errc::io_error);
      else
        fs::rename(from, to, failed);
    }};
  CHECK_FALSE(names.rename(a, b));
  broken = true;
  auto err = names.rename(c, a);
  CHECK_THAT(what_of(err),
             Catch::Contains("could not be undone")
               && !Catch::Contains("all is as it was")
               && Catch::Contains("mv '" + b.native() + "' " + a.native()));
  CHECK(content_of(b) == "a");
}
