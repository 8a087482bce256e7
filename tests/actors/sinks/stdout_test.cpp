#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/actors/sinks/stdout_redirect.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <csignal>
#include <iostream>
#include <optional>
#include <thread>

using namespace sluice;
using test::page_of;
using test::promise;
using test::stdout_redirect;

namespace {

class stdout_fixture : public test::contract_fixture {
public:
  stdout_fixture()
      : target_(::open((folder_ / "out").c_str(),
                       O_WRONLY | O_CREAT | O_CLOEXEC, 0600)),
        redirect_(std::in_place, target_) {}
  ~stdout_fixture() override { ::close(target_); }
  test::given_values section() override { return {}; }
  promise promised() const override { return promise::at_least_once; }
  std::string lines() override {
    redirect_.reset();
    return test::content_of(folder_ / "out");
  }

private:
  test::temp_folder folder_;
  int target_;
  std::optional<stdout_redirect> redirect_;
};

const test::contract_entry stdout_entry{
  "stdout", "", [] { return std::make_unique<stdout_fixture>(); }};

std::unique_ptr<sink> make(const std::string& name = "out") {
  auto type = find_sink_type("stdout");
  REQUIRE(type);
  return type->make({"job", name}, {});
}

struct pipe_ends {
  int read = -1;
  int write = -1;
  explicit pipe_ends(int flags) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read = ends[0];
    write = ends[1];
    REQUIRE(::fcntl(write, F_SETFL, flags) == 0);
  }
};

/// Everything up to the end of the stream.
std::string drain(int fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<size_t>(got));
  return all;
}

} // namespace

TEST_CASE("a reader that closes its end stops the job, which can continue",
          "[sinks][stdout]") {
  std::signal(SIGPIPE, SIG_IGN);
  pipe_ends pipe{0};
  ::close(pipe.read);
  auto out = make();
  REQUIRE_FALSE(out->open(std::nullopt));
  caf::error err;
  {
    stdout_redirect redirect{pipe.write};
    err = out->write(page_of(1, {"1"}));
  }
  ::close(pipe.write);
  CHECK(code_of(err) == ec::stopped);
  CHECK(what_of(err).find("closed it") != std::string::npos);
}

TEST_CASE("a non-blocking output loses nothing", "[sinks][stdout]") {
  pipe_ends pipe{O_NONBLOCK};
  std::vector<std::string> captures;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    captures.push_back('"' + std::to_string(i) + std::string(5000, 'x') + '"');
    expected += captures.back() + "\n";
  }
  std::string got;
  std::thread reader{[&] { got = drain(pipe.read); }};
  auto out = make();
  caf::error err = out->open(std::nullopt);
  if (!err) {
    stdout_redirect redirect{pipe.write};
    err = out->write(page_of(1, captures));
  }
  ::close(pipe.write);
  reader.join();
  ::close(pipe.read);
  CHECK_FALSE(err);
  CHECK((got == expected));
}

TEST_CASE("a full disk behind standard output is reported", "[sinks][stdout]") {
  auto full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) {
    std::cout << "skipped: there is no /dev/full\n";
    return;
  }
  auto out = make();
  REQUIRE_FALSE(out->open(std::nullopt));
  caf::error err;
  {
    stdout_redirect redirect{full};
    err = out->write(page_of(1, {"1"}));
  }
  ::close(full);
  CHECK(code_of(err) == ec::disk);
}

TEST_CASE("only one stdout sink exists at a time", "[sinks][stdout]") {
  auto first = make();
  auto second = make("second");
  REQUIRE_FALSE(first->open(std::nullopt));
  auto err = second->open(std::nullopt);
  CHECK(code_of(err) == ec::usage);
  CHECK(what_of(err).find("'second'") != std::string::npos);
  CHECK_FALSE(second->close()); // must not free the first one's place
  CHECK(code_of(make()->open(std::nullopt)) == ec::usage);
  CHECK_FALSE(first->close());
  CHECK_FALSE(make()->open(std::nullopt));
}
