#include "pipeline/continuing.hpp"

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/job_command.hpp"
#include "core/base/log.hpp"
#include "core/input/glob.hpp"
#include "core/input/list_changes.hpp"
#include "core/ledger/job_binding.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/report/account.hpp"
#include "pipeline/report/job_standing.hpp"
#include "pipeline/report/rounds_text.hpp"

#include <algorithm>
#include <iostream>

namespace sluice {

namespace {

constexpr size_t lists_named = 3;

/// Lets reading continue until the user interrupts it. If reading takes long,
/// logs a message once, because nothing else is shown meanwhile.
class interrupted_reading : public read_monitor {
public:
  bool on_read(std::string_view bytes) override {
    constexpr uint64_t long_reading = 256 << 20;
    auto before = read_;
    read_ += bytes.size();
    if (before < long_reading && read_ >= long_reading)
      log_event(log_level::info, "comparing_lists",
                "lists have different names or times than when the job began; "
                "reading them to see whether they are the same");
    return !interrupted();
  }

private:
  uint64_t read_ = 0;
};

// -- lists --------------------------------------------------------------------

std::string words_of(const changed_list& list) {
  auto name = list.name == "-" ? "standard input" : printable(list.name);
  switch (list.change) {
    case list_change::edited:
      return name + " has changed";
    case list_change::added:
      return list.detail.empty() ? name + " is new" : list.detail;
    case list_change::left_out:
      return name + " is no longer named";
    case list_change::read_otherwise:
      return name + ": " + printable(list.detail);
    case list_change::gone:
      return name + " is gone";
    case list_change::unreadable:
      return name + " cannot be compared: " + list.detail;
    default:
      return name + " can be read only once";
  }
}

std::string words_of(const std::vector<changed_list>& lists) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < lists.size() && i < lists_named; ++i)
    texts.push_back(words_of(lists[i]));
  return first_of(texts, lists.size(), "; ");
}

std::string command(const char* flag) {
  return "    " + job_command("run", flag) + "\n";
}

/// Ends without a line break, as errors do.
caf::error refused(ledger_reader& store, const settings& config,
                   const std::vector<changed_list>& changed, list_rule rule) {
  auto now = standing_of(store);
  if (!now)
    return now.error();
  auto left = left_behind(store, config);
  if (!left)
    return left.error();
  auto finished = rule == list_rule::finished;
  auto text =
    "the lists are not those this job began with: " + words_of(changed)
    + ". The job is " + (finished ? "finished" : "not finished") + ": "
    + now->text() + ". Nothing was done.\n";
  if (!finished)
    text +=
      "  To continue with the URLs it began with (or put the lists back):\n"
      + command("--again")
      + "  To leave it unfinished and begin a new one with the current lists:\n"
      + command("--discard-unfinished");
  else
    text +=
      "  To begin a new one with the current lists:\n" + command("--again");
  if (!left->empty())
    text += "  A new one leaves these behind:\n" + *left;
  text.pop_back();
  return make_error(ec::usage, text);
}

void tell_lost(const std::vector<changed_list>& lost) {
  if (!lost.empty())
    log_event(log_level::info, "lists_not_compared",
              "lists cannot be compared with what was read from them; the job "
              "keeps the URLs it began with",
              {{"lists", words_of(lost)}});
}

/// `rule` determines whether lists that cannot be read count as changed or as
/// lost.
caf::expected<list_comparison> compared(const std::vector<list_identity>& read,
                                        const settings& config,
                                        list_rule rule) {
  interrupted_reading monitor;
  auto found = compare_lists(read, config.input, monitor);
  if (!found)
    return found.error();
  auto& untold = rule == list_rule::same ? found->other : found->lost;
  untold.insert(untold.end(), found->unreadable.begin(),
                found->unreadable.end());
  return found;
}

/// Whether the job has this sink under its present name. A setting that it
/// lacked may have been added since.
bool is_same_sink(const job_binding& bound, const job_binding& now,
                  const std::string& name) {
  auto key = "sinks." + name;
  return std::all_of(now.begin(), now.end(), [&](auto& entry) {
    auto is_of_sink = entry.first == key || entry.first.starts_with(key + ".");
    if (!is_of_sink)
      return true;
    auto* before = value_in(bound, entry.first);
    return before != nullptr
           && (*before == entry.second
               || (before->empty() && entry.first != key));
  });
}

} // namespace

