#include "pipeline/load/loader.hpp"

#include "core/base/log.hpp"

#include <filesystem>
#include <utility>

namespace sluice {

namespace {

/// As for a job.
constexpr size_t checkpoint_bytes = size_t{64} << 20;

caf::error interruption() {
  return make_error(ec::interrupted, "interrupted; run the same command again "
                                     "to continue");
}

/// Whether all of it was loaded, and it has not changed since.
bool is_done(const loaded_file& file) {
  return file.end && file.end->modified_ns && stamp_of(file.path) == file.end;
}

/// "captures.jsonl:1-100: "
std::string place_of(const loaded_file& file, const line_page& page) {
  auto place =
    printable(file.path, 4096) + ":" + std::to_string(page.first_line);
  if (page.last_line > page.first_line)
    place += "-" + std::to_string(page.last_line);
  return place + ": ";
}

} // namespace

loader::loader(sink_maker make, load_state state, load_options options,
               load_ports ports)
    : make_{std::move(make)},
      sink_{make_()},
      state_{std::move(state)},
      committed_{state_},
      options_{std::move(options)},
      ports_{std::move(ports)},
      schedule_{options_.times.checkpoint_every, checkpoint_bytes,
                options_.times.longest_rest},
      backoff_{options_.times.backoff_base, options_.times.backoff_cap,
               options_.seed} {}

load_counts loader::counts() const {
  load_counts sums;
  sums.files = committed_.files.size();
  sums.dead_letters = committed_.dead_letters;
  for (auto& file : committed_.files) {
    sums.files_read += file.end ? 1 : 0;
    sums.captures += file.captures;
    sums.bytes += file.offset;
  }
  return sums;
}

caf::error loader::run() {
  if (auto err = look_at_files())
    return err;
  if (todo_.empty() && state_.position) {
    was_done_ = true;
    committed_ = state_;
    return ports_.save(committed_);
  }
  has_begun_ = true;
  if (auto err = open_sink()) {
    auto ignored = sink_->close();
    return err;
  }
  auto err = load_files();
  if (!sink_failed_)
    if (auto failed = commit())
      err = failed;
  auto closed = sink_->close();
  return err ? err : closed;
}

// -- before the sink is touched -----------------------------------------------

caf::error loader::look_at_files() {
  for (size_t i = 0; i < state_.files.size(); ++i)
    if (!is_done(state_.files[i]))
      if (auto err = look_at(i))
        return err;
  return {};
}

caf::error loader::look_at(size_t index) {
  auto& known = state_.files[index];
  std::error_code ignored;
  if (known.end && !std::filesystem::exists(known.path, ignored))
    return {}; // all of it was loaded
  auto file = continue_file(known, options_.limits, ports_.goes_on);
  if (!file)
    return code_of(file.error()) == ec::interrupted ? interruption()
                                                    : file.error();
  if (file->lines.at_end()) {
    known.end = file->stamp;
    return {};
  }
  known.end.reset();
  todo_.push_back(index);
  if (!first_)
    first_ = std::move(*file);
  return {};
}

/// The load's id is durable before the sink sees it, and the position of the
/// opened sink before a page is written.
caf::error loader::open_sink() {
  if (!state_.position) {
    auto nothing = state_;
    nothing.files.clear();
    if (auto err = ports_.save(nothing))
      return err;
  }
  auto err = retried([&] {
    auto failed = sink_->open(state_.position);
    if (is_retryable(failed)) { // an object is opened once
      auto ignored = sink_->close();
      sink_ = make_();
    }
    return failed;
  });
  if (err)
    return err;
  return commit();
}

// -- the files ----------------------------------------------------------------

caf::error loader::load_files() {
  for (auto index : todo_)
    if (auto err = load_file(index))
      return err;
  return {};
}

caf::error loader::load_file(size_t index) {
  auto& entry = state_.files[index];
  if (auto looked_at = std::exchange(first_, std::nullopt))
    return read_pages(*looked_at, index);
  auto file = continue_file(entry, options_.limits, ports_.goes_on);
  if (file)
    return read_pages(*file, index);
  return code_of(file.error()) == ec::interrupted ? interruption()
                                                  : file.error();
}

caf::error loader::read_pages(open_capture_file& file, size_t index) {
  auto& entry = state_.files[index];
  for (;;) {
    if (!ports_.goes_on())
      return interruption();
    auto page = file.lines.next();
    if (!page)
      return page.error();
    auto is_end = !*page;
    auto captures = is_end ? 0 : (*page)->captures.size();
    if (captures > 0)
      if (auto err = deliver(std::move(**page), index))
        return err;
    entry.captures += captures;
    entry.offset = file.lines.offset();
    entry.hash = entry.offset > 0 ? file.lines.hash() : std::string{};
    schedule_.on_change(ports_.now());
    if (is_end) {
      entry.end = file.stamp;
      return {};
    }
    if (auto err = commit_if_due())
      return err;
  }
}

// -- the sink -----------------------------------------------------------------

caf::error loader::deliver(line_page lines, size_t index) {
  auto place = place_of(state_.files[index], lines);
  capture_page page;
  page.delivery = state_.delivery + 1;
  page.delivered_at = ports_.wall();
  page.body = std::move(lines.body);
  page.captures = std::move(lines.captures);
  if (auto err = retried([&] { return sink_->write(page); })) {
    // Nothing after a page that failed may be committed, nor part of it.
    sink_failed_ = true;
    return code_of(err) == ec::refused
             ? make_error(ec::refused, place + what_of(err))
             : err;
  }
  state_.delivery = page.delivery;
  schedule_.on_delivered(page.body->size());
  return {};
}

caf::error loader::commit_if_due() {
  auto due = schedule_.due();
  return due && *due <= ports_.now() ? commit() : caf::error{};
}

caf::error loader::commit() {
  schedule_.begin(ports_.now());
  sink_position position;
  auto err = retried([&] {
    auto cut = sink_->checkpoint();
    if (!cut)
      return cut.error();
    position = std::move(*cut);
    return caf::error{};
  });
  if (!err) {
    state_.position = std::move(position);
    state_.dead_letters = sink_->dead_letters();
    err = ports_.save(state_);
  }
  if (err) {
    sink_failed_ = true;
    return err;
  }
  committed_ = state_;
  schedule_.end(ports_.now());
  ports_.show(counts());
  return {};
}

/// Repeats the action as long as the sink is down, with growing pauses.
caf::error loader::retried(const std::function<caf::error()>& action) {
  for (;;) {
    auto err = action();
    if (!err)
      note_success();
    if (!err || !is_retryable(err))
      return err;
    note_failure(err);
    if (ports_.goes_on())
      ports_.pause(backoff_.next(wait_of(err)));
    if (!ports_.goes_on())
      return make_error(ec::interrupted,
                        "interrupted while sink '" + printable(options_.sink)
                          + "' accepted nothing (" + what_of(err)
                          + "); run the same command again to continue");
  }
}

void loader::note_failure(const caf::error& reason) {
  if (outage_.happened(ports_.now()))
    log_event(log_level::warn, "sink_waits",
              "the sink does not accept captures; the load waits for it",
              {{"sink", options_.sink}, {"reason", what_of(reason)}});
}

void loader::note_success() {
  backoff_.reset();
  if (outage_.ended())
    log_event(log_level::info, "sink_goes_on",
              "the sink accepts captures again", {{"sink", options_.sink}});
}

} // namespace sluice
