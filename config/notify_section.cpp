#include "config/job_sections.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

std::vector<ending> endings_named(const std::vector<std::string>& words) {
  std::vector<ending> out;
  for (auto& [word, each] : ending_words)
    if (std::find(words.begin(), words.end(), word) != words.end())
      out.push_back(each);
  return out;
}

} // namespace

field notify_fields() {
  using enum field_kind;
  return {
    .name = "notify",
    .kind = section,
    .help = "A program to run when the job ends. It receives the account as "
            "JSON on its standard input.",
    .children = {
      {.name = "command",
       .kind = text_list,
       .help = "The program and its arguments; no shell is involved. A name "
               "with a slash is a file relative to the config file's folder; "
               "any other name is looked up in PATH.",
       .required = true,
       .min = 1,
       .example = "[./tell.sh, shoes]",
       .hint =
         "each argument is a separate item, and no shell interprets them"},
      {.name = "on",
       .kind = text_list,
       .help = "When to run it, once the job has begun: `done` after exit code "
               "0, `incomplete` after 3, `stopped` after 2, 4 or 5, `held` "
               "when batches or runs wait for a decision. Default: all.",
       .min = 1,
       .choices = words_in(ending_words),
       .example = "[incomplete, stopped, held]"},
    }};
}

std::optional<notify_settings> build_notify(const checked_job& job) {
  using texts = std::vector<std::string>;
  if (!job.values.has("notify") || !job.values.has("notify.command"))
    return std::nullopt;
  notify_settings out;
  out.command = job.values.get<texts>("notify.command");
  auto& program = out.command.front();
  if (program.find('/') != std::string::npos)
    program = (job.folder() / program).lexically_normal().string();
  out.on = endings_named(job.get_or("notify.on", words_in(ending_words)));
  out.at = place_in(job.root, "notify.command[0]");
  return out;
}

} // namespace sluice::config
