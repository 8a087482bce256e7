// Pages as the pager delivers them.

#pragma once

#include "core/model/capture_page.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::test {

/// A page that lists `captures`, spaced like a handwritten reply.
[[nodiscard]] inline capture_page
page_of(uint64_t delivery, const std::vector<std::string>& captures) {
  capture_page page;
  page.delivery = delivery;
  page.batch = 1;
  page.run_id = "run_1";
  page.robot = "rbt_1";
  page.delivered_at = std::chrono::system_clock::time_point{
    std::chrono::milliseconds{1'764'482'467'005}};
  page.number = static_cast<uint32_t>(delivery);
  std::string body = R"({"items": [)";
  for (const auto& capture : captures) {
    if (!page.captures.empty())
      body += ",\n  ";
    page.captures.push_back({body.size(), body.size() + capture.size()});
    body += capture;
  }
  body += "]}";
  page.body = std::make_shared<const std::string>(std::move(body));
  return page;
}

} // namespace sluice::test
