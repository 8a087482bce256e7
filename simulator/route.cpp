#include "simulator/route.hpp"

namespace sluice::sim {

namespace {

/// "/runs/{id}" and the rest after the id.
route find_run_route(std::string_view path) {
  constexpr std::string_view suffix = "/download";
  auto to = route::target::status;
  if (path.ends_with(suffix)) {
    to = route::target::download;
    path.remove_suffix(suffix.size());
  }
  if (path.empty() || path.find('/') != path.npos)
    return {};
  return {to, std::string{path}};
}

} // namespace

route find_route(dialect form, std::string_view method, std::string_view path) {
  constexpr std::string_view run_prefix = "/runs/";
  if (method == "GET" && path.starts_with(file_prefix))
    return {route::target::file, std::string{path.substr(file_prefix.size())}};
  auto prefix = prefix_of(form);
  if (!path.starts_with(prefix))
    return {};
  path.remove_prefix(prefix.size());
  if (method == "POST" && path == "/runs")
    return {route::target::submit, {}};
  if (method == "GET" && path == "/runs")
    return {route::target::runs, {}};
  if (method == "GET" && path == "/captures")
    return {route::target::page, {}};
  if (method != "GET" || !path.starts_with(run_prefix))
    return {};
  auto result = find_run_route(path.substr(run_prefix.size()));
  auto has_downloads = form != dialect::v0;
  if (result.to == route::target::download && !has_downloads)
    return {};
  return result;
}

} // namespace sluice::sim
