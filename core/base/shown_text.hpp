// A text that one thread sets and others display. Thread-safe.

#pragma once

#include <mutex>
#include <string>

namespace sluice {

class shown_text {
public:
  void set(std::string text) {
    std::lock_guard guard{mutex_};
    text_ = std::move(text);
  }

  [[nodiscard]] std::string get() const {
    std::lock_guard guard{mutex_};
    return text_;
  }

private:
  mutable std::mutex mutex_;
  std::string text_;
};

} // namespace sluice
