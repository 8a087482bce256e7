#include "simulator/run_world.hpp"

#include "simulator/progress_noise.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace sluice::sim {

namespace {

/// The share of a run's time in the state `starting`.
constexpr double starting_share = 0.1;

/// The number of late captures of a run: the last tenth, at least one.
uint64_t late_part(uint64_t captures) noexcept {
  return std::min(captures, captures / 10 + 1);
}

/// "run_", the number, and an unguessable tag.
std::string id_of(uint64_t number, const chance& dice) {
  char text[40];
  std::snprintf(
    text, sizeof text, "run_%08llx%08llx",
    static_cast<unsigned long long>(number),
    static_cast<unsigned long long>(dice.bits(draw::run_id, number) >> 32));
  return text;
}

std::optional<uint64_t> number_in(std::string_view id) noexcept {
  constexpr std::string_view prefix = "run_";
  if (!id.starts_with(prefix) || id.size() < prefix.size() + 16)
    return std::nullopt;
  uint64_t number = 0;
  auto end = id.data() + id.size() - 8;
  auto result = std::from_chars(id.data() + prefix.size(), end, number, 16);
  if (result.ec != std::errc{} || result.ptr != end)
    return std::nullopt;
  return number;
}

/// The share of its work that a started run has done, 0 to 1.
double done_share(sim_time passed, sim_time length) noexcept {
  auto starting = starting_share * static_cast<double>(length.count());
  auto rest = static_cast<double>(length.count()) - starting;
  auto worked = static_cast<double>(passed.count()) - starting;
  return rest <= 0 ? 1 : std::clamp(worked / rest, 0.0, 1.0);
}

uint64_t part_of(uint64_t whole, double share) noexcept {
  return share >= 1 ? whole
                    : static_cast<uint64_t>(static_cast<double>(whole) * share);
}

} // namespace

sim_time
run_length(const simulator_options& options, uint64_t number) noexcept {
  auto swing = 2 * chance{options.seed}.share(draw::run_length, number) - 1;
  return from_seconds(options.run_seconds * (1 + options.run_spread * swing));
}

run_world::run_world(const simulator_options& options)
    : options_{options}, dice_{options.seed} {}

run_view run_world::create(run_content content, sim_time now) {
  advance(now);
  auto number = static_cast<uint64_t>(runs_.size());
  runs_.push_back(draw_run(content, number));
  runs_.back().created = now;
  contents_.add(std::move(content));
  if (active_.size() < options_.max_concurrent)
    start(number, now);
  else
    pending_.push_back(number);
  return view_of(number, now);
}

std::optional<run_view> run_world::find(std::string_view id, sim_time now) {
  auto number = number_in(id);
  if (!number || *number >= runs_.size() || id_of(*number, dice_) != id)
    return std::nullopt;
  advance(now);
  return view_of(*number, now);
}

void run_world::load_urls(run_view& view) {
  auto& id = view.content->id;
  view.content = contents_.whole(number_in(id).value(), id);
}

std::vector<run_view> run_world::newest(size_t most, sim_time now) {
  advance(now);
  std::vector<run_view> result;
  auto count = std::min(most, runs_.size());
  while (result.size() < count)
    result.push_back(view_of(runs_.size() - 1 - result.size(), now));
  return result;
}

run_world::counts run_world::count(sim_time now) {
  advance(now);
  return {pending_.size(), active_.size(),
          runs_.size() - pending_.size() - active_.size()};
}

run_world::run
run_world::draw_run(run_content& content, uint64_t number) const {
  run result;
  result.length = run_length(options_, number);
  result.fails = dice_.hits(options_.failing, draw::run_fails, number);
  if (result.fails)
    content.captures /= 2;
  result.is_late = dice_.hits(options_.late_captures, draw::run_is_late, number)
                   && content.captures > 0;
  result.is_unreadable =
    dice_.hits(options_.unreadable, draw::run_is_unreadable, number);
  content.id = id_of(number, dice_);
  return result;
}

run_view run_world::view_of(uint64_t number, sim_time now) const {
  auto& which = runs_[number];
  run_view view;
  view.content = contents_.brief(number, id_of(number, dice_));
  view.created = which.created;
  view.queue = view.content->url_limit;
  view.is_late = which.is_late;
  if (which.started == sim_time::max())
    return view;
  view.started = which.started;
  auto passed = now - which.started;
  if (passed >= which.length)
    view.state = which.fails ? run_state::failed : run_state::completed;
  else
    view.state =
      static_cast<double>(passed.count())
          < starting_share * static_cast<double>(which.length.count())
        ? run_state::starting
        : run_state::running;
  auto share = done_share(passed, which.length);
  auto urls = view.content->url_limit / (which.fails ? 2 : 1);
  view.queue -= part_of(urls, share);
  view.extracted = part_of(view.content->captures, share);
  view.listed = view.extracted;
  if (options_.progress_noise > 0 && !view.is_terminal())
    blur(view, number, share, now);
  view.is_unreadable =
    which.is_unreadable
    && (options_.unreadable_seconds <= 0
        || passed < which.length + from_seconds(options_.unreadable_seconds));
  if (which.is_late
      && passed < which.length + from_seconds(options_.late_seconds))
    view.listed = std::min(view.listed, view.content->captures
                                          - late_part(view.content->captures));
  return view;
}

void run_world::blur(run_view& view, uint64_t number, double share,
                     sim_time now) const {
  progress_noise noise{options_.progress_noise, dice_};
  auto urls = view.content->url_limit;
  auto captures = view.content->captures;
  auto counted = noise.counted(share, number);
  view.extracted = noise.shown_extracted(part_of(captures, counted), captures);
  view.queue = noise.shown_queue(urls - part_of(urls, counted), number, now);
}

void run_world::advance(sim_time now) {
  while (!active_.empty() && active_.top().first <= now) {
    auto ended = active_.top().first;
    active_.pop();
    if (!pending_.empty()) {
      auto number = pending_.front();
      pending_.pop_front();
      start(number, ended);
    }
  }
}

void run_world::start(uint64_t number, sim_time when) {
  auto& which = runs_[number];
  which.started = when;
  active_.emplace(when + which.length, number);
}

} // namespace sluice::sim
