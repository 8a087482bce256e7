#include "pipeline/cli/completion_text.hpp"

namespace sluice::cli {

namespace {

constexpr auto opening = R"(# bash completion; made by `sluice completion bash`
_sluice() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' values='' options='' files='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i]} != -* ]]; then
      command=${COMP_WORDS[i]}
      break
    fi
  done
  # Bash takes the = of --set KEY=VALUE for a word.
  i=$((COMP_CWORD - 2))
  if [[ $cur == = ]]; then
    i=$((COMP_CWORD - 1)) cur=''
  elif [[ $prev != = ]]; then
    i=0
  fi
  if ((i > 1)) && [[ ${COMP_WORDS[i - 1]} == --set ]]; then
    case ${COMP_WORDS[i]/\[[0-9]*\]/[0]} in
)";

constexpr auto end_of_values = R"(    esac
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
    return
  fi
)";

constexpr auto ending = R"(  if [[ $cur == -* ]]; then
    values=$options
    files=''
  fi
  mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
  if [[ -n $files ]]; then
    local names
    mapfile -t names < <(compgen -f -- "$cur")
    COMPREPLY+=("${names[@]}")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _sluice sluice
)";

/// What stands behind a key that takes one of some words.
void key_cases(std::string& out, const std::vector<settable_key>& keys) {
  for (auto& key : keys)
    if (!key.values.empty())
      out += "      " + quoted(key.path)
             + ") values=" + quoted(joined_by_spaces(key.values)) + " ;;\n";
}

/// What stands behind an option that takes a value.
void value_cases(std::string& out, const command_spec& command) {
  for (auto& option : command.options) {
    if (option.positional || option.value.empty())
      continue;
    std::string pattern;
    for (auto& name : option.names)
      pattern +=
        (pattern.empty() ? "" : " | ") + quoted(command.name + " " + name);
    out += "    " + pattern + ")\n";
    if (option.is_config_key)
      out += "      compopt -o nospace 2>/dev/null\n"
             "      mapfile -t COMPREPLY < <(compgen -W \"$keys\" -- "
             "\"$cur\")\n";
    else if (!option.choices.empty())
      out += "      mapfile -t COMPREPLY < <(compgen -W "
             + quoted(joined_by_spaces(option.choices)) + " -- \"$cur\")\n";
    else if (option.is_file)
      out += "      mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n";
    out += "      return\n      ;;\n";
  }
}

void command_case(std::string& out, const command_spec& command,
                  const std::string& pattern) {
  std::vector<std::string> options, values;
  auto files = false;
  for (auto& option : command.options) {
    auto& into = option.positional ? values : options;
    auto& words = option.positional ? option.choices : option.names;
    into.insert(into.end(), words.begin(), words.end());
    files = files || (option.positional && option.is_file);
  }
  for (auto& child : command.commands)
    values.push_back(child.name);
  out += "    " + pattern
         + ")\n      options=" + quoted(joined_by_spaces(options))
         + "\n      values=" + quoted(joined_by_spaces(values)) + "\n";
  if (files)
    out += "      files=yes\n";
  out += "      ;;\n";
}

} // namespace

std::string bash_completion(const command_spec& program,
                            const std::vector<settable_key>& keys) {
  std::string out = opening;
  key_cases(out, keys);
  out += end_of_values + ("  local keys=" + quoted(key_words(keys)) + "\n");
  out += "  case \"$command $prev\" in\n";
  for (auto& command : program.commands)
    value_cases(out, command);
  out += "  esac\n  case $command in\n";
  command_case(out, program, "''");
  for (auto& command : program.commands)
    command_case(out, command, command.name);
  return out + "  esac\n" + ending;
}

} // namespace sluice::cli
