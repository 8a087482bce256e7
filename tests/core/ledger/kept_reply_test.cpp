#include "core/ledger/kept_reply.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string text_in(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct reply_folder {
  temp_folder folder;
  std::filesystem::path ledger = folder / "job.sluice";

  [[nodiscard]] std::filesystem::path file(int64_t batch) const {
    return kept_reply_file(ledger, "0123456789abcdef", batch);
  }
};

} // namespace

TEST_CASE_METHOD(reply_folder,
                 "a kept reply is named after ledger, job and batch") {
  CHECK(file(17).filename() == "job.sluice.01234567-17.unreadable");
}

TEST_CASE_METHOD(
  reply_folder,
  "a reply is kept byte for byte and only its owner can read it") {
  const std::string body{"[1,\0NaN]\n", 9};
  REQUIRE_FALSE(keep_reply(file(1), body));
  CHECK(text_in(file(1)) == body);
  auto mode = std::filesystem::status(file(1)).permissions();
  CHECK(mode
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
}

TEST_CASE_METHOD(reply_folder, "only the last reply of a run is kept") {
  REQUIRE_FALSE(keep_reply(file(1), "a longer first one"));
  REQUIRE_FALSE(keep_reply(file(1), "second"));
  CHECK(text_in(file(1)) == "second");
}

TEST_CASE_METHOD(reply_folder, "a link in place of the reply is not followed") {
  std::ofstream{folder / "victim"} << "precious";
  std::filesystem::create_symlink(folder / "victim", file(1));
  REQUIRE_FALSE(keep_reply(file(1), "reply"));
  CHECK(text_in(folder / "victim") == "precious");
  CHECK(text_in(file(1)) == "reply");
}

TEST_CASE_METHOD(reply_folder,
                 "all kept replies together are limited in size") {
  REQUIRE_FALSE(keep_reply(file(1), "123456", 10));
  auto err = keep_reply(file(2), "12345", 10);
  CHECK(code_of(err) == ec::disk);
  CHECK_FALSE(std::filesystem::exists(file(2)));
  // The earlier reply of the same run does not count.
  CHECK_FALSE(keep_reply(file(1), "1234567890", 10));
  CHECK(code_of(keep_reply(file(1), "12345678901", 10)) == ec::disk);
}

TEST_CASE_METHOD(reply_folder,
                 "a missing folder is an error that names the file") {
  auto nowhere = kept_reply_file(folder / "gone" / "job.sluice", "01234567", 1);
  auto err = keep_reply(nowhere, "reply");
  CHECK(code_of(err) == ec::disk);
  CHECK(what_of(err).find("job.sluice.01234567-1.unreadable")
        != std::string::npos);
}
