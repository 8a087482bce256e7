#include "bench/torture/report.hpp"

#include "bench/figure.hpp"

#include <cstdio>

namespace sluice::torture {

namespace {

constexpr int name_width = 46;
constexpr int value_width = 10;

void line(const std::string& name, const std::string& value, const char* end) {
  std::printf("%-*s %*s%s\n", name_width, name.c_str(), value_width,
              value.c_str(), end);
  std::fflush(stdout);
}

} // namespace

void report::figure(const std::string& name, const std::string& value) {
  line(name, value, "");
}

void report::figure(const std::string& name, uint64_t value) {
  figure(name, std::to_string(value));
}

void report::check(const std::string& name, const std::string& value,
                   bool holds) {
  line(name, value, holds ? "  ok" : "  FAILED");
  failed_ = failed_ || !holds;
}

void report::check(const std::string& name, uint64_t value, uint64_t expected) {
  auto shown = std::to_string(value);
  if (value != expected)
    shown += " instead of " + std::to_string(expected);
  check(name, shown, value == expected);
}

void report::conclude(const std::string& name) const {
  bench::figure(name,
                failed_ ? "something was"
                        : "nothing paid twice, lost, repeated or altered",
                "the same", !failed_);
}

void report::detail(const std::string& text) {
  std::printf("    %s\n", text.c_str());
  std::fflush(stdout);
}

} // namespace sluice::torture
