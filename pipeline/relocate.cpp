#include "pipeline/relocate.hpp"

#include "actors/sinks/position.hpp"
#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/job_command.hpp"
#include "pipeline/api_move.hpp"
#include "pipeline/relocation.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/job_standing.hpp"
#include "pipeline/successor_ledger.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr size_t runs_named = 10;

bool has_file(const sink_type& type, const sink_settings& sink) {
  return std::any_of(type.spec.fields.begin(), type.spec.fields.end(),
                     [&](auto& field) {
                       return field.kind == config::field_kind::path
                              && sink.fields.has(field.name);
                     });
}

/// "'/data/captures.jsonl'": the files of a sink as the config names them.
std::string files_of(const sink_type& type, const sink_settings& sink) {
  std::string text;
  for (auto& field : type.spec.fields)
    if (field.kind == config::field_kind::path && sink.fields.has(field.name))
      text +=
        (text.empty() ? "" : ", ") + in_quotes(sink.fields.text(field.name));
  return text.empty() ? "its address" : text;
}

class relocator {
public:
  relocator(ledger& store, const settings& config,
            std::vector<std::string> lost)
      : store_{store},
        config_{config},
        lost_{std::move(lost)},
        api_{store, config.api} {}

  /// Checks everything and changes nothing.
  [[nodiscard]] caf::error work_out();
  caf::expected<std::string> carry_out();

private:
  [[nodiscard]] caf::error prepare();
  [[nodiscard]] caf::error check_lost_names() const;
  [[nodiscard]] caf::error add(const sink_relocation& how);
  [[nodiscard]] caf::expected<sink_position>
  position_kept(const sink_type& type, const sink_settings& sink,
                const sink_relocation& how,
                const sink_position& position) const;
  [[nodiscard]] caf::error
  keep(const sink_type& type, const sink_settings& sink,
       const sink_relocation& how, const sink_position& position);
  [[nodiscard]] caf::error give_up(const sink_type& type,
                                   const sink_settings& sink,
                                   const sink_position& position);
  [[nodiscard]] caf::expected<std::string>
  lost_text(const std::string& files, uint64_t captures);

  ledger& store_;
  const settings& config_;
  const std::vector<std::string> lost_;
  api_move api_;
  std::string job_id_;
  bool is_left_ = false; ///< replaced by a new job, which owns the files now
  job_binding now_;
  std::vector<moved_sink> sinks_;
  std::string text_;
  std::string defects_; ///< files that do not match
};

caf::error relocator::check_lost_names() const {
  for (auto& name : lost_)
    if (std::none_of(config_.sinks.begin(), config_.sinks.end(),
                     [&](auto& sink) { return sink.name == name; }))
      return no_move("there is no sink " + in_quotes(name)
                     + " whose file could be lost");
  return {};
}

/// Whether any of the sink's files continues past what the job wrote.
bool has_more(const sink_type& type, const sink_settings& sink,
              const sink_position& position) {
  auto numbers = read_position(position, sink.name, {"length"});
  return numbers
         && std::any_of(type.spec.fields.begin(), type.spec.fields.end(),
                        [&](auto& field) {
                          std::error_code failed;
                          return field.kind == config::field_kind::path
                                 && field.beside.empty() // no database
                                 && sink.fields.has(field.name)
                                 && std::filesystem::file_size(
                                      sink.fields.text(field.name), failed)
                                      > numbers->at("length")
                                 && !failed;
                        });
}

/// A file that is still empty cannot be recognised, so a file at its new place
/// is treated as at a first start.
caf::expected<sink_position>
relocator::position_kept(const sink_type& type, const sink_settings& sink,
                         const sink_relocation& how,
                         const sink_position& position) const {
  sink_context context{job_id_, sink.name};
  if (!type.check_kept)
    return position;
  if (how.moved && !type.has_content(position))
    return type.give_up(context, sink.fields, position,
                        type.given_up(position));
  if (auto err = type.check_kept(context, sink.fields, position))
    return err;
  if (is_left_ && has_more(type, sink, position))
    return make_error(
      ec::disk, files_of(type, sink)
                  + " has more than this job wrote; the rest may be the new "
                    "job's. Name a new file, and give this one up with --lost "
                  + shell_word(sink.name));
  return position;
}

caf::error relocator::keep(const sink_type& type, const sink_settings& sink,
                           const sink_relocation& how,
                           const sink_position& position) {
  auto kept = position_kept(type, sink, how, position);
  if (!kept && code_of(kept.error()) != ec::disk)
    return kept.error();
  if (!kept) {
    defects_ += "\n  " + sink.name + ": " + what_of(kept.error());
    return {};
  }
  sinks_.push_back({sink.name, *kept});
  text_ += printable(sink.name) + ": ";
  if (how.from != how.to)
    text_ += "was " + in_quotes(how.from) + "; ";
  text_ += how.moved ? "continues with " + files_of(type, sink)
                     : std::string{"is where it was"};
  text_ += "\n";
  return {};
}

