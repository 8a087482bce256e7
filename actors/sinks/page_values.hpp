// What the columns with an `own_value` get from a page, the same in all sinks
// that write rows.

#pragma once

#include "core/model/capture_page.hpp"
#include "core/select/row_selector.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// Made once per page. The values are views of the page, of `job` and of this.
class page_values {
public:
  page_values(const capture_page& page, std::string_view job);
  page_values(const page_values&) = delete;
  page_values& operator=(const page_values&) = delete;

  [[nodiscard]] const own_values& get() const { return values_; }

private:
  std::string time_;
  own_values values_;
};

} // namespace sluice