caf::error check_first_start(const settings& config) {
  if (auto lists = expand_lists(config.input.urls); !lists)
    return lists.error();
  for (auto& wanted : config.sinks)
    if (auto* type = find_sink_type(wanted.type);
        type && type->check_first_start)
      if (auto err = type->check_first_start(wanted.fields))
        return err;
  return {};
}

bool may_find_runs(decision_store& store, const settings& config) {
  auto held = store.held_submits(1);
  return config.api.profile->find && held && !held->empty();
}

caf::error check_lists(ledger& store, const settings& config, list_rule rule) {
  auto read = store.lists();
  if (!read)
    return read.error();
  if (read->empty()) {
    log_event(log_level::info, "lists_not_compared",
              "an earlier version of sluice began this job and did not record "
              "its lists; the job keeps the URLs it began with",
              {{"lists", "all"}});
    return {};
  }
  auto found = compared(*read, config, rule);
  if (!found)
    return found.error();
  tell_lost(found->lost);
  if (!found->other.empty()) {
    if (rule != list_rule::as_bought)
      return refused(store, config, found->other, rule);
    log_event(log_level::warn, "lists_changed",
              "the lists are not those this job began with; it continues with "
              "the URLs it began with",
              {{"lists", words_of(found->other)}});
    return {};
  }
  return found->renewed ? store.renew_lists(*found->renewed) : caf::error{};
}

caf::error
find_list_refusal(ledger& store, const settings& config, list_rule rule) {
  auto read = store.lists();
  if (!read)
    return read.error();
  if (read->empty())
    return {};
  auto found = compared(*read, config, rule);
  if (!found)
    return found.error();
  return found->other.empty() ? caf::error{}
                              : refused(store, config, found->other, rule);
}

list_rule list_rule_of(const account& numbers, bool go_on) {
  if (go_on
      || std::any_of(numbers.rounds.begin(), numbers.rounds.end(),
                     is_unfinished_retry))
    return list_rule::as_bought;
  return is_finished(numbers) ? list_rule::finished : list_rule::same;
}

caf::error announce_continued(ledger_reader& store) {
  auto now = standing_of(store);
  if (!now)
    return now.error();
  std::cerr << "The job is continued: " << now->text() << ".\n";
  return {};
}

caf::error cut_sinks_back(job_store& store, const settings& config) {
  auto job_id = store.job_id();
  if (!job_id)
    return job_id.error();
  auto bound = store.identity();
  if (!bound)
    return bound.error();
  auto now = identity_of(config, sink_specs());
  auto carried = carried_over(*bound, now);
  for (auto& wanted : config.sinks) {
    auto* type = find_sink_type(wanted.type);
    if (type == nullptr || !type->cut_back
        || !is_same_sink(carried, now, wanted.name))
      continue;
    auto committed = store.position_of(wanted.name);
    if (!committed)
      return committed.error();
    // Nothing identifies a file that was still empty if its path has changed.
    auto is_known = *committed
                    && (type->has_content(**committed)
                        || is_same_sink(*bound, now, wanted.name));
    if (is_known)
      if (auto err =
            type->cut_back({*job_id, wanted.name}, wanted.fields, **committed))
        return err;
  }
  return {};
}

caf::expected<std::string>
leaving_text(ledger_reader& store, const settings& config) {
  auto now = standing_of(store);
  if (!now)
    return now.error();
  auto left = left_behind(store, config);
  if (!left)
    return left.error();
  auto finished = is_finished(now->numbers);
  if (finished && left->empty())
    return std::string{};
  return std::string{"The "} + (finished ? "" : "unfinished ")
         + "job is replaced by a new one: " + now->text() + ".\n"
         + (left->empty() ? "  It leaves no run behind.\n"
                          : "  It leaves these behind:\n" + *left);
}

} // namespace sluice
