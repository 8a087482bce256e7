// Loads text as a config file with test-specific sink specs.

#pragma once

#include "config/load.hpp"
#include "tests/support/temp_folder.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// Specs like those of the real sinks, with every kind of field they have.
inline std::vector<config::sink_spec> sample_specs() {
  using enum config::field_kind;
  config::sink_spec file{
    "file",
    "Writes a file.",
    {{.name = "path", .kind = path, .help = "The file.", .required = true},
     {.name = "compression",
      .kind = choice,
      .help = "How.",
      .default_value = "none",
      .choices = {"none", "gzip", "zstd", "lz4"}},
     {.name = "exists",
      .kind = choice,
      .help = "When it exists.",
      .default_value = "refuse",
      .choices = {"refuse", "append", "replace"}}}};
  config::sink_spec webhook{
    "webhook",
    "Posts.",
    {{.name = "url", .help = "Where to.", .required = true},
     {.name = "headers", .kind = text_map, .help = "More headers."},
     {.name = "secret", .kind = config::field_kind::secret, .help = "Signs."},
     {.name = "batch",
      .kind = config::field_kind::section,
      .help = "One delivery.",
      .children = {{.name = "captures",
                    .kind = integer,
                    .help = "Count.",
                    .default_value = "100",
                    .min = 1,
                    .max = 1000},
                   {.name = "bytes",
                    .kind = size,
                    .help = "Size.",
                    .default_value = "1MiB"}}},
     {.name = "dead_letter",
      .kind = path,
      .help = "Refused ones.",
      .beside = {"-wal"}},
     {.name = "ca_file", .kind = path, .help = "Trust.", .shared = true},
     {.name = "max_down",
      .kind = config::field_kind::duration,
      .help = "How long.",
      .default_value = "1h"},
     {.name = "on_down",
      .kind = choice,
      .help = "Then.",
      .default_value = "stop",
      .choices = {"stop", "dead_letter"}}}};
  return {file, {"stdout", "Prints.", {}}, webhook};
}

/// A folder with one config file, `job.yaml`.
class config_fixture {
public:
  config::load_result
  load(std::string_view text, const std::vector<std::string>& overrides = {}) {
    fill(file(), text);
    return config::load(file(), overrides, sample_specs());
  }

  /// The findings as text without the file's name.
  std::vector<std::string>
  findings(std::string_view text,
           const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> out;
    auto prefix = file().string() + ":";
    for (auto& found : load(text, overrides).findings) {
      auto line = found.text();
      if (line.starts_with(prefix))
        line.erase(0, prefix.size());
      out.push_back(std::move(line));
    }
    return out;
  }

  [[nodiscard]] std::filesystem::path file() const {
    return folder / "job.yaml";
  }

  temp_folder folder;
};

/// A valid config to which tests append lines.
inline const std::string sound = R"(api: {key: k}
input: {urls: urls.txt}
runs: {robot: rbt_1}
sinks: [{type: stdout}]
)";

} // namespace sluice::test
