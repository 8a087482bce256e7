#include "actors/sinks/page_values.hpp"

#include "core/select/json_time.hpp"

#include <chrono>
#include <optional>

namespace sluice {

page_values::page_values(const capture_page& page, std::string_view job) {
  using std::chrono::milliseconds;
  auto since_1970 = std::chrono::duration_cast<milliseconds>(
    page.delivered_at.time_since_epoch());
  values_ = {.run = page.run_id,
             .robot = page.robot,
             .job = job,
             .batch =
               page.batch == 0 ? std::nullopt : std::optional{page.batch},
             .delivery = page.delivery,
             .delivered_at = time_of_number(std::to_string(since_1970.count()),
                                            time_unit::milliseconds, time_)};
}

} // namespace sluice
