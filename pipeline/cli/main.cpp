#include "config/suggest.hpp"
#include "core/base/crash_point.hpp"
#include "pipeline/cli/command.hpp"

#include <CLI/CLI.hpp>

#include <malloc.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace {

/// The message for a first argument that is not a command.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-' || argv[1][0] == '\0')
    return {};
  std::vector<std::string> known;
  for (auto* command :
       app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end())
    return {};
  return "'" + sluice::printable(argv[1]) + "' is not a command"
         + sluice::config::suggestion(argv[1], known);
}

/// What is wrong with the command line, and where to look.
std::string wrong_usage(const CLI::App* app, const CLI::Error& err) {
  auto name = app->get_name();
  for (auto* command : app->get_subcommands())
    name += " " + command->get_name();
  std::string what = err.what();
  if (what == "A subcommand is required")
    what = "a command is required";
  // Only the parser's own sentences begin with a capital; names are left alone.
  if (what.size() > 1 && std::islower(static_cast<unsigned char>(what[1])))
    what[0] =
      static_cast<char>(std::tolower(static_cast<unsigned char>(what[0])));
  return name + ": " + sluice::printable(what) + "; see `" + name
         + " --help`\n";
}

} // namespace

int main(int argc, char** argv) {
  if (sluice::list_crash_points())
    return 0;
  // glibc gives each thread its own heap and does not reuse memory freed in
  // another. With two heaps, memory does not creep up over hours, and speed is
  // the same.
  ::mallopt(M_ARENA_MAX, 2);
  CLI::App app{
    "sluice fetches every capture of a large list of URLs from the Extralt\n"
    "extraction API. It never pays twice, never loses a capture and never\n"
    "exceeds the rate limit.",
    "sluice"};
  app.set_version_flag("--version", std::string{"sluice "} + SLUICE_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.failure_message(wrong_usage);
  app.footer("Start here:\n"
             "  sluice init job.yaml\n"
             "  sluice run job.yaml --simulate\n"
             "  EXTRALT_API_KEY=… sluice run job.yaml\n\n"
             "`sluice COMMAND --help` describes a command.");
  auto exit_code = 0;
  for (auto* add : sluice::cli::commands)
    add(app, exit_code);
  for (auto* command : app.get_subcommands([](CLI::App*) { return true; }))
    command->group("Commands");
  if (auto text = unknown_command(app, argc, argv); !text.empty())
    return sluice::cli::fail(sluice::make_error(sluice::ec::usage, text));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& err) {
    return app.exit(err) == 0 ? 0 : 1;
  }
  return exit_code;
}
