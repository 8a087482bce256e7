#include "core/base/digest.hpp"
#include "core/flow/bucket_store.hpp"
#include "tests/core/flow/start.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

bucket_state full_bucket() {
  bucket_state state;
  state.level = 30;
  state.at = start;
  return state;
}

/// A state in which every field differs from a new one.
bucket_state used_bucket() {
  bucket_state state;
  state.level = 7.25;
  state.at = start + 1ns;
  state.frozen_at = start + 2s;
  state.frozen_until = start + 17s;
  state.wait = 15s;
  state.probing = true;
  state.probe_sent = start + 18s;
  auto job = sharing_job_of("/jobs/night shift\n.yaml", "/jobs/a.sluice", 2);
  state.turns = fair_turns::restore({{job, 3.5, start + 1s, start + 2s}}, 2.25);
  return state;
}

std::unique_ptr<bucket_store> open(const std::filesystem::path& file) {
  auto store = open_bucket_file(file, full_bucket());
  REQUIRE(store);
  return std::move(*store);
}

bucket_state state_in(bucket_store& store) {
  bucket_state result;
  REQUIRE_FALSE(store.update([&](bucket_state& state) { result = state; }));
  return result;
}

void write(bucket_store& store, const bucket_state& value) {
  REQUIRE_FALSE(store.update([&](bucket_state& state) { state = value; }));
}

struct bucket_folder {
  temp_folder folder;
  std::filesystem::path file = folder / "state/sluice/bucket";
};

} // namespace

TEST_CASE("a store in memory keeps the result of each update") {
  auto store = make_memory_bucket_store(full_bucket());
  CHECK(state_in(*store) == full_bucket());
  write(*store, used_bucket());
  CHECK(state_in(*store) == used_bucket());
}

