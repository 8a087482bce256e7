#include "tests/actors/checkpoint_model.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <random>
#include <sstream>
#include <unordered_set>

namespace sluice::test {

namespace {

constexpr auto time_step = "time";
constexpr auto crash_step = "crash";

template <class Self, class Act>
void later(checkpoint_world& world, Self* self, const std::string& channel,
           std::string label, Act act) {
  world.channels[channel].push_back(
    {std::move(label), self->address(), std::move(act)});
}

std::string run_name(batch_key key) {
  return "r" + std::to_string(key);
}

// -- the API ------------------------------------------------------------------

holding<api_pool_actor>::behavior_type
model_pool(holding<api_pool_actor>::pointer self, checkpoint_world_ptr world) {
  return {
    [](const permit&, const submit_order&) { return submit_reply{}; },
    [](const permit&, const run_ref&) { return status_reply{}; },
    [=](const permit&, const page_order& order) {
      auto promise = self->make_response_promise<page_reply>();
      auto key = std::stoull(order.run.id.substr(1));
      auto at = order.cursor.empty() ? 0 : std::stoull(order.cursor);
      auto& pages = world->options.runs.at(key - 1);
      auto next = at + 1 < pages.size() ? std::optional{std::to_string(at + 1)}
                                        : std::nullopt;
      auto reply = page_with(pages.at(at), next, 100);
      later(*world, self, "api " + order.run.id, order.cursor,
            [=]() mutable { promise.deliver(std::move(reply)); });
      return promise;
    },
    [](const permit&, const link_order&) { return link_reply{}; },
    [](const permit&, const run_list_order&) { return run_list_reply{}; },
    [](const permit&, atoms::probe_atom) { return read_verdict{}; },
    carry_out,
  };
}

// -- sinks --------------------------------------------------------------------

holding<sink_actor>::behavior_type
model_sink(holding<sink_actor>::pointer self, checkpoint_world_ptr world,
           std::string name, bool notes_input) {
  return {
    [](atoms::start_atom) { return atoms::ok_atom::value; },
    [=](const page_ptr& page) {
      auto promise = self->make_response_promise<atoms::ok_atom>();
      auto label = "page " + std::to_string(page->delivery);
      if (notes_input)
        world->sink_input += label + ',';
      world->unwritten[name] += page->captures.size();
      later(*world, self, name, label, [=]() mutable {
        for (auto& span : page->captures)
          world->files[name].push_back(
            page->body->substr(span.begin, span.end - span.begin));
        world->unwritten[name] -= page->captures.size();
        promise.deliver(atoms::ok_atom::value);
      });
      return promise;
    },
    [=](atoms::checkpoint_atom) {
      auto promise = self->make_response_promise<sink_report>();
      world->cutting = true;
      if (notes_input)
        world->sink_input += "cut,";
      auto report = [=](size_t more) {
        auto position = world->files[name].size() + more;
        return sink_report{name, std::to_string(position), 0};
      };
      if (world->options.fault == planted_fault::early_position)
        promise.deliver(report(world->unwritten[name]));
      else
        later(*world, self, name, "cut",
              [=]() mutable { promise.deliver(report(0)); });
      return promise;
    },
    [](atoms::drain_atom) { return atoms::ok_atom::value; },
    [](atoms::close_atom) { return atoms::ok_atom::value; },
    [](atoms::wake_atom) {},
    carry_out,
  };
}

// -- the ledger ---------------------------------------------------------------

/// The commit is written first and answered in a later step, so a crash may
/// happen in between.
holding<ledger_keeper_actor>::behavior_type
model_ledger(holding<ledger_keeper_actor>::pointer self,
             checkpoint_world_ptr world) {
  constexpr auto ok = atoms::ok_atom::value;
  return {
    [](atoms::next_atom) { return batch_offer{}; },
    [=](const submit_intent&) { return ok; },
    [=](const submit_outcome&) { return ok; },
    [=](const record_end&) { return ok; },
    [=](const run_given_up&) { return ok; },
    [=](atoms::start_atom, batch_key key) { return world->starts.at(key); },
    [](atoms::decisions_atom) { return batch_decisions{}; },
    [](atoms::held_atom) { return held_submits{}; },
    [](const std::vector<listed_run>& runs) { return runs; },
    [](const run_found&) { return batch_decisions{}; },
    [](const run_set_aside&) { return atoms::ok_atom::value; },
    [](const unreadable_reply&) { return kept_reply{}; },
    [](const runs_to_read&) { return batch_decisions{}; },
    [=](const checkpoint_ptr& point) {
      auto promise = self->make_response_promise<atoms::ok_atom>();
      auto torn = world->options.fault == planted_fault::torn_commit;
      auto answer = [=]() mutable {
        world->end_cut();
        promise.deliver(ok);
      };
      auto finish = [=] {
        world->commit_runs(*point);
        later(*world, self, "ledger", "answer", answer);
      };
      later(*world, self, "ledger", "write", [=] {
        world->commit_positions(*point);
        if (torn)
          later(*world, self, "ledger", "write rest", finish);
        else
          finish();
      });
      return promise;
    },
    carry_out,
  };
}

} // namespace

// -- the world ----------------------------------------------------------------

/// Each time step is longer than the pager rests after a checkpoint.
void checkpoint_world::pass_time() {
  slow = cutting;
  resting = false;
}

void checkpoint_world::end_cut() {
  resting = slow;
  cutting = slow = false;
}

void checkpoint_world::commit_positions(const checkpoint& point) {
  delivery = point.delivery;
  for (auto& [sink, position] : point.sinks)
    committed[sink] = std::stoull(position);
}

void checkpoint_world::commit_runs(const checkpoint& point) {
  for (auto& run : point.runs) {
    auto& start = starts.at(run.batch);
    start.state = run.state;
    if (options.fault != planted_fault::lost_identities)
      start.seen.insert(start.seen.end(), run.new_identities.begin(),
                        run.new_identities.end());
    if (run.done)
      done.insert(run.batch);
  }
}

void checkpoint_world::check_end() {
  if (done.size() < options.runs.size()) {
    wrong = "a run is never done";
    return;
  }
  std::set<std::string> listed;
  for (auto& pages : options.runs)
    for (auto& page : pages)
      listed.insert(page.begin(), page.end());
  for (auto& [sink, lines] : files) {
    std::set<std::string> unique{lines.begin(), lines.end()};
    if (unique.size() < lines.size())
      wrong = "a capture is repeated in " + sink;
    if (unique != listed)
      wrong = "a capture is missing in " + sink;
    if (lines != files.begin()->second)
      wrong = "the sinks differ in their order";
  }
}

// -- the model ----------------------------------------------------------------

checkpoint_model::checkpoint_model(cut_options options)
    : options_{std::move(options)} {
  config_.ledger = spawn(model_ledger, world_);
  config_.limiter = spawn(limiter_double, permits_);
  config_.pool = spawn(model_pool, world_);
  config_.submitter = spawn(submitter_double, stages_);
  config_.supervisor = spawn(supervisor_double, boss_);
  config_.sinks = {spawn(model_sink, world_, std::string{"sink a"}, true),
                   spawn(model_sink, world_, std::string{"sink b"}, false)};
  config_.window = 1000;
  config_.wall_ms = [] { return int64_t{1}; };
  reset();
}

void checkpoint_model::reset() {
  *world_ = {};
  world_->options = options_;
  world_->files = {{"sink a", {}}, {"sink b", {}}};
  for (batch_key key = 1; key <= static_cast<batch_key>(options_.runs.size());
       ++key) {
    std::set<std::string> urls;
    for (auto& page : options_.runs.at(static_cast<size_t>(key) - 1))
      urls.insert(page.begin(), page.end());
    world_->starts[key].urls = std::vector(urls.begin(), urls.end());
  }
  start_process();
}

// Steps that were never taken hold actors, which hold the world.
checkpoint_model::~checkpoint_model() {
  end_process();
}

void checkpoint_model::end_process() {
  if (pager_) {
    caf::anon_send_exit(pager_, caf::exit_reason::kill);
    run();
  }
  sched.clock().cancel_all();
  world_->channels.clear();
  permits_->asked.clear();
}

/// As a restart does: sinks at their committed positions and runs at their
/// committed cursors.
void checkpoint_model::start_process() {
  end_process();
  world_->unwritten.clear();
  world_->sink_input.clear();
  world_->end_cut();
  stages_->committed.clear();
  boss_->failures.clear();
  config_.counters = std::make_shared<job_counters>();
  config_.last_delivery = world_->delivery;
  pager_ = sys.spawn(capture_pager, config_);
  run();
  for (auto& [key, start] : world_->starts)
    if (world_->done.count(key) == 0)
      tell(pager_,
           terminal_run{key, run_ref{run_name(key), {}},
                        run_result{run_outcome::completed, "completed", {}},
                        static_cast<uint32_t>(start.urls.size())});
}

void checkpoint_model::crash() {
  ++world_->crashes;
  for (auto& [sink, lines] : world_->files) {
    if (lines.size() < world_->committed[sink])
      world_->wrong =
        "a position was committed that " + sink + " never reached";
    lines.resize(std::min(lines.size(), world_->committed[sink]));
  }
  start_process();
}

std::vector<std::string> checkpoint_model::choices() {
  std::vector<std::string> result;
  for (auto& [name, steps] : world_->channels)
    if (!steps.empty())
      result.push_back(name);
  if (!sched.clock().schedule().empty())
    result.emplace_back(time_step);
  if (!result.empty() && world_->crashes < options_.crashes)
    result.emplace_back(crash_step);
  return result;
}

void checkpoint_model::take(const std::string& choice) {
  if (choice == crash_step)
    return crash();
  if (choice == time_step) {
    world_->pass_time();
    return advance(config_.times.checkpoint_every);
  }
  auto& steps = world_->channels.at(choice);
  auto next = std::move(steps.front());
  steps.pop_front();
  if (auto owner = caf::actor_cast<caf::actor>(next.owner))
    tell(owner, deed{std::move(next.act)});
}

size_t checkpoint_model::fingerprint() {
  std::ostringstream out;
  out << world_->crashes << '|' << world_->delivery << '|'
      << sched.clock().schedule().size() << '|' << world_->sink_input << '|'
      << world_->slow << world_->resting << '|';
  for (auto& [sink, lines] : world_->files) {
    for (auto& line : lines)
      out << line << ',';
    out << world_->committed[sink] << '|';
  }
  for (auto& [key, start] : world_->starts)
    out << start.state.cursor << ',' << start.state.next_page << ','
        << start.seen.size() << ',' << world_->done.count(key) << '|';
  for (auto& [name, steps] : world_->channels) {
    out << name << ':';
    for (auto& step : steps)
      out << step.label << ',';
  }
  return std::hash<std::string>{}(out.str());
}

const std::string& checkpoint_model::wrong() {
  if (world_->wrong.empty() && !boss_->failures.empty())
    world_->wrong = "the pager failed: " + what_of(boss_->failures.front());
  if (world_->wrong.empty() && choices().empty())
    world_->check_end();
  return world_->wrong;
}

// -- searching ----------------------------------------------------------------

namespace {

using path = std::vector<std::string>;

std::string told(const std::string& wrong, const path& steps) {
  auto text = wrong + " after";
  for (auto& step : steps)
    text += " [" + step + ']';
  return text;
}

} // namespace

search_result search(checkpoint_model& model) {
  search_result result;
  std::unordered_set<size_t> seen;
  std::vector<path> open{{}};
  while (!open.empty()) {
    auto steps = std::move(open.back());
    open.pop_back();
    model.reset();
    for (auto& step : steps)
      model.take(step);
    while (seen.insert(model.fingerprint()).second) {
      auto next = model.choices();
      if (auto& wrong = model.wrong(); !wrong.empty()) {
        result.wrong = told(wrong, steps);
        return result;
      }
      if (next.empty())
        break;
      for (size_t i = 1; i < next.size(); ++i) {
        open.push_back(steps);
        open.back().push_back(next[i]);
      }
      steps.push_back(next.front());
      model.take(next.front());
    }
    result.states = seen.size();
  }
  return result;
}

search_result walk(checkpoint_model& model, unsigned count, uint64_t seed) {
  search_result result;
  std::mt19937_64 dice{seed};
  for (unsigned i = 0; i < count; ++i) {
    model.reset();
    path steps;
    for (auto next = model.choices(); !next.empty(); next = model.choices()) {
      // A crash is the last choice. It is taken rarely enough to make progress.
      auto most = next.size() - (next.back() == crash_step && dice() % 4 > 0);
      steps.push_back(next[dice() % std::max<size_t>(most, 1)]);
      model.take(steps.back());
      ++result.states;
    }
    if (auto& wrong = model.wrong(); !wrong.empty()) {
      result.wrong = told(wrong, steps);
      return result;
    }
  }
  return result;
}

} // namespace sluice::test
