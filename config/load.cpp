#include "config/load.hpp"

#include "config/job.hpp"
#include "config/overrides.hpp"
#include "config/profiles/built_in.hpp"

namespace sluice::config {

namespace {

std::optional<settings> load_into(const std::filesystem::path& file,
                                  std::span<const std::string> overrides,
                                  std::span<const sink_spec> sinks,
                                  key_rule key, finding_list& findings) {
  place whole_file{std::make_shared<const std::string>(file.string())};
  std::error_code failure;
  auto absolute = std::filesystem::absolute(file, failure).lexically_normal();
  auto text = read_text_file(absolute.string(), whole_file, findings);
  if (!text)
    return std::nullopt;
  auto root = parse_document(*text, file.string(), findings);
  if (!root)
    return std::nullopt;
  if (root->is != node::kind::mapping) {
    findings.add(root->at, "a config is a mapping, not "
                             + std::string{describe(*root)}
                             + ": write `key: value` lines, as `sluice init` "
                               "shows them");
    return std::nullopt;
  }
  auto spec = job_fields(sinks);
  apply_overrides(*root, spec, overrides, findings);
  auto values = check(*root, spec, {absolute.parent_path()}, findings);
  return build_settings(
    {*root, spec, values, absolute, findings, key == key_rule::needed});
}

} // namespace

load_result load(const std::filesystem::path& file,
                 std::span<const std::string> overrides,
                 std::span<const sink_spec> sinks, key_rule key) {
  finding_list findings;
  auto loaded = load_into(file, overrides, sinks, key, findings);
  if (!findings.empty())
    return {std::nullopt, findings.take()};
  return {std::move(loaded), {}};
}

std::vector<std::string> built_in_profiles() {
  std::vector<std::string> names;
  for (auto& one : built_in_table())
    names.emplace_back(one.name);
  return names;
}

std::string_view built_in_profile_text(std::string_view name) {
  for (auto& one : built_in_table())
    if (one.name == name)
      return one.text;
  return {};
}

} // namespace sluice::config
