#include "core/base/error.hpp"

#include <caf/sec.hpp>
#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("an error keeps its code, its message and its wait") {
  auto err = make_error(ec::unavailable, "the API is away",
                        std::chrono::milliseconds{15'000});
  CHECK(code_of(err) == ec::unavailable);
  CHECK(what_of(err) == "the API is away");
  CHECK(wait_of(err) == std::chrono::milliseconds{15'000});
  CHECK(is_retryable(err));
}

TEST_CASE("an empty error has no code, no message and exit code 0") {
  caf::error none;
  CHECK(code_of(none) == ec::no_error);
  CHECK(what_of(none).empty());
  CHECK(exit_code_of(none) == 0);
}

TEST_CASE("an error determines the exit code of the program") {
  CHECK(exit_code_of(make_error(ec::usage, "")) == 1);
  CHECK(exit_code_of(make_error(ec::input, "")) == 1);
  CHECK(exit_code_of(make_error(ec::api_refused, "")) == 2);
  CHECK(exit_code_of(make_error(ec::limited, "")) == 3);
  CHECK(exit_code_of(make_error(ec::stopped, "")) == 4);
  CHECK(exit_code_of(make_error(ec::interrupted, "")) == 4);
  CHECK(exit_code_of(make_error(ec::disk, "")) == 5);
  CHECK(exit_code_of(make_error(ec::ledger_locked, "")) == 5);
  CHECK(exit_code_of(caf::make_error(caf::sec::unexpected_message)) == 5);
}

TEST_CASE("printable text cannot control a terminal") {
  CHECK(printable("shoe €12") == "shoe €12");
  CHECK(printable("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(printable("a\nb\tc\x7f") == "a\\x0ab\\x09c\\x7f");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(printable("abcdef", 3) == "abc…");
}
