#include "core/base/file_descriptor.hpp"
#include "pipeline/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A program that is a shell script in a folder whose name a shell would split.
struct script_fixture {
  script_fixture() { std::filesystem::create_directory(folder / "a folder"); }

  std::string script(const std::string& text) const {
    auto file = folder / "a folder/program";
    fill(file, "#!/bin/sh\n" + text + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file.string();
  }

  [[nodiscard]] std::string out() const { return content_of(folder / "out"); }

  [[nodiscard]] std::string out_file() const {
    return (folder / "out").string();
  }

  temp_folder folder;
};

} // namespace

TEST_CASE_METHOD(
  script_fixture,
  "a program gets its arguments and its input unchanged, without a shell") {
  auto program = script("printf '%s|' \"$@\" > \"$OUT\"; cat >> \"$OUT\"");
  ::setenv("OUT", out_file().c_str(), 1);
  CHECK_FALSE(call_program({program, "$(id)", "a b", ""}, "{\"x\": 1}\n", 30s));
  ::unsetenv("OUT");
  CHECK(out() == "$(id)|a b||{\"x\": 1}\n");
}

TEST_CASE_METHOD(script_fixture,
                 "a program that ignores a large input is done when it ends") {
  auto program = script("exec true");
  CHECK_FALSE(call_program({program}, std::string(1 << 20, 'x'), 30s));
}

TEST_CASE_METHOD(
  script_fixture,
  "a program starts with default signals and without our open files") {
  auto program =
    script("grep SigIgn /proc/self/status > '" + out_file()
           + "'; ls /proc/$$/fd | tr '\\n' ' ' >> '" + out_file() + "'");
  auto before = ::signal(SIGPIPE, SIG_IGN);
  std::ifstream open_file{program};
  auto err = call_program({program}, "", 30s);
  ::signal(SIGPIPE, before);
  CHECK_FALSE(err);
  auto text = out();
  auto mask = std::stoull(text.substr(text.find(':') + 1), nullptr, 16);
  CHECK((mask & (uint64_t{1} << (SIGPIPE - 1))) == 0);
  // The shell keeps its script open as descriptor 10 or 255.
  CHECK_THAT(text,
             Catch::Contains("\n0 1 10 2 ") || Catch::Contains("\n0 1 2 "));
}

TEST_CASE_METHOD(
  script_fixture,
  "a program that fails is reported with its exit code or signal") {
  auto failed = call_program({script("exit 7")}, "", 30s);
  CHECK(code_of(failed) == ec::unavailable);
  CHECK_THAT(what_of(failed), Catch::EndsWith("ended with exit code 7"));
  auto killed = call_program({script("kill -9 $$")}, "", 30s);
  CHECK_THAT(what_of(killed), Catch::EndsWith("was ended by signal 9"));
}

TEST_CASE_METHOD(
  script_fixture,
  "a program that hangs is killed with the processes it started") {
  auto program = script("sleep 1000 & echo $! > '" + out_file() + "'; wait");
  auto err = call_program({program}, "", 500ms);
  CHECK_THAT(what_of(err), Catch::EndsWith("and was killed"));
  auto child = static_cast<pid_t>(std::stoi(out()));
  // A descriptor of a process is readable once it has ended.
  file_descriptor process{
    static_cast<int>(::syscall(SYS_pidfd_open, child, 0))};
  if (process.get() >= 0) {
    pollfd ended{process.get(), POLLIN, 0};
    CHECK(::poll(&ended, 1, 10'000) == 1);
  } else {
    CHECK(errno == ESRCH);
  }
}

TEST_CASE_METHOD(script_fixture,
                 "a program that hangs in another process group is killed") {
  auto program = script("exec perl -e 'setpgrp(0, getpgrp(getppid())); "
                        "sleep 1000'");
  auto err = call_program({program}, "", 500ms);
  CHECK_THAT(what_of(err), Catch::EndsWith("and was killed"));
}

TEST_CASE_METHOD(script_fixture,
                 "a program that hangs is killed as soon as it is "
                 "cancelled") {
  auto looks = 0;
  auto err = call_program({script("exec sleep 1000")}, "", 1h,
                          [&] { return ++looks > 2; });
  CHECK_THAT(what_of(err), Catch::EndsWith("cancelled and was killed"));
}

TEST_CASE_METHOD(
  script_fixture,
  "a program is found by its path or in PATH if it is executable") {
  auto program = script("exit 0");
  CHECK(find_program(program).value() == program);
  std::string path = ::getenv("PATH");
  ::setenv("PATH", ("/nowhere:" + (folder / "a folder").string()).c_str(), 1);
  CHECK(find_program("program").value() == program);
  CHECK(code_of(find_program("other").error()) == ec::usage);
  ::setenv("PATH", path.c_str(), 1);
  CHECK(code_of(find_program("").error()) == ec::usage);
  CHECK_FALSE(find_program((folder / "a folder").string()));
  std::filesystem::permissions(program, std::filesystem::perms::owner_read);
  CHECK_FALSE(find_program(program));
  CHECK(code_of(call_program({program}, "", 1s)) == ec::usage);
}
