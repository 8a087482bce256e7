// A real browser: Debian's Chromium in headless mode, driven over two pipes
// with the DevTools protocol.

#pragma once

#include "tests/support/json_view.hpp"
#include "tests/support/temp_folder.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace sluice::test {

struct browser_options {
  int width = 1280;
  int height = 900;
  bool dark = false;
  double pixels = 1; ///< of the device, per pixel of the page
};

/// One browser with one page. Any failure fails the test.
class browser {
public:
  [[nodiscard]] static bool is_installed();

  explicit browser(const browser_options& options = {});
  ~browser();
  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;

  void open(const std::string& url);

  /// The value of a JavaScript expression.
  json_view evaluate(const std::string& expression);

  /// Waits until an expression is true.
  void wait_for(const std::string& expression);

  /// The text of the first element that matches a selector.
  std::string text_of(const std::string& selector);

  /// Saves a PNG file of the whole page or of the visible part.
  void take_picture(const std::string& file, bool whole);

  /// What the browser has reported: errors, exceptions, violations of the
  /// page's security policy.
  [[nodiscard]] const std::vector<std::string>& complaints() const {
    return complaints_;
  }

private:
  void start();
  json_view call(const std::string& method, const std::string& parameters);
  /// The next message, within a time limit.
  std::string next_message();
  void note(const json_view& event);

  temp_folder profile_;
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  int calls_ = 0;
  std::string session_; ///< of the page, once there is one
  std::string received_;
  std::vector<std::string> complaints_;
};

} // namespace sluice::test
