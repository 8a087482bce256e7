#include "actors/sinks/registry.hpp"
#include "config/key_list.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/completion_text.hpp"

#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

std::vector<std::string> values_of(const config::field& spec) {
  if (spec.kind == config::field_kind::boolean)
    return {"true", "false"};
  return spec.choices;
}

/// The keys that --set accepts, without duplicates; their values are those of
/// all sink types.
std::vector<settable_key> settable_keys() {
  std::vector<settable_key> keys;
  for (auto& key : config::list_keys(sink_specs())) {
    if (key.spec.kind == config::field_kind::secret)
      continue;
    auto values = values_of(key.spec);
    auto known = std::find_if(keys.begin(), keys.end(), [&](auto& other) {
      return other.path == key.path;
    });
    if (known == keys.end())
      keys.push_back({key.path, std::move(values)});
    else
      known->values.insert(known->values.end(), values.begin(), values.end());
  }
  return keys;
}

std::string completion(const CLI::App& app, const std::string& shell) {
  auto program = describe(app);
  auto keys = settable_keys();
  if (shell == "bash")
    return bash_completion(program, keys);
  return shell == "zsh" ? zsh_completion(program, keys)
                        : fish_completion(program, keys);
}

} // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto* command =
    app.add_subcommand("completion", "Print a shell completion script");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "The shell to complete for")
    ->check(CLI::IsMember({"bash", "zsh", "fish"}))
    ->required();
  command->footer(
    "Installed with the program. To install it by hand:\n"
    "  sluice completion bash > ~/.local/share/bash-completion/completions/"
    "sluice\n"
    "  sluice completion zsh > ~/.zfunc/_sluice     # with ~/.zfunc in fpath\n"
    "  sluice completion fish > ~/.config/fish/completions/sluice.fish");
  command->callback([&app, &exit_code, shell] {
    std::cout << completion(app, *shell);
    exit_code = 0;
  });
}

} // namespace sluice::cli
