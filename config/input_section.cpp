#include "config/job_sections.hpp"

#include <algorithm>

namespace sluice::config {

field input_fields() {
  using enum field_kind;
  return {
    .name = "input",
    .kind = section,
    .help = "The URLs to extract. They are read once, into the ledger.",
    .required = true,
    .children = {
      {.name = "urls",
       .kind = text_list,
       .help = "Files and globs, relative to the config file's folder; '-' is "
               "standard input. Files ending in .gz, .zst or .lz4 are "
               "decompressed as they are read.",
       .required = true,
       .min = 1,
       .example = "[lists/*.txt, extra.csv]"},
      {.name = "format",
       .kind = choice,
       .help =
         "The format of the lists; `auto` goes by the file name extension.",
       .default_value = default_word(list_format_words, input_options{}.format),
       .choices = words_in(list_format_words)},
      {.name = "delimiter",
       .kind = choice,
       .help = "The column separator of csv lists; `auto` detects it from the "
               "header row, or from the rows of a list without one. `plan` "
               "shows what it detected.",
       .default_value =
         default_word(list_delimiter_words, input_options{}.delimiter),
       .choices = words_in(list_delimiter_words)},
      {.name = "field",
       .help =
         "The column (csv) or member (jsonl, json) that holds the URL. A "
         "column name may differ in case if that is unambiguous. For csv lists "
         "without a header row, write the column's number, counting from 1. "
         "For a nested member, write a JSON Pointer: /product/url.",
       .default_value = input_options{}.field},
      {.name = "deduplicate",
       .kind = boolean,
       .help = "Submit each URL only once, even if the lists repeat it.",
       .default_value = input_options{}.deduplicate ? "true" : "false"},
      {.name = "on_invalid",
       .kind = choice,
       .help =
         "What to do with a line that is not an http or https URL: `skip` "
         "counts and skips it, `fail` stops before anything is sent.",
       .default_value =
         default_word(on_invalid_words, input_options{}.fail_on_invalid),
       .choices = words_in(on_invalid_words)},
    }};
}

input_options build_input(const checked_job& job) {
  auto& values = job.values;
  input_options out;
  for (auto& name : job.get_or("input.urls", std::vector<std::string>{}))
    out.urls.push_back(
      name == "-" ? name : (job.folder() / name).lexically_normal().string());
  if (std::count(out.urls.begin(), out.urls.end(), "-") > 1)
    job.refuse(
      "input.urls",
      "input.urls names standard input (-) twice: it can be read only once");
  out.format = values.choice("input.format", list_format_words);
  out.delimiter = values.choice("input.delimiter", list_delimiter_words);
  out.field = values.text("input.field");
  out.deduplicate = values.get<bool>("input.deduplicate");
  out.fail_on_invalid = values.choice("input.on_invalid", on_invalid_words);
  return out;
}

} // namespace sluice::config
