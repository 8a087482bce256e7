#include "core/select/json_time.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace sluice {

namespace {

constexpr size_t most_decimals = 9;
constexpr int64_t nanos_per_second = 1'000'000'000;
constexpr int64_t minutes_per_day = 24 * 60;

bool is_day(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return year >= 1
         && year_month_day{std::chrono::year{year}, std::chrono::month{month},
                           std::chrono::day{day}}
              .ok();
}

/// Takes a text apart, from its front.
class time_parts {
public:
  explicit time_parts(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  /// Takes one character if it is in `wanted`; 0 if it is not.
  char one_of(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == wanted.npos)
      return 0;
    auto found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  /// Takes exactly `count` digits, of a number up to `most`.
  bool number(size_t count, unsigned most, unsigned& value) {
    value = 0;
    if (digits() < count)
      return false;
    for (char c : rest_.substr(0, count))
      value = value * 10 + static_cast<unsigned>(c - '0');
    rest_.remove_prefix(count);
    return value <= most;
  }

  /// Takes a fraction if one is there; false if it is malformed or too long.
  bool fraction() {
    if (one_of(".") == 0)
      return true;
    auto count = digits();
    rest_.remove_prefix(count);
    return count >= 1 && count <= most_decimals;
  }

private:
  [[nodiscard]] size_t digits() const {
    return static_cast<size_t>(
      std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
  }

  std::string_view rest_;
};

bool read_date(time_parts& in) {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  return in.number(4, 9999, year) && in.one_of("-") != 0
         && in.number(2, 12, month) && in.one_of("-") != 0
         && in.number(2, 31, day) && is_day(static_cast<int>(year), month, day);
}

/// Reads "Z" or "+hh:mm"; gives the minutes that local time is ahead of UTC.
bool read_offset(time_parts& in, int64_t& ahead) {
  ahead = 0;
  if (in.one_of("Zz") != 0)
    return true;
  auto sign = in.one_of("+-");
  unsigned hour = 0;
  unsigned minute = 0;
  if (sign == 0 || !in.number(2, 23, hour) || in.one_of(":") == 0
      || !in.number(2, 59, minute))
    return false;
  ahead = static_cast<int64_t>(hour) * 60 + minute;
  if (sign == '-')
    ahead = -ahead;
  return true;
}

bool is_time(std::string_view text) {
  time_parts in{text};
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int64_t ahead = 0;
  if (!read_date(in) || in.one_of("Tt") == 0 || !in.number(2, 23, hour)
      || in.one_of(":") == 0 || !in.number(2, 59, minute) || in.one_of(":") == 0
      || !in.number(2, 60, second) || !in.fraction() || !read_offset(in, ahead)
      || !in.at_end())
    return false;
  auto utc = static_cast<int64_t>(hour) * 60 + minute - ahead;
  return second < 60
         || (utc + minutes_per_day) % minutes_per_day == minutes_per_day - 1;
}

/// A JSON number without its exponent: the digits of `0.DIGITS`, times
/// 10^`point`.
struct decimal {
  std::string digits; ///< neither begins nor ends with 0; empty for zero
  int64_t point = 0;
  bool negative = false;
};

/// nullopt if the number is too large or too small to be a time.
std::optional<decimal> read_decimal(std::string_view number) {
  constexpr size_t longest = 64; // more digits than any time has
  decimal result;
  if (number.starts_with('-')) {
    result.negative = true;
    number.remove_prefix(1);
  }
  auto mantissa = number.substr(0, number.find_first_of("eE"));
  auto exponent = number.substr(std::min(mantissa.size() + 1, number.size()));
  if (exponent.starts_with('+'))
    exponent.remove_prefix(1);
  auto whole = mantissa.substr(0, mantissa.find('.'));
  auto first = mantissa.find_first_of("123456789");
  if (first == mantissa.npos)
    return decimal{};
  auto last = mantissa.find_last_of("123456789");
  if (last - first > longest)
    return std::nullopt;
  auto shift = exponent.empty() ? 0 : read_number<int32_t>(exponent);
  if (!shift)
    return std::nullopt;
  result.digits = mantissa.substr(first, last - first + 1);
  std::erase(result.digits, '.');
  result.point = static_cast<int64_t>(whole.size())
                 - static_cast<int64_t>(first) + (first > whole.size() ? 1 : 0)
                 + *shift;
  return result;
}

struct instant {
  int64_t seconds = 0; ///< since 1970
  int64_t nanos = 0;   ///< from 0 on
};

/// nullopt if `number` is beyond the years 0001 to 9999 or has too many digits.
std::optional<instant> instant_of(const decimal& number) {
  constexpr int64_t longest = 12; // digits of the seconds up to the year 9999
  if (number.digits.empty())
    return instant{};
  auto count = static_cast<int64_t>(number.digits.size());
  auto decimals = std::max<int64_t>(count - number.point, 0);
  if (number.point > longest || decimals > static_cast<int64_t>(most_decimals))
    return std::nullopt;
  auto digit = [&](int64_t place) {
    return place >= 0 && place < count
             ? number.digits[static_cast<size_t>(place)] - '0'
             : 0;
  };
  instant result;
  for (int64_t place = 0; place < number.point; ++place)
    result.seconds = result.seconds * 10 + digit(place);
  for (int64_t i = 0; i < static_cast<int64_t>(most_decimals); ++i)
    result.nanos = result.nanos * 10 + digit(number.point + i);
  if (number.negative) {
    result.seconds = -result.seconds - (result.nanos > 0 ? 1 : 0);
    result.nanos = result.nanos > 0 ? nanos_per_second - result.nanos : 0;
  }
  return result;
}

void append_number(std::string& out, int64_t value, size_t width) {
  auto digits = std::to_string(value);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

/// False if the time is not in the years 0001 to 9999.
bool append_seconds(std::string& out, int64_t since_1970) {
  using namespace std::chrono;
  constexpr sys_seconds begin = sys_days{std::chrono::year{1} / 1 / 1};
  constexpr sys_seconds end = sys_days{std::chrono::year{10'000} / 1 / 1};
  sys_seconds time{std::chrono::seconds{since_1970}};
  if (time < begin || time >= end)
    return false;
  auto midnight = floor<days>(time);
  year_month_day day{midnight};
  hh_mm_ss clock{time - midnight};
  append_number(out, static_cast<int>(day.year()), 4);
  append_number(out += '-', static_cast<unsigned>(day.month()), 2);
  append_number(out += '-', static_cast<unsigned>(day.day()), 2);
  append_number(out += 'T', clock.hours().count(), 2);
  append_number(out += ':', clock.minutes().count(), 2);
  append_number(out += ':', clock.seconds().count(), 2);
  return true;
}

void append_fraction(std::string& out, int64_t nanos) {
  if (nanos == 0)
    return;
  append_number(out += '.', nanos, most_decimals);
  out.resize(out.find_last_not_of('0') + 1);
}

} // namespace

std::string_view time_of_text(std::string_view text, std::string& scratch) {
  if (!is_time(text))
    return {};
  if (text.find_first_of("tz") == text.npos)
    return text;
  scratch = text;
  std::replace(scratch.begin(), scratch.end(), 't', 'T');
  std::replace(scratch.begin(), scratch.end(), 'z', 'Z');
  return scratch;
}

std::string_view
time_of_number(std::string_view number, time_unit unit, std::string& scratch) {
  auto value = read_decimal(number);
  if (!value)
    return {};
  if (unit == time_unit::milliseconds)
    value->point -= 3;
  auto time = instant_of(*value);
  scratch.clear();
  if (!time || !append_seconds(scratch, time->seconds))
    return {};
  append_fraction(scratch, time->nanos);
  return scratch += 'Z';
}

} // namespace sluice