TEST_CASE_METHOD(
  bucket_folder,
  "a new file begins with the initial state and only its owner can read it") {
  auto store = open(file);
  CHECK(state_in(*store) == full_bucket());
  auto mode = std::filesystem::status(file).permissions();
  CHECK((mode & std::filesystem::perms::all)
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
}

TEST_CASE_METHOD(bucket_folder, "two stores of one file share every update") {
  auto first = open(file);
  auto second = open(file);
  write(*first, used_bucket());
  CHECK(state_in(*second) == used_bucket());
  write(*second, full_bucket());
  CHECK(state_in(*first) == full_bucket());
}

TEST_CASE_METHOD(bucket_folder,
                 "a token leaves the file before it is used, so a "
                 "killed process takes none with it") {
  auto child = ::fork();
  if (child == 0) {
    auto store = open_bucket_file(file, full_bucket());
    auto err = (*store)->update([](bucket_state& state) { state.level = 3; });
    ::kill(::getpid(), SIGKILL);
    ::_exit(err ? 1 : 2);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(state_in(*open(file)).level == 3);
}

TEST_CASE_METHOD(
  bucket_folder,
  "a kill during an update leaves the previous state and no lock") {
  write(*open(file), used_bucket());
  auto child = ::fork();
  if (child == 0) {
    auto store = open_bucket_file(file, full_bucket());
    auto err = (*store)->update([](bucket_state& state) {
      state.level = 3;
      ::kill(::getpid(), SIGKILL);
    });
    ::_exit(err ? 1 : 2);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(state_in(*open(file)) == used_bucket());
}

TEST_CASE_METHOD(bucket_folder,
                 "a damaged file counts as an empty bucket because "
                 "the tokens spent are unknown") {
  write(*open(file), used_bucket());
  auto good = content_of(file);
  good.resize(good.find('\n') + 1);
  auto boot = good.substr(0, good.find(' ', 16) + 1);
  auto with = [&](const std::string& level, const std::string& at,
                  const std::string& share) {
    return boot + level + ' ' + at + " 0 0 0 0 0 " + share + " 0 end\n";
  };
  fill(file, with("1", "0", "1"));
  CHECK(state_in(*open(file)).level == 1);
  auto damaged = GENERATE_COPY(
    std::string{"{}"}, good.substr(0, good.size() / 2),
    good.substr(0, good.size() - 5), "x" + good, std::string(4096, '\0'),
    std::string{"sluice-bucket-9 "} + good.substr(16), with("-1", "0", "1"),
    with("1e300", "0", "1"), with("1", "-9223372036854775808", "1"),
    with("1", "9223372036854775807", "1"), with("1", "0", "0"),
    with("1", "0", "-5"));
  fill(file, damaged);
  auto state = state_in(*open(file));
  CHECK(state.level == 0);
  CHECK(state.at == start);
  CHECK(state.wait == 0s);
}

TEST_CASE_METHOD(bucket_folder,
                 "damaged turns are forgotten and the bucket is not") {
  write(*open(file), used_bucket());
  auto good = content_of(file);
  auto first = good.find('\n') + 1;
  auto with = [&](const std::string& turns) {
    auto sum = sha256_hex({turns}).substr(0, 16);
    return good.substr(0, first) + turns + "end " + sum + "\n";
  };
  fill(file, with("turns 2.25\n"));
  CHECK(state_in(*open(file)).turns.turn() == 2.25);
  auto damaged = GENERATE_COPY(
    good.substr(0, first), good.substr(0, good.size() - 5), good + "x",
    with("turns nan\n"), with("turns 1e300\n"),
    with("turns 1\njob 1 2 inf 0 0 =a\n"), with("turns 1\njob 1 2 1 0 0 a\n"),
    with("turns 1\njob 1 2 1 -1 0 =a\n"),
    with("turns 1\njob 1 2 1 0 9000000000000000000 =a\n"),
    with("turns 1\njob 1 2 1 9223372036854775807 0 =a\n"),
    with("turns 1\njob 1 2 1 0 0 =" + std::string(200, 'a') + "\n"));
  fill(file, damaged);
  auto expected = used_bucket();
  expected.turns = {};
  CHECK(state_in(*open(file)) == expected);
}

TEST_CASE_METHOD(bucket_folder,
                 "the jobs that share a bucket can be listed without "
                 "changing it") {
  CHECK(jobs_at_bucket(file, start).empty());
  CHECK_FALSE(std::filesystem::exists(file));
  write(*open(file), used_bucket());
  auto text = content_of(file);
  auto jobs = jobs_at_bucket(file, start + 3s);
  REQUIRE(jobs.size() == 1);
  CHECK(jobs.front().name == "/jobs/night shift\n.yaml");
  CHECK(content_of(file) == text);
}

TEST_CASE_METHOD(
  bucket_folder,
  "an empty file counts as new because its creator sent nothing") {
  { open(file); }
  fill(file, "");
  CHECK(state_in(*open(file)) == full_bucket());
}

TEST_CASE_METHOD(bucket_folder, "a state from before a reboot counts as empty "
                                "because its times are meaningless") {
  write(*open(file), used_bucket());
  auto text = content_of(file);
  auto boot = text.find(' ') + 1;
  text[boot] = text[boot] == '0' ? '1' : '0';
  fill(file, text);
  CHECK(state_in(*open(file)).level == 0);
}

TEST_CASE_METHOD(
  bucket_folder,
  "an unusable file is an error that names it and says what to do") {
  SECTION("its folder is a file") {
    fill(folder / "state", "x");
  }
  SECTION("the file's name depends on API and key but reveals neither") {
    std::filesystem::create_directories(file);
  }
  auto store = open_bucket_file(file, full_bucket());
  REQUIRE_FALSE(store);
  CHECK(code_of(store.error()) == ec::disk);
  CHECK_THAT(what_of(store.error()), Catch::Contains(file.string()));
  CHECK_THAT(what_of(store.error()), Catch::Contains("XDG_STATE_HOME"));
}

TEST_CASE("the file's name depends on API and key and reveals neither") {
  auto file = bucket_file_for("https://api.example", "s3cret-key");
  CHECK(file == bucket_file_for("https://api.example", "s3cret-key"));
  CHECK(file != bucket_file_for("https://api.example", "s3cret-kez"));
  CHECK(file != bucket_file_for("https://api.example/v0", "s3cret-key"));
  CHECK(file.filename().string().rfind("bucket-", 0) == 0);
  CHECK(file.string().find("s3cret") == std::string::npos);
}
