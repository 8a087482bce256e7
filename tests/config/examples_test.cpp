#include "actors/sinks/registry.hpp"
#include "config/load.hpp"
#include "core/base/url.hpp"
#include "tests/config/config_fixture.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::filesystem::path examples{SLUICE_EXAMPLES};

std::vector<std::filesystem::path> example_files() {
  std::vector<std::filesystem::path> out;
  for (auto& entry : std::filesystem::directory_iterator{examples})
    if (entry.path().extension() == ".yaml")
      out.push_back(entry.path());
  return out;
}

bool is_profile(const std::filesystem::path& file) {
  return file.stem().string().ends_with("-profile");
}

std::string all_of(const std::vector<config::finding>& findings) {
  std::string out;
  for (auto& one : findings)
    out += one.text() + "\n";
  return out;
}

} // namespace

TEST_CASE("every example loads", "[config]") {
  auto files = example_files();
  CHECK(files.size() >= 6);
  for (auto& file : files) {
    auto findings = is_profile(file)
                      ? config::load_profile(file.string(), "/").findings
                      : config::load(file, {}, sink_specs()).findings;
    INFO(all_of(findings));
    CHECK(findings.empty());
  }
}

TEST_CASE("the quickstart lists URLs on reserved hosts", "[config]") {
  auto job = config::load(examples / "quickstart.yaml", {}, sink_specs());
  REQUIRE(job.value);
  std::istringstream list{content_of(job.value->input.urls.at(0))};
  size_t count = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.starts_with('#'))
      continue;
    INFO(line);
    CHECK(url_defect(line) == nullptr);
    CHECK(host_of(line).ends_with(".example"));
    ++count;
  }
  CHECK(count == 300);
}

TEST_CASE("no damaged example crashes the loader", "[config]") {
  config_fixture f;
  std::minstd_rand random{42};
  auto below = [&](size_t limit) {
    return std::uniform_int_distribution<size_t>{0, limit - 1}(random);
  };
  const std::string alphabet = "{}[]:,-?&*!|>'\"%@`#~<= \n\t$\\a0\x01\xff";
  size_t refused = 0;
  for (auto& file : example_files()) {
    auto original = content_of(file);
    for (int round = 0; round < 150; ++round) {
      auto text = original;
      if (below(3) == 0)
        text.resize(below(text.size()));
      for (auto changes = below(8); changes > 0 && !text.empty(); --changes)
        switch (below(3)) {
          case 0:
            text[below(text.size())] = alphabet[below(alphabet.size())];
            break;
          case 1:
            text.insert(below(text.size()), 1 + below(40),
                        alphabet[below(alphabet.size())]);
            break;
          default:
            text.erase(below(text.size()), 1 + below(20));
        }
      auto result = f.load(text);
      CHECK(result.value.has_value() == result.findings.empty());
      refused += result.findings.empty() ? 0 : 1;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("no damaged profile crashes the loader", "[config]") {
  temp_folder folder;
  std::minstd_rand random{7};
  auto original = std::string{config::built_in_profile_text("extralt")};
  for (int round = 0; round < 300; ++round) {
    auto text = original;
    auto below = [&](size_t limit) {
      return std::uniform_int_distribution<size_t>{0, limit - 1}(random);
    };
    text.erase(below(text.size()), 1 + below(30));
    text.insert(below(text.size()), 1, "{}[]:,\"$\n"[below(9)]);
    fill(folder / "p.yaml", text);
    auto result = config::load_profile((folder / "p.yaml").string(), "/");
    CHECK((result.value != nullptr) == result.findings.empty());
  }
}
