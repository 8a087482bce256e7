#include "simulator/route.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using target = route::target;

TEST_CASE("method and path select the route") {
  auto [form, method, path, to, name] =
    GENERATE(table<dialect, std::string, std::string, target, std::string>({
      {dialect::legacy, "POST", "/runs", target::submit, ""},
      {dialect::legacy, "GET", "/runs/r1", target::status, "r1"},
      {dialect::legacy, "GET", "/runs/r1/download", target::download, "r1"},
      {dialect::legacy, "GET", "/captures", target::page, ""},
      {dialect::legacy, "GET", "/files/a.lz4", target::file, "a.lz4"},
      {dialect::legacy, "GET", "/runs", target::runs, ""},
      {dialect::legacy, "GET", "/runs/", target::unknown, ""},
      {dialect::legacy, "GET", "/runs//download", target::unknown, ""},
      {dialect::legacy, "GET", "/runs/a/b", target::unknown, ""},
      {dialect::legacy, "POST", "/captures", target::unknown, ""},
      {dialect::legacy, "DELETE", "/runs/r1", target::unknown, ""},
      {dialect::legacy, "POST", "/v0/extract/runs", target::unknown, ""},
      {dialect::array, "GET", "/captures", target::page, ""},
      {dialect::v0, "POST", "/v0/extract/runs", target::submit, ""},
      {dialect::v0, "GET", "/v0/extract/runs", target::runs, ""},
      {dialect::v0, "GET", "/runs", target::unknown, ""},
      {dialect::v0, "GET", "/v0/extract/runs/r1", target::status, "r1"},
      {dialect::v0, "GET", "/v0/extract/captures", target::page, ""},
      {dialect::v0, "GET", "/v0/extract/runs/r1/download", target::unknown, ""},
      {dialect::v0, "POST", "/runs", target::unknown, ""},
    }));
  INFO(method << ' ' << path);
  auto found = find_route(form, method, path);
  CHECK(found.to == to);
  CHECK(found.name == name);
}
