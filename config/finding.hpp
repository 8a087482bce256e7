// What is wrong with a config, and where. Findings are collected so that one
// run reports everything.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

/// One defect, with its place and the remedy.
struct finding {
  std::string file;
  int line = 0;        ///< from 1; 0 when no place applies (e.g. --set)
  int column = 0;      ///< from 1
  std::string message; ///< what is wrong, what to write instead

  /// "file:line:column: message"; without a place, "file: message".
  [[nodiscard]] std::string text() const;
};

/// The place of a key or value.
struct place {
  std::shared_ptr<const std::string> file; ///< as the user knows it
  int line = 0;                            ///< from 1; 0: not in a file
  int column = 0;                          ///< from 1
  bool overridden = false;                 ///< given by --set; `file` says so
};

/// Collects findings; beyond a hundred it only counts.
class finding_list {
public:
  void add(const place& at, std::string_view message);

  /// Adds the findings of another list.
  void add(std::vector<finding> others);

  [[nodiscard]] bool empty() const { return list_.empty(); }

  /// All findings, ordered by file, line and column; those of --set come last.
  [[nodiscard]] std::vector<finding> take();

private:
  std::vector<finding> list_;
  size_t dropped_ = 0;
};

} // namespace sluice::config
