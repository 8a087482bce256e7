#include "core/base/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace sluice {

namespace {

using std::chrono::milliseconds;

constexpr named_unit times[] = {
  {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

constexpr named_unit sizes[] = {
  {"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"", 1}};

constexpr uint64_t longest_duration = 10'000ull * 24 * 3'600'000;
constexpr uint64_t largest_size = 1ull << 60;

/// Reads a number and a unit; nullopt if the product exceeds `limit`.
std::optional<uint64_t> parse(std::string_view text,
                              std::span<const named_unit> units,
                              uint64_t limit) {
  uint64_t number = 0;
  auto end = text.data() + text.size();
  auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{})
    return std::nullopt;
  std::string_view name{rest, static_cast<size_t>(end - rest)};
  auto found =
    std::find_if(units.begin(), units.end(),
                 [&](const named_unit& u) { return u.name == name; });
  if (found == units.end() || number > limit / found->factor)
    return std::nullopt;
  return number * found->factor;
}

/// `number` in the largest unit that divides it; zero in the smallest.
std::string exact(uint64_t number, std::span<const named_unit> units) {
  for (auto& u : units)
    if (number != 0 && number % u.factor == 0)
      return std::to_string(number / u.factor) + std::string{u.name};
  return "0" + std::string{units.back().name};
}

std::string two_units(int64_t large, const char* large_name, int64_t small,
                      const char* small_name) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%lld %s %02lld %s",
                static_cast<long long>(large), large_name,
                static_cast<long long>(small), small_name);
  return out.data();
}

std::string one_decimal(double number, const char* unit_name) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.1f %s", number, unit_name);
  return out.data();
}

} // namespace

std::span<const named_unit> duration_units() noexcept {
  return times;
}

std::span<const named_unit> size_units() noexcept {
  return sizes;
}

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
  auto count = parse(text, times, longest_duration);
  if (!count)
    return std::nullopt;
  return milliseconds{static_cast<int64_t>(*count)};
}

std::optional<uint64_t> parse_size(std::string_view text) noexcept {
  return parse(text, sizes, largest_size);
}

std::string duration_text(milliseconds time) {
  return exact(static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)),
               times);
}

std::string size_text(uint64_t bytes) {
  return exact(bytes, sizes);
}

std::string human_duration(std::chrono::nanoseconds time) {
  using namespace std::chrono;
  if (time < nanoseconds::zero())
    time = nanoseconds::zero();
  if (auto ms = round<milliseconds>(time); ms < 1s)
    return std::to_string(ms.count()) + " ms";
  if (time < 59'950ms)
    return one_decimal(duration_cast<duration<double>>(time).count(), "s");
  auto seconds_left = round<seconds>(time).count();
  if (seconds_left < 3'600)
    return two_units(seconds_left / 60, "min", seconds_left % 60, "s");
  auto minutes_left = round<minutes>(time).count();
  if (minutes_left < 24 * 60)
    return two_units(minutes_left / 60, "h", minutes_left % 60, "min");
  auto hours_left = round<hours>(time).count();
  return two_units(hours_left / 24, "d", hours_left % 24, "h");
}

std::string human_size(uint64_t bytes) {
  if (bytes < 1024)
    return std::to_string(bytes) + " B";
  constexpr std::array names{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto number = static_cast<double>(bytes) / 1024;
  size_t index = 0;
  // 1023.95 would print as "1024.0".
  while (number >= 1023.95 && index + 1 < names.size()) {
    number /= 1024;
    ++index;
  }
  return one_decimal(number, names[index]);
}

std::string human_count(uint64_t number) {
  auto out = std::to_string(number);
  for (auto at = static_cast<int>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<size_t>(at), 1, ',');
  return out;
}

} // namespace sluice
