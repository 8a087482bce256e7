#include "pipeline/load/load_job.hpp"

#include "actors/sinks/registry.hpp"
#include "config/file_conflicts.hpp"
#include "config/identity.hpp"
#include "config/unusable_secrets.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "pipeline/load/load_files.hpp"
#include "pipeline/load/load_store.hpp"
#include "pipeline/load/loader.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/progress.hpp"
#include "pipeline/report/row_sinks.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

namespace sluice {

namespace {

using namespace std::chrono_literals;

/// 32 hex digits.
std::string random_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device device;
  std::string id;
  while (id.size() < 32)
    for (auto bits = device(), i = 0U; i < 8; ++i, bits >>= 4)
      id += digits[bits & 15];
  return id;
}

/// A sink of the config, and what the registry says of its type.
struct chosen_sink {
  const sink_settings* wanted;
  const sink_type* type;
  std::string key; ///< "sinks[0]"
};

caf::expected<chosen_sink>
choose_sink(const settings& config, const std::string& name) {
  std::string names;
  for (size_t i = 0; i < config.sinks.size(); ++i) {
    auto& sink = config.sinks[i];
    if (sink.name == name)
      return chosen_sink{&sink, find_sink_type(sink.type),
                         "sinks[" + std::to_string(i) + "]"};
    names += (names.empty() ? "" : ", ") + in_quotes(sink.name);
  }
  return make_error(ec::usage, "the config has no sink " + in_quotes(name)
                                 + ". Its sinks are: " + names);
}

caf::error first_of(const std::vector<config::finding>& findings) {
  return findings.empty() ? caf::error{}
                          : make_error(ec::usage, findings.front().text());
}

/// Only the sink's own: a load needs no key.
caf::error check_secrets(const settings& config, const chosen_sink& sink) {
  settings part;
  for (auto& each : config.secrets)
    if (each.key.starts_with(sink.key + "."))
      part.secrets.push_back(each);
  return first_of(config::unusable_secrets(part));
}

bool is_written_by(const named_file& file, const chosen_sink& sink) {
  return file.as == named_file::use::write
         && (file.key.starts_with(sink.key + ".")
             || file.key.ends_with(" of " + sink.key));
}

/// The sink must not write to a file that it reads, or over the state.
caf::error check_conflicts(const settings& config, const chosen_sink& sink,
                           const std::vector<std::string>& files) {
  settings part;
  for (auto& file : config.files)
    if (is_written_by(file, sink) || file.key == "ledger"
        || file.key.starts_with("the ledger's "))
      part.files.push_back(file);
  for (auto& file : files)
    part.files.push_back({file, "a file to load", {}, named_file::use::read});
  return first_of(config::file_conflicts(part));
}

/// Each job and each load has rows of its own in a database.
bool is_database(const named_file& file, const chosen_sink& sink) {
  auto& fields = sink.type->spec.fields;
  return file.is_beside
         || std::any_of(fields.begin(), fields.end(), [&](auto& field) {
              return !field.beside.empty()
                     && file.key == sink.key + "." + field.name;
            });
}

/// A job and a load that write to one file would cut off each other's captures.
caf::error check_owner(const settings& config, const chosen_sink& sink) {
  std::error_code ignored;
  auto writes_file =
    sink.type->cut_back
    && std::any_of(config.files.begin(), config.files.end(), [&](auto& file) {
         return is_written_by(file, sink) && !is_database(file, sink);
       });
  if (!writes_file || !std::filesystem::exists(config.ledger, ignored))
    return {};
  return make_error(
    ec::usage,
    "sink " + in_quotes(sink.wanted->name)
      + " writes to a file, and the job of this config has begun: when it "
        "continues, it would cut off what a load has added to its file. Name a "
        "sink with its own file in a config of its own, or another ledger with "
        "--set ledger=FILE if no job writes to this sink's file.");
}

/// A load knows no run, so columns that tell about one are null.
caf::error check_columns(const chosen_sink& sink) {
  auto& fields = sink.wanted->fields;
  if (!sink.type->rows || !fields.has("columns"))
    return {};
  for (auto& column : fields.get<column_list>("columns"))
    if (column.on_missing != gap_rule::null
        && (column.own == own_value::run || column.own == own_value::robot
            || column.own == own_value::batch))
      return make_error(
        ec::usage, "the column '" + printable(column.name) + "' of sink "
                     + in_quotes(sink.wanted->name) + " is from "
                     + std::string{word_of(own_value_words, *column.own)}
                     + ", which a load does not know, and its 'on_missing' is "
                     + std::string{word_of(gap_rule_words, column.on_missing)}
                     + ". Set it to null, or leave the column out.");
  return {};
}

caf::error check(const settings& config, const chosen_sink& sink,
                 const std::vector<std::string>& files) {
  if (auto err = check_secrets(config, sink))
    return err;
  if (sink.type->check)
    if (auto err =
          sink.type->check({{}, sink.wanted->name}, sink.wanted->fields))
      return err;
  if (auto err = check_columns(sink))
    return err;
  if (auto err = check_conflicts(config, sink, files))
    return err;
  return check_owner(config, sink);
}

/// What must stay the same for the load to be continued: the sink's entries.
job_binding binding_of(const settings& config, const chosen_sink& sink) {
  auto alone = config;
  alone.sinks = {*sink.wanted};
  auto binding = identity_of(alone, sink_specs());
  std::erase_if(binding, [](const auto& entry) {
    return !entry.first.starts_with("sinks.");
  });
  return binding;
}

/// A load keeps to its sink's settings, as a job does. A setting that is added
/// is kept before the sink uses it.
caf::error keep_binding(const load_store& store, load_state& state,
                        const job_binding& now) {
  auto has_begun = state.position.has_value();
  auto changed = has_begun ? differences(state.binding, now) : std::string{};
  if (!changed.empty())
    return make_error(ec::usage,
                      "this load was begun with other settings: " + changed
                        + ". Change them back to continue it, or give the new "
                          "sink another name, which begins another load");
  if (state.binding == now)
    return {};
  state.binding = now;
  return has_begun ? store.save(state) : caf::error{};
}

/// The state of a load that begins or continues with these files.
caf::expected<load_state>
begin_or_continue(const load_store& store, const job_binding& binding,
                  const std::vector<std::string>& files) {
  auto state = store.found().value_or(load_state{random_id(), binding});
  auto all = continued_files(state.files, files, store.file());
  if (!all)
    return all.error();
  if (auto err = keep_binding(store, state, binding))
    return err;
  state.files = std::move(*all);
  return state;
}

std::string sums_text(const load_counts& sums) {
  return counted(sums.captures, "capture") + ", " + human_size(sums.bytes)
         + ", " + human_count(sums.files_read) + " of "
         + counted(sums.files, "file");
}

/// Empty if the sink writes no rows.
caf::expected<std::string>
rows_text(const chosen_sink& sink,
          const std::optional<sink_position>& position) {
  if (!sink.type->rows || !position)
    return std::string{};
  auto done = sink.type->rows(sink.wanted->fields, *position);
  if (!done)
    return done.error();
  return row_sinks_text({{sink.wanted->name, std::move(*done)}});
}

/// A sink that writes rows also has dead letters by the rules of its columns.
caf::expected<std::string>
result_text(const chosen_sink& sink, const loader& work) {
  auto sums = work.counts();
  auto text =
    "Sink " + in_quotes(sink.wanted->name) + ": " + sums_text(sums)
    + (work.was_done() ? "; all loaded before, nothing to do\n" : " loaded\n");
  if (sums.dead_letters > 0)
    text += "  " + counted(sums.dead_letters, "capture") + " of them "
            + (sink.type->rows ? "not accepted" : "refused by the receiver")
            + ": in its dead letter file\n";
  auto rows = rows_text(sink, work.position());
  if (!rows)
    return rows.error();
  return text + *rows;
}

/// Shows sums on a live line, or logs them at intervals.
class load_progress {
public:
  explicit load_progress(const output_style& style) : style_{style} {
    if (style.live)
      line_.emplace(style.coloured);
  }

