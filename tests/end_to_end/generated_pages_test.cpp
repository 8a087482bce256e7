// Completions, man pages and the command line reference. The commands' own
// descriptions generate them, so --help is the standard of comparison.

#include "tests/support/program.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <iostream>
#include <regex>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

std::set<std::string> all_matches(const std::string& text, const char* what) {
  std::regex pattern{what};
  std::set<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), pattern}, end;
       at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

/// As listed by --help.
std::set<std::string> commands() {
  auto help = sluice_with({"--help"}).out;
  auto list = help.substr(help.find("Commands:"));
  list.resize(list.find("\n\n"));
  return all_matches(list, "\n  ([a-z]+) ");
}

std::set<std::string> options_of(const std::string& command) {
  auto help = sluice_with({command, "--help"}).out;
  return all_matches(help, "\n +(?:-[a-z],)?(--[a-z0-9-]+)");
}

/// Keeps a failing check from printing the whole page.
bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

bool is_installed(const std::string& tool) {
  return ::access(("/usr/bin/" + tool).c_str(), X_OK) == 0
         || ::access(("/bin/" + tool).c_str(), X_OK) == 0;
}

program_result shell(const std::string& tool,
                     std::vector<std::string> arguments,
                     const std::string& input = {}) {
  program_input call;
  call.executable = ::access(("/bin/" + tool).c_str(), X_OK) == 0
                      ? "/bin/" + tool
                      : "/usr/bin/" + tool;
  call.arguments = std::move(arguments);
  call.standard_input = input;
  call.environment = {{"LC_ALL", "C.UTF-8"}};
  return run_program(call);
}

/// What bash offers for the last of these words.
std::set<std::string> offered(const std::string& words) {
  temp_folder folder;
  fill(folder / "completion", sluice_with({"completion", "bash"}).out);
  auto result =
    shell("bash", {"-c", "source " + (folder / "completion").string()
                           + "\nCOMP_WORDS=(" + words
                           + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]}"
                             " - 1))\n_sluice\n"
                             "printf ' %s\\n' \"${COMPREPLY[@]}\""});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  return all_matches(result.out, " (\\S+)\n");
}

} // namespace

TEST_CASE("the command line reference is the program's own output") {
  // When this fails: sluice man --format markdown > docs/cli.md
  CHECK(sluice_with({"man", "--format", "markdown"}).out
        == content_of(SLUICE_SOURCE_DIR "/docs/cli.md"));
}

TEST_CASE("the man page and the reference have every command and option") {
  auto page = sluice_with({"man"}).out;
  auto reference = sluice_with({"man", "--format", "markdown"}).out;
  CHECK(commands().size() >= 11);
  for (auto& command : commands()) {
    INFO(command);
    CHECK(has(page, ".SS \"sluice " + command + " "));
    CHECK(has(reference, "## `sluice " + command + "`"));
    auto own = sluice_with({"man", command}).out;
    CHECK(options_of(command).count("--help") == 1);
    for (auto& option : options_of(command)) {
      INFO(option);
      CHECK(has(reference, option));
      auto in_roff = std::regex_replace(option, std::regex{"-"}, "\\-");
      CHECK(has(own, in_roff));
      CHECK(has(page, in_roff));
    }
  }
}

TEST_CASE("there is a man page for the config file and an error for nonsense") {
  auto page = sluice_with({"man", "config"}).out;
  for (auto key : {"api.burst", "runs.robot", "sinks[0].path", "log.level"})
    CHECK(has(page, "\\fB" + std::string{key}));
  auto result = sluice_with({"man", "nonsense"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("name a command"));
}

TEST_CASE("groff accepts the man pages without a warning") {
  if (!is_installed("groff")) {
    WARN("groff is not installed: the man pages were not checked");
    return;
  }
  auto names = commands();
  names.insert("config");
  std::vector<std::vector<std::string>> pages{{"man"}};
  for (auto& name : names)
    pages.push_back({"man", name});
  for (auto& arguments : pages) {
    INFO(arguments.back());
    auto result = shell("groff", {"-man", "-Tutf8", "-Kutf8", "-ww"},
                        sluice_with(arguments).out);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(has(result.out, "sluice"));
  }
}

TEST_CASE("each installed shell can load its completion") {
  auto name =
    GENERATE(std::string{"bash"}, std::string{"zsh"}, std::string{"fish"});
  if (!is_installed(name)) {
    WARN(name + " is not installed: its completion was not checked");
    return;
  }
  temp_folder folder;
  auto text = sluice_with({"completion", name}).out;
  fill(folder / "completion", text);
  auto result = shell(name, {"-n", (folder / "completion").string()});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
}

TEST_CASE("every completion has every command and option") {
  auto bash = sluice_with({"completion", "bash"}).out;
  auto zsh = sluice_with({"completion", "zsh"}).out;
  auto fish = sluice_with({"completion", "fish"}).out;
  for (auto& command : commands()) {
    INFO(command);
    CHECK(has(zsh, "'" + command + ":"));
    CHECK(has(fish, " -a " + command + " "));
    for (auto& option : options_of(command)) {
      INFO(option);
      CHECK(has(bash, option));
      CHECK(has(zsh, option));
      CHECK(has(fish, " -l " + option.substr(2) + " "));
    }
  }
}

TEST_CASE("bash completes commands, options, values and keys") {
  // The completion reads from <(…), for which bash uses /dev/fd.
  if (::access("/dev/fd/0", F_OK) != 0) {
    std::cout << "skipped: there is no /dev/fd\n";
    return;
  }
  using words = std::set<std::string>;
  CHECK(offered("sluice ''") == commands());
  CHECK(offered("sluice st") == words{"status"});
  CHECK(offered("sluice --v") == words{"--version"});
  for (auto& command : commands()) {
    INFO(command);
    auto found = offered("sluice " + command + " --");
    CHECK(found == options_of(command));
  }
  CHECK(offered("sluice status job.yaml --list re") == words{"rejected"});
  CHECK(offered("sluice schema --format ''") == words{"json", "markdown"});
  CHECK(offered("sluice completion ''") == words{"bash", "zsh", "fish"});
  CHECK(offered("sluice simulate --list-runs ''")
        == words{"off", "ids", "urls"});
  CHECK(offered("sluice run job.yaml --set api.bu") == words{"api.burst="});
  // A secret cannot be set, so it is not offered.
  CHECK(offered("sluice run job.yaml --set api.key").empty());
  CHECK(offered("sluice run --speed ''").empty());
  CHECK(offered("sluice run job.yaml --set captures.fetch =")
        == words{"pages", "download"});
  CHECK(offered("sluice run job.yaml --set captures.fetch = d")
        == words{"download"});
  CHECK(offered("sluice run job.yaml --set sinks[1].compression = z")
        == words{"zstd"});
  CHECK(offered("sluice run job.yaml --set input.deduplicate =")
        == words{"true", "false"});
  CHECK(offered("sluice run job.yaml --set job.name =").empty());
  auto with_config = commands();
  with_config.insert("config");
  CHECK(offered("sluice man ''") == with_config);
  CHECK(offered("sluice run /et") == words{"/etc"});
}
