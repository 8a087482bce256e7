#include "config/key_list.hpp"

#include "config/columns.hpp"
#include "config/job.hpp"

namespace sluice::config {

namespace {

void add_keys(std::vector<listed_key>& out, const field& root,
              const std::string& prefix, const std::string& of) {
  for (auto& child : root.children) {
    auto path = prefix + child.name;
    if (child.kind == field_kind::section) {
      add_keys(out, child, path + ".", of);
    } else if (child.kind == field_kind::typed_list) {
      for (auto& type : child.children)
        add_keys(out, type, path + "[0].", type.name);
    } else {
      out.push_back({path, child, of});
      if (child.kind == field_kind::columns)
        add_keys(out, column_keys(), path + "[0].", of);
    }
  }
}

} // namespace

std::vector<listed_key> list_keys(std::span<const sink_spec> sinks) {
  std::vector<listed_key> out;
  add_keys(out, job_fields(sinks), "", "");
  return out;
}

} // namespace sluice::config