  void show(const load_counts& sums) {
    auto now = std::chrono::steady_clock::now();
    if (line_) {
      line_->show(sums_text(sums));
    } else if (style_.progress && now >= next_log_) {
      next_log_ = now + log_every;
      log_event(log_level::info, "progress", sums_text(sums));
    }
  }

private:
  static constexpr auto log_every = 30s;
  output_style style_;
  std::optional<live_line> line_;
  time_point next_log_ = std::chrono::steady_clock::now() + log_every;
};

/// Waits in short steps, so that a signal ends the wait.
void pause_while(const std::function<bool()>& goes_on, duration pause) {
  auto end = std::chrono::steady_clock::now() + pause;
  while (goes_on() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(
      std::min<duration>(50ms, end - std::chrono::steady_clock::now()));
}

load_ports ports_for(const load_store& store, load_progress& progress,
                     const std::function<bool()>& goes_on) {
  return {[] { return std::chrono::steady_clock::now(); },
          [] { return std::chrono::system_clock::now(); },
          [goes_on](duration pause) { pause_while(goes_on, pause); },
          goes_on,
          [&store](const load_state& state) { return store.save(state); },
          [&progress](const load_counts& sums) { progress.show(sums); }};
}

/// The load, once nothing is left to refuse but what files and sink refuse.
caf::expected<load_counts> carry_out(const settings& config,
                                     const chosen_sink& sink,
                                     const load_store& store, load_state state,
                                     const load_request& request) {
  if (!state.position && sink.type->check_first_start)
    if (auto err = sink.type->check_first_start(sink.wanted->fields))
      return err;
  auto& name = sink.wanted->name;
  sink_context context{state.id, name, true};
  auto make = [&] { return sink.type->make(context, sink.wanted->fields); };
  load_options options{name, {}, config.times, std::random_device{}()};
  options.limits.longest = config.api.max_body;
  std::optional<load_progress> progress{request.output};
  loader work{make, std::move(state), std::move(options),
              ports_for(store, *progress, request.goes_on)};
  auto err = work.run();
  progress.reset();
  if (!err || work.has_begun()) {
    auto text = result_text(sink, work);
    if (text)
      std::cerr << *text;
    else if (!err)
      err = text.error();
  }
  if (err)
    return err;
  return work.counts();
}

caf::expected<load_counts>
load(const settings& config, const load_request& request) {
  auto sink = choose_sink(config, request.sink);
  if (!sink)
    return sink.error();
  auto files = absolute_files(request.files);
  if (!files)
    return files.error();
  if (auto err = check(config, *sink, *files))
    return err;
  auto store = load_store::open(config.ledger, request.sink);
  if (!store)
    return store.error();
  auto state = begin_or_continue(*store, binding_of(config, *sink), *files);
  if (!state)
    return state.error();
  return carry_out(config, *sink, *store, std::move(*state), request);
}

} // namespace

int run_load(const settings& config, const load_request& request) {
  auto sums = load(config, request);
  if (sums)
    return sums->dead_letters > 0 ? 3 : 0;
  std::cerr << "sluice: " << what_of(sums.error()) << '\n';
  return exit_code_of(sums.error());
}

} // namespace sluice
