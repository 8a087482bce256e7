#include "tests/core/input/import_setup.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Replaces standard input with `replacement` until destroyed.
class stdin_redirect {
public:
  explicit stdin_redirect(int replacement) : saved_{::dup(STDIN_FILENO)} {
    ::dup2(replacement, STDIN_FILENO);
    ::close(replacement);
  }

  ~stdin_redirect() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

private:
  int saved_;
};

} // namespace

TEST_CASE("standard input is a list of unknown length") {
  import_setup setup;
  setup.job.input.urls = {"-"};
  double first_share = 1;
  double last_share = -1;
  setup.job.progress = [&](const import_counts&, double share) {
    first_share = std::min(first_share, share);
    last_share = share;
    return true;
  };
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto content = many_urls(30'000, 20'000) + "bad\n";
  std::thread writer{[&] {
    std::string_view rest = content;
    while (!rest.empty()) {
      auto count = ::write(ends[1], rest.data(), rest.size());
      if (count <= 0)
        break;
      rest.remove_prefix(static_cast<size_t>(count));
    }
    ::close(ends[1]);
  }};
  stdin_redirect redirect{ends[0]};
  auto counts = setup.run();
  writer.join();
  CHECK(counts.urls == 20'000);
  CHECK(counts.duplicates == 10'000);
  CHECK(setup.target.invalid[0].source == "-");
  CHECK(setup.target.invalid[0].line == 30'001);
  CHECK(first_share < 0);
  CHECK(last_share == 1);
}

TEST_CASE("a pipe cut short by an interrupt is not taken for a whole list") {
  import_setup setup;
  setup.job.input.urls = {"-"};
  setup.job.input.deduplicate = GENERATE(true, false);
  auto content = GENERATE(as<std::string>{}, "", "https://h/1\n");
  auto is_first = true;
  setup.job.progress = [&](const import_counts&, double) {
    return std::exchange(is_first, false);
  };
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], content.data(), content.size())
          == static_cast<ssize_t>(content.size()));
  ::close(ends[1]);
  stdin_redirect redirect{ends[0]};
  setup.failure(ec::interrupted);
}

TEST_CASE("an import from a silent pipe can be interrupted") {
  import_setup setup;
  setup.job.input.urls = {"-"};
  int asked = 0;
  setup.job.progress = [&](const import_counts&, double) {
    return ++asked < 3;
  };
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    stdin_redirect redirect{ends[0]};
    setup.failure(ec::interrupted);
  }
  ::close(ends[1]);
  CHECK(asked == 3);
}
