#include "pipeline/report/list_forms.hpp"

#include "core/base/error.hpp"
#include "core/base/units.hpp"

#include <filesystem>

namespace sluice {

namespace {

constexpr uint64_t most_shown = 10;

} // namespace

void list_forms::add(const std::string& list, const std::string& form) {
  if (++count_ > most_shown)
    return;
  auto name = std::filesystem::path{list}.filename().string();
  rows_ += "  " + printable(name, 60) + ": " + form + '\n';
}

std::string list_forms::text() const {
  if (count_ == 0)
    return {};
  auto out = "Lists\n" + rows_;
  if (count_ > most_shown)
    out += "  … and " + human_count(count_ - most_shown) + " more\n";
  return out;
}

} // namespace sluice
