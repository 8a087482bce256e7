#include "config/load.hpp"
#include "pipeline/cli/command.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

int print_profile(const std::string& name) {
  auto text = config::built_in_profile_text(name);
  if (text.empty()) {
    std::cerr << "sluice: there is no built-in profile \"" << name
              << "\"; `sluice profiles` lists them\n";
    return 1;
  }
  std::cout << text;
  return 0;
}

int list_profiles() {
  for (auto& name : config::built_in_profiles())
    std::cout << name << '\n';
  return 0;
}

} // namespace

void add_profiles(CLI::App& app, int& exit_code) {
  auto* command =
    app.add_subcommand("profiles", "List the built-in API dialects");
  auto name = std::make_shared<std::string>();
  std::string names;
  for (auto& known : config::built_in_profiles())
    names += (names.empty() ? "" : ",") + known;
  command->add_option("NAME", *name, "Print this profile's file")
    ->type_name("{" + names + "}");
  command->footer("Example:\n  sluice profiles extralt > mine.yaml");
  command->callback([=, &exit_code] {
    exit_code = name->empty() ? list_profiles() : print_profile(*name);
  });
}

} // namespace sluice::cli
