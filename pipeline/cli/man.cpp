#include "actors/sinks/registry.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/manual_text.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

constexpr auto config_page = "config";

struct man_arguments {
  std::string page;
  std::string format = "roff";
};

std::string page(const command_spec& program, const std::string& name) {
  if (name.empty())
    return man_page(program);
  if (name == config_page)
    return config_man_page(config::list_keys(sink_specs()));
  auto command = std::find_if(program.commands.begin(), program.commands.end(),
                              [&](auto& known) { return known.name == name; });
  return command == program.commands.end() ? "" : man_page(program, *command);
}

std::string page_names(const CLI::App& app) {
  std::string names;
  for (auto* command :
       app.get_subcommands([](const CLI::App*) { return true; }))
    names += command->get_name() + ",";
  return names + config_page;
}

int print_manual(const CLI::App& app, const man_arguments& arguments) {
  auto program = describe(app);
  if (arguments.format == "markdown") {
    std::cout << cli_reference(program);
    return 0;
  }
  auto text = page(program, arguments.page);
  if (text.empty())
    return fail(make_error(ec::usage, "there is no manual page for '"
                                        + printable(arguments.page)
                                        + "'; name a command or config"));
  std::cout << text;
  return 0;
}

} // namespace

void add_man(CLI::App& app, int& exit_code) {
  auto* command =
    app.add_subcommand("man", "Print a manual page as roff, for man");
  auto arguments = std::make_shared<man_arguments>();
  command
    ->add_option("PAGE", arguments->page,
                 "A command, or config for the config file's keys. Default: "
                 "the page with all commands")
    ->type_name("{" + page_names(app) + "}");
  command
    ->add_option(
      "--format", arguments->format,
      "roff: for man; markdown: the reference page with all commands")
    ->check(CLI::IsMember({"roff", "markdown"}))
    ->capture_default_str();
  command->footer("Examples:\n"
                  "  sluice man | man -l -\n"
                  "  sluice man resolve | man -l -");
  command->callback([&app, &exit_code, arguments] {
    exit_code = print_manual(app, *arguments);
  });
}

} // namespace sluice::cli
