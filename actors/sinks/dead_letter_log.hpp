// Dead letters: captures that a sink's target did not take, written to the file
// that its key `dead_letter` names. The log is one object of the sink; the
// functions after it are entries of sink_type for sinks that write no other
// file.

#pragma once

#include "actors/sinks/output_file.hpp"
#include "actors/sinks/position.hpp"
#include "actors/sinks/sink.hpp"
#include "core/base/rare_notice.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sluice {

/// One capture, and why it was not taken.
struct dead_letter {
  std::string_view capture;
  /// A receiver's HTTP status, 0 if there was no reply; or, of a sink that
  /// writes rows, a word or an SQLSTATE.
  std::variant<int, std::string_view> code;
  std::string_view message;  ///< what happened, printable
  std::string_view column{}; ///< empty if none is known
};

/// Words of a sink that writes rows, instead of an SQLSTATE.
namespace dead_letter_code {
inline constexpr std::string_view missing = "missing";
inline constexpr std::string_view mismatched = "mismatched";
/// The database took the other rows, but not this one.
inline constexpr std::string_view refused = "refused";
} // namespace dead_letter_code

/// The line of a dead letter file: {"capture":…,"status":…,"message":…,
/// "sink":…} for a status, else {"capture":…,"code":…,"column":…,"message":…,
/// "sink":…}, without `column` if none is known.
[[nodiscard]] std::string
dead_letter_line(const dead_letter& letter, std::string_view sink);

/// The dead letters of a sink that may have a file for them. Counts them, and
/// keeps count and file at the sink's checkpoints. Not thread-safe.
class dead_letter_log {
public:
  /// `path` is unset if the sink has no dead letter file.
  dead_letter_log(const sink_context& context,
                  std::optional<std::filesystem::path> path);

  [[nodiscard]] bool has_file() const { return path_.has_value(); }

  /// Continues at what `checkpoint` put into a position; `numbers` is empty at
  /// a job's first start. Called once. Errors: those of output_file::open.
  [[nodiscard]] caf::error open(const position_numbers& numbers);

  /// Writes one dead letter. REQUIRES: a file. Errors: ec::disk.
  [[nodiscard]] caf::error append(const dead_letter& letter);

  /// Warns in the log that dead letters were written, at most once a minute.
  void report(time_point now, const std::string& reason);

  /// Makes the file durable, and puts where it ends and the counts into the
  /// sink's position. Errors: ec::disk.
  [[nodiscard]] caf::error checkpoint(position_numbers& numbers);

  /// Drops what was written since the last checkpoint. Safe after a failed
  /// `open`. Errors: ec::disk.
  [[nodiscard]] caf::error close();

  /// Dead letters since the job began.
  [[nodiscard]] uint64_t written() const { return written_; }

private:
  std::string sink_;
  bool in_load_;
  std::optional<std::filesystem::path> path_;
  std::optional<output_file> file_;
  rare_notice notices_;
  uint64_t written_ = 0;
  uint64_t given_up_ = 0; ///< of `written_`, those in a lost file
};

/// The entry that counts dead letters in a position.
inline constexpr const char* dead_letters_entry = "dead_letters";

/// The key `dead_letter`; `help` says which captures go there.
[[nodiscard]] config::field dead_letter_field(std::string help);

/// The path under the key `dead_letter`.
[[nodiscard]] std::optional<std::filesystem::path>
dead_letter_path(const config::section& fields);

// See the entries of sink_type with these names. They read the key
// `dead_letter`, and what the log put into the position.
[[nodiscard]] caf::error
check_first_dead_letters(const config::section& fields);
[[nodiscard]] caf::error cut_back_dead_letters(const sink_context& context,
                                               const config::section& fields,
                                               const sink_position& committed);
[[nodiscard]] caf::error
check_kept_dead_letters(const sink_context& context,
                        const config::section& fields,
                        const sink_position& committed);
/// Gives up the dead letters that are in the file, and nothing else.
[[nodiscard]] caf::expected<sink_position>
give_up_dead_letters(const sink_context& context, const config::section& fields,
                     const sink_position& committed, uint64_t in_all);

} // namespace sluice
