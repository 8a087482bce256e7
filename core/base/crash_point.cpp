#include "core/base/crash_point.hpp"

#ifdef SLUICE_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace sluice {

namespace {

struct order {
  std::string_view name;
  long pass = 0;
};

order read_order() {
  auto text = std::getenv("SLUICE_CRASH_AT");
  std::string_view all = text == nullptr ? "" : text;
  auto colon = all.find(':');
  if (colon == std::string_view::npos)
    return {};
  return {all.substr(0, colon), std::atol(text + colon + 1)};
}

} // namespace

void crash_point(crash_at point) noexcept {
  static const order wanted = read_order();
  static std::atomic<long> passes{0};
  if (wanted.pass > 0 && wanted.name == word_of(crash_point_words, point)
      && ++passes == wanted.pass)
    std::raise(SIGKILL);
}

bool list_crash_points() {
  auto text = std::getenv("SLUICE_CRASH_AT");
  if (text == nullptr || std::string_view{text} != "list")
    return false;
  for (auto& name : words_in(crash_point_words))
    std::puts(name.c_str());
  return true;
}

} // namespace sluice

#endif
