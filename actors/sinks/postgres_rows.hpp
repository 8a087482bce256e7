// A page's captures as rows, in the text format of COPY.

#pragma once

#include "actors/sinks/postgres_options.hpp"
#include "actors/sinks/postgres_sieve.hpp"
#include "actors/sinks/row_counts.hpp"
#include "core/select/row_selector.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A capture that became no row, and why.
struct refused_capture {
  size_t capture = 0;    ///< its place in the page
  std::string code{};    ///< dead_letter_code, or an SQLSTATE
  std::string message{}; ///< printable
  std::string column{};  ///< empty if none is known
};

/// The rows of a page.
struct page_rows {
  std::string data{};                     ///< the lines of all rows
  std::vector<size_t> ends{};             ///< of each row in `data`
  std::vector<size_t> captures{};         ///< the place in the page of each row
  std::vector<refused_capture> refused{}; ///< by a column's rule or by us
  row_counts counts{};

  [[nodiscard]] std::string_view lines(const row_range& range) const {
    auto begin = range.begin == 0 ? 0 : ends[range.begin - 1];
    auto end = range.end == 0 ? 0 : ends[range.end - 1];
    return std::string_view{data}.substr(begin, end - begin);
  }
};

/// Not thread-safe.
class row_maker {
public:
  row_maker(sink_context context, const postgres_options& options);

  /// Errors: ec::refused (a column's rule stops the job).
  [[nodiscard]] caf::expected<page_rows> make(const capture_page& page);

private:
  void add_row(page_rows& out, const capture_page& page, size_t place,
               std::span<const cell> cells);
  /// Why a row cannot be stored.
  struct obstacle {
    const char* code;
    const char* message;
  };
  [[nodiscard]] std::optional<obstacle>
  add_cell(page_rows& out, size_t column, const cell& of);
  void add_capture(page_rows& out, std::string_view capture) const;
  [[nodiscard]] const column* empty_key(std::span<const cell> cells) const;

  sink_context context_;
  postgres_options::capture_form capture_as_;
  std::vector<std::string> key_;
  row_selector selector_;
  std::string job_; ///< as COPY reads it
  std::string scratch_;
};

/// Appends a value so that COPY reads exactly these bytes.
void append_copy_text(std::string& out, std::string_view value);

/// Appends bytes as a value of type bytea.
void append_copy_bytes(std::string& out, std::string_view bytes);

/// True if the type numeric can hold a number of JSON, and does so without
/// many more digits than are written.
[[nodiscard]] bool fits_numeric(std::string_view number);

/// True if a JSON text has the escape \u0000, which jsonb cannot hold.
[[nodiscard]] bool has_nul_escape(std::string_view json);

} // namespace sluice
