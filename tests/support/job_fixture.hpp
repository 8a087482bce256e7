// A job in a temporary folder: a list, a config, the program, and what it
// delivered.

#pragma once

#include "simulator/simulator.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

/// Fast but realistic: limits are on, and times are divided by sixty.
[[nodiscard]] simulator_options brisk_options();

/// `count` distinct URLs, one per line.
[[nodiscard]] std::string url_lines(size_t count);

struct delivered {
  uint64_t lines = 0;
  std::map<std::string, uint64_t> by_id; ///< capture id → times
  std::set<std::string> urls;
};

[[nodiscard]] size_t lines_in(const std::string& text);

/// Reads the captures of a file with one JSON object per line.
[[nodiscard]] delivered read_captures(const std::string& text);

/// The number after `name` in the account, or 0 if it is absent.
[[nodiscard]] uint64_t
in_account(const std::string& account, const std::string& name);

/// A whole number in a JSON document, by JSON pointer.
[[nodiscard]] uint64_t
json_number(const std::string& json, const std::string& pointer);

/// A number from the simulator's statistics, by JSON pointer.
[[nodiscard]] uint64_t
in_stats(const simulator& api, const std::string& pointer);

class job_fixture {
public:
  explicit job_fixture(simulator_options options = brisk_options());

  /// The config's text for this simulator with a file sink. `more` is YAML
  /// appended to it.
  [[nodiscard]] std::string config_text(const std::string& more = {}) const;

  void write_config(const std::string& more = {});
  void write_urls(const std::string& lines);

  [[nodiscard]] program_input
  command(std::vector<std::string> more_arguments = {}) const;
  [[nodiscard]] program_result
  run(std::vector<std::string> more_arguments = {}) const;

  /// Another command on this job's config.
  [[nodiscard]] program_result
  call(const std::string& name, std::vector<std::string> more = {}) const;

  /// A whole number in the output of `status --json`, by JSON pointer. Throws
  /// if nothing is there.
  [[nodiscard]] uint64_t status_of(const std::string& pointer) const;

  /// The contents of captures.jsonl.
  [[nodiscard]] delivered captures() const;

  [[nodiscard]] const simulator& api() const { return api_; }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const {
    return folder_ / name;
  }

  /// Suspends the simulator's answers for `seconds`.
  void pause_answers(double seconds) const;

private:
  temp_folder folder_;
  simulator_options options_;
  simulator api_;
};

/// The key of all jobs here. It must never appear in any output.
inline constexpr const char* secret_key = "sk-very-secret-0123456789";

} // namespace sluice::test
