#include "pipeline/report/row_sinks.hpp"

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/account_row.hpp"
#include "pipeline/report/counted.hpp"

namespace sluice {

namespace {

/// "12 captures without a value, 3 with another type".
std::string gaps_text(const column_counts& of) {
  std::string text;
  auto add = [&](const std::string& part) {
    text += (text.empty() ? "" : ", ") + part;
  };
  if (of.missing > 0)
    add(counted(of.missing, "capture") + " without a value");
  if (of.mismatched > 0)
    add(counted(of.mismatched, "capture") + " with another type");
  if (of.replaced > 0)
    add(counted(of.replaced, "text") + " with characters that are not valid");
  return text;
}

void put_column(json_writer& out, const std::string& name,
                const column_counts& of) {
  out.StartObject();
  put(out, "column", name);
  put(out, "missing", of.missing);
  put(out, "mismatched", of.mismatched);
  put(out, "replaced", of.replaced);
  out.EndObject();
}

/// Whether both identities have this sink, of one type and in one form.
bool has_same_form(const job_binding& bound, const job_binding& now,
                   const std::string& sink) {
  auto* before = value_in(bound, "sinks." + sink);
  auto* after = value_in(now, "sinks." + sink);
  auto specs = sink_specs();
  return before != nullptr && after != nullptr
         && form_of(*before, specs) == form_of(*after, specs);
}

} // namespace

caf::expected<std::vector<row_sink>>
row_sinks_of(job_store& store, const settings& config) {
  auto bound = store.identity();
  if (!bound)
    return bound.error();
  auto now = identity_of(config, sink_specs());
  std::vector<row_sink> sinks;
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    if (type == nullptr || !type->rows
        || !has_same_form(*bound, now, sink.name))
      continue;
    auto position = store.position_of(sink.name);
    if (!position)
      return position.error();
    if (!*position)
      continue;
    auto done = type->rows(sink.fields, **position);
    if (!done)
      return done.error();
    sinks.push_back({sink.name, std::move(*done)});
  }
  return sinks;
}

std::string row_sinks_text(const std::vector<row_sink>& sinks) {
  std::string text;
  for (auto& [name, done] : sinks) {
    text += "Rows of sink '" + printable(name) + "'\n"
            + account_row("rows", done.counts.rows) + "written\n";
    if (done.dead_letters > 0)
      text += account_row("dead letters", done.dead_letters)
              + "of its own, put aside\n";
    for (size_t i = 0; i < done.columns.size(); ++i) {
      auto& of = done.counts.columns[i];
      if (of != column_counts{})
        text += account_row(printable(done.columns[i], 64),
                            of.missing + of.mismatched + of.replaced)
                + gaps_text(of) + "\n";
    }
  }
  return text;
}

void put_row_sinks(json_writer& out, const std::vector<row_sink>& sinks) {
  out.Key("row_sinks");
  out.StartArray();
  for (auto& [name, done] : sinks) {
    out.StartObject();
    put(out, "sink", name);
    put(out, "rows", done.counts.rows);
    put(out, "dead_lettered", done.dead_letters);
    out.Key("columns");
    out.StartArray();
    for (size_t i = 0; i < done.columns.size(); ++i)
      put_column(out, done.columns[i], done.counts.columns[i]);
    out.EndArray();
    out.EndObject();
  }
  out.EndArray();
}

} // namespace sluice
