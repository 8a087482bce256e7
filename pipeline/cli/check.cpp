#include "actors/sinks/registry.hpp"
#include "config/document.hpp"
#include "pipeline/cli/command.hpp"

#include <iostream>
#include <memory>
#include <vector>

namespace sluice::cli {

namespace {

/// Where each sink of a file that loads stands.
std::vector<config::place> sink_places(const std::string& file) {
  config::finding_list findings;
  std::vector<config::place> places;
  if (auto text = config::read_text_file(file, {}, findings))
    if (auto root = config::parse_document(*text, file, findings))
      if (auto list = root->find("sinks"))
        for (auto& item : list->items)
          places.push_back(item.at);
  return places;
}

/// What only the sinks themselves can say of their sections.
int check_sinks(const settings& config, const std::string& file) {
  auto exit_code = 0;
  for (size_t i = 0; i < config.sinks.size(); ++i) {
    auto& sink = config.sinks[i];
    auto* type = find_sink_type(sink.type);
    if (type == nullptr || !type->check)
      continue;
    if (auto err = type->check(sink_context{{}, sink.name}, sink.fields)) {
      config::finding found{file, 0, 0, what_of(err)};
      // Those that --set adds stand nowhere.
      if (auto places = sink_places(file); i < places.size()) {
        found.line = places[i].line;
        found.column = places[i].column;
      }
      std::cerr << found.text() << '\n';
      exit_code = 1;
    }
  }
  return exit_code;
}

} // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "check", "Validate a config file: prints every error, not only the first");
  auto arguments = std::make_shared<config_arguments>();
  arguments->add_to(*command);
  command->footer("Reads no list, sends nothing, resolves no secret.\n\n"
                  "Example:\n  sluice check job.yaml");
  command->callback([=, &exit_code] {
    auto config = arguments->load();
    exit_code = config ? check_sinks(*config, arguments->file) : 1;
    if (exit_code == 0)
      std::cout << arguments->file << ": ok\n";
  });
}

} // namespace sluice::cli
