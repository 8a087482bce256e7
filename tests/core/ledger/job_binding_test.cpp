#include "core/ledger/job_binding.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;

namespace {

job_binding in_folder(const std::string& folder, const std::string& path) {
  return {{"runs.robot", "*=rbt_1"},
          {"ledger.folder", folder},
          {"sinks.file", "type=file path=" + path + " compression=none"},
          {"sinks.hook.dead_letter", path + ".dead"}};
}

std::string changed(const job_binding& bound, const job_binding& now) {
  return differences(carried_over(bound, now), now);
}

} // namespace

TEST_CASE("files move with the ledger's folder") {
  auto bound = in_folder("/jobs/a", "/jobs/a/out/captures.jsonl");
  CHECK(changed(bound, in_folder("/jobs/b", "/jobs/b/out/captures.jsonl"))
        == "");
  CHECK(changed(bound, in_folder("/jobs/b", "/jobs/a/out/captures.jsonl"))
        == ""); // only the ledger has moved
  CHECK(changed(bound, bound) == "");
}

TEST_CASE("files that have moved elsewhere count as changed") {
  auto bound = in_folder("/jobs/a", "/jobs/a/captures.jsonl");
  for (auto* path : {"/jobs/b/other.jsonl", "/jobs/ab/captures.jsonl",
                     "/jobs/b/captures.jsonl.gz", "captures.jsonl"})
    CHECK_THAT(changed(bound, in_folder("/jobs/b", path)),
               Catch::Contains("sinks.file was 'type=file path=/jobs/a/"));
  // A file outside the folder stays where it is.
  bound = in_folder("/jobs/a", "/data/captures.jsonl");
  CHECK(changed(bound, in_folder("/jobs/b", "/data/captures.jsonl")) == "");
  CHECK(changed(bound, in_folder("/jobs/b", "/jobs/b/captures.jsonl")) != "");
}

TEST_CASE("a job bound by an earlier version has no folder yet") {
  auto now = in_folder("/jobs/a", "/jobs/a/captures.jsonl");
  auto bound = now;
  bound.erase(bound.begin() + 1);
  CHECK(changed(bound, now) == "");
  CHECK(changed(bound, in_folder("/jobs/b", "/jobs/b/captures.jsonl")) != "");
}

TEST_CASE("values that cannot move are compared unchanged") {
  auto bound = in_folder("/jobs/a", "/jobs/a/captures.jsonl");
  auto now = in_folder("/jobs/b", "/jobs/b/captures.jsonl");
  now[0].second = "*=rbt_2";
  CHECK(changed(bound, now) == "runs.robot was '*=rbt_1' and is now '*=rbt_2'");
}
