#include "core/flow/page_window.hpp"

#include <catch2/catch.hpp>

using sluice::page_window;

namespace {

/// Fetches a page of `bytes`.
void fetch(page_window& window, size_t bytes) {
  auto reserved = window.reserve();
  window.arrived(reserved, bytes);
}

} // namespace

TEST_CASE("the first page is fetched alone because its size is unknown") {
  page_window window{100};
  CHECK(window.has_room());
  auto reserved = window.reserve();
  CHECK_FALSE(window.has_room());
  window.arrived(reserved, 10);
  CHECK(window.used() == 10);
  CHECK(window.has_room());
}

TEST_CASE("there is room while one more page of the largest size fits") {
  page_window window{100};
  fetch(window, 30);
  fetch(window, 20);
  CHECK(window.used() == 50);
  CHECK(window.has_room()); // 50 + 30
  fetch(window, 25);
  CHECK_FALSE(window.has_room()); // 75 + 30
  window.release(20);
  CHECK(window.has_room());
}

TEST_CASE("pages in transit count as the largest seen") {
  page_window window{100};
  fetch(window, 30);
  window.release(30);
  auto first = window.reserve();
  auto second = window.reserve();
  auto third = window.reserve();
  CHECK(window.used() == 90);
  CHECK_FALSE(window.has_room());
  CHECK(window.held() == 0);
  window.arrived(first, 5);
  CHECK(window.used() == 65);
  CHECK(window.held() == 5);
  window.cancel(second);
  window.cancel(third);
  CHECK(window.used() == 5);
  CHECK(window.held() == 5);
}

TEST_CASE("a page larger than the window is fetched alone") {
  page_window window{100};
  fetch(window, 250);
  CHECK(window.used() == 250);
  CHECK_FALSE(window.has_room());
  window.release(250);
  CHECK(window.has_room());
  fetch(window, 1);
  CHECK_FALSE(window.has_room());
}
