// Code shared by the targets. A target is a function of bytes. It may refuse
// them, but it must not crash, hang, take unbounded memory or violate a `must`.

#pragma once

#include "core/api/api_profile.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::fuzz {

/// Aborts the process, which the fuzzer reports, unless `holds`.
inline void must(bool holds) {
  if (!holds)
    __builtin_trap();
}

/// Takes an input apart, from its front.
class input {
public:
  input(const uint8_t* data, size_t size)
      : rest_{reinterpret_cast<const char*>(data), size} {}

  /// A number below `end`, or 0 if nothing is left.
  [[nodiscard]] size_t below(size_t end) {
    auto byte = take(1);
    return byte.empty() ? 0 : static_cast<unsigned char>(byte.front()) % end;
  }

  /// At most `size` bytes.
  [[nodiscard]] std::string_view take(size_t size) {
    auto front = rest_.substr(0, size);
    rest_.remove_prefix(front.size());
    return front;
  }

  /// Everything up to the next newline, which is consumed.
  [[nodiscard]] std::string_view line() {
    auto end = rest_.find('\n');
    auto front = take(end == std::string_view::npos ? rest_.size() : end);
    static_cast<void>(take(1));
    return front;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

/// One of the built-in profiles or of the example profiles.
[[nodiscard]] std::shared_ptr<const api_profile> profile_number(size_t number);
inline constexpr size_t profile_count = 4;

/// A folder that is removed at the end, in memory if the system supports it.
[[nodiscard]] const std::filesystem::path& folder();

/// Writes `content` to a file of that folder and returns its path.
std::filesystem::path write_file(const char* name, std::string_view content);

} // namespace sluice::fuzz
