#include "config/build.hpp"
#include "core/error.hpp"

#include <map>

namespace sluice::config {

namespace {

/// Who writes which file: two writers would destroy each other's work.
class file_claims {
public:
  explicit file_claims(const checked_job& job) : job_{job} {}

  void claim(const std::string& file, const std::string& key) {
    auto [found, is_new] = owners_.emplace(file, key);
    if (!is_new)
      job_.refuse(key, key + " names the same file as " + found->second
                         + ": write another name for one of them");
  }

  /// All files that a sink's section names, those in sections within too.
  void claim_all(const section& values, const field& spec,
                 const std::string& path, const std::string& prefix) {
    for (auto& child : spec.children) {
      auto name = prefix + child.name;
      if (child.kind == field_kind::section)
        claim_all(values, child, path, name + ".");
      else if (child.kind == field_kind::path && !child.shared
               && values.has(name))
        claim(values.text(name), path + "." + name);
    }
  }

private:
  const checked_job& job_;
  std::map<std::string, std::string> owners_;
};

void check_names(const checked_job& job,
                 const std::vector<sink_settings>& sinks) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < sinks.size(); ++i) {
    auto [first, is_new] = seen.emplace(sinks[i].name, i);
    auto path = "sinks[" + std::to_string(i) + "].name";
    if (!is_new)
      job.refuse(path, path + " is \"" + printable(sinks[i].name, 64)
                         + "\", like that of sinks["
                         + std::to_string(first->second)
                         + "]: write a name of its own");
  }
}

} // namespace

std::vector<sink_settings>
build_sinks(const checked_job& job, const std::filesystem::path& ledger) {
  auto sections = job.get_or("sinks", std::vector<section>{});
  auto list = job.root.find("sinks");
  // A sink that could not be read is missing, so the indexes would be wrong.
  if (list == nullptr || list->items.size() != sections.size())
    return {};
  auto spec = child_of(job.spec, "sinks");
  file_claims claims{job};
  claims.claim(ledger.string(), "ledger");
  std::vector<sink_settings> out;
  for (size_t i = 0; i < sections.size(); ++i) {
    auto& values = sections[i];
    auto type = values.text("type");
    claims.claim_all(values, *child_of(*spec, type),
                     "sinks[" + std::to_string(i) + "]", "");
    auto name =
      values.has("name") ? values.text("name") : type + "-" + std::to_string(i);
    out.push_back(
      {std::move(type), std::move(name), std::move(values), list->items[i].at});
  }
  check_names(job, out);
  return out;
}

} // namespace sluice::config
