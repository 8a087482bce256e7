// Promise 2 by exhaustive search: in any order of pages, writes, commits,
// checkpoints and crashes, every file has every capture exactly once.

#include "tests/actors/checkpoint_model.hpp"

#include <catch2/catch.hpp>

using namespace sluice::test;

namespace {

/// Pages that overlap: "b" and "c" are listed twice.
const run_pages overlapping{{"a", "b"}, {"b", "c"}, {"c", "d"}};
const run_pages two_pages{{"e"}, {"f"}};
const run_pages one_page{{"g"}}, another{{"h"}};

} // namespace

TEST_CASE("no order of steps and no crash loses or repeats a capture",
          "[cut model]") {
  auto options = GENERATE(
    cut_options{{overlapping, two_pages}, 1, planted_fault::none},
    cut_options{{two_pages, one_page, another}, 1, planted_fault::none},
    cut_options{{overlapping}, 4, planted_fault::none});
  checkpoint_model model{options};
  auto found = search(model);
  CHECK(found.wrong == "");
  CAPTURE(found.states);
  CHECK(found.states > 1'000);
}

TEST_CASE("many pages and crashes lose or repeat no capture", "[cut model]") {
  run_pages longer{{"p", "q"}, {"q", "r"}, {"s"}, {"t", "u"}};
  run_pages other{{"k"}, {"l"}, {"l", "m"}};
  checkpoint_model model{
    {{overlapping, longer, other}, 6, planted_fault::none}};
  auto found = walk(model, 300, 20'26);
  CHECK(found.wrong == "");
  CHECK(found.states > 10'000);
}

TEST_CASE("the search finds planted faults", "[cut model]") {
  auto fault =
    GENERATE(planted_fault::early_position, planted_fault::lost_identities,
             planted_fault::torn_commit);
  checkpoint_model model{{{overlapping}, 1, fault}};
  auto found = search(model);
  CAPTURE(static_cast<int>(fault), found.wrong, found.states);
  CHECK(found.wrong != "");
}