caf::expected<std::string>
relocator::lost_text(const std::string& files, uint64_t captures) {
  auto delivery = store_.last_delivery();
  if (!delivery)
    return delivery.error();
  auto runs = store_.delivered_runs(runs_named);
  if (!runs)
    return runs.error();
  auto text = "begins a new file, " + files + ". "
              + counted(captures, "capture") + " of checkpoint "
              + human_count(*delivery)
              + (is_left_        ? " stay in the old one"
                 : captures == 1 ? " is lost with the old one"
                                 : " are lost with the old one")
              + ", and are not fetched again. "
              + (config_.sinks.size() > 1 ? "Other sinks may have them. " : "");
  if (runs->names.empty())
    return text;
  std::vector<std::string> names;
  for (auto& name : runs->names)
    names.push_back(printable(name));
  return text + "The API may still have the captures of its runs: "
         + first_of(names, runs->batches, ", ");
}

caf::error relocator::give_up(const sink_type& type, const sink_settings& sink,
                              const sink_position& position) {
  sink_context context{job_id_, sink.name};
  if (!type.give_up)
    return no_move("sink " + in_quotes(sink.name) + " has no file to lose");
  if (!type.check_kept(context, sink.fields, position))
    return no_move("sink " + in_quotes(sink.name)
                   + " has lost nothing: " + files_of(type, sink)
                   + " has everything the job wrote. Leave out --lost");
  auto numbers = store_.report();
  if (!numbers)
    return numbers.error();
  auto next = type.give_up(context, sink.fields, position, numbers->captures);
  if (!next)
    return next.error();
  auto text = lost_text(files_of(type, sink),
                        type.given_up(*next) - type.given_up(position));
  if (!text)
    return text.error();
  sinks_.push_back({sink.name, *next});
  text_ += printable(sink.name) + ": " + *text + "\n";
  return {};
}

caf::error relocator::add(const sink_relocation& how) {
  auto sink =
    std::find_if(config_.sinks.begin(), config_.sinks.end(),
                 [&](auto& candidate) { return candidate.name == how.to; });
  auto* type = find_sink_type(sink->type);
  auto position = store_.position_of(how.from);
  if (!position)
    return position.error();
  auto is_lost = std::count(lost_.begin(), lost_.end(), how.to) > 0;
  if (is_left_ && has_file(*type, *sink) && (!how.moved || how.with_folder))
    return no_move("the job was replaced by a new one, which owns "
                   + files_of(*type, *sink) + ": name a new file for " + "sink "
                   + in_quotes(how.to) + " in the config, and give " + "--lost "
                   + shell_word(how.to));
  if (*position)
    return is_lost ? give_up(*type, *sink, **position)
                   : keep(*type, *sink, how, **position);
  if (is_lost)
    return no_move("sink " + in_quotes(how.to) + " has not begun");
  text_ += printable(how.to) + ": has not begun\n";
  return {};
}

caf::error relocator::prepare() {
  auto id = store_.job_id();
  if (!id)
    return id.error();
  job_id_ = *id;
  auto left = successor_ledger::is_left(store_, config_.ledger);
  if (!left)
    return left.error();
  is_left_ = *left;
  return check_lost_names();
}

caf::error relocator::work_out() {
  if (auto err = prepare())
    return err;
  auto bound = store_.identity();
  if (!bound)
    return bound.error();
  if (bound->empty())
    return no_move("the job has not begun: `" + job_command("run")
                   + "` begins it");
  auto specs = sink_specs();
  now_ = identity_of(config_, specs);
  auto moves = relocation_between(*bound, now_, specs);
  if (!moves)
    return moves.error();
  if (moves->api_moved)
    if (auto err = api_.check())
      return err;
  text_ += api_.text();
  for (auto& sink : moves->sinks)
    if (auto err = add(sink))
      return err;
  if (!defects_.empty())
    return make_error(ec::disk, "nothing was changed, because these files do "
                                "not match:"
                                  + defects_);
  return {};
}

caf::expected<std::string> relocator::carry_out() {
  if (auto err = work_out())
    return err;
  if (auto err = api_.hold_unsure())
    return err;
  if (auto err = store_.rebind(now_, sinks_))
    return err;
  return text_;
}

} // namespace

caf::expected<std::string> relocate(ledger& store, const settings& config,
                                    const std::vector<std::string>& lost) {
  return relocator{store, config, lost}.carry_out();
}

caf::error check_relocation(ledger& store, const settings& config,
                            const std::vector<std::string>& lost) {
  return relocator{store, config, lost}.work_out();
}

} // namespace sluice
