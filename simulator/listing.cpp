#include "simulator/listing.hpp"

#include "simulator/json_text.hpp"
#include "simulator/lz4_frame.hpp"

#include <limits>

namespace sluice::sim {

namespace {

/// Bytes of captures compressed at a time.
constexpr size_t piece_bytes = 64 << 10;

/// The text of a listing before its captures.
std::string head_of(dialect form) {
  if (form == dialect::array)
    return "[";
  std::string out = "{";
  append_json_string(out, items_member(form));
  return out + ":[";
}

std::string tail_of(dialect form, const std::string& next) {
  if (form == dialect::array)
    return "]";
  if (next.empty())
    return R"(],"nextCursor":null})";
  std::string out = R"(],"nextCursor":)";
  append_json_string(out, next);
  return out + '}';
}

/// What is left of a download.
struct download_state {
  run_view run;
  capture_walk walk;
  lz4_frame_writer frame;
  bool is_finished = false;

  download_state(const run_view& which, const capture_rules& rules)
      : run{which}, walk{*run.content, rules} {}

  [[nodiscard]] bool has_captures() const noexcept {
    return walk.position().passed() < run.listed;
  }
};

} // namespace

listing::listing(listing_options options, uint32_t capture_bytes)
    : options_{options}, maker_{options.form, capture_bytes} {}

page listing::page_at(const run_view& run, const cursor& from) const {
  page result;
  result.overlaps = from.repeats;
  uint64_t room = options_.form == dialect::array
                    ? std::numeric_limits<uint64_t>::max()
                    : uint64_t{options_.page_size} + (from.repeats ? 1 : 0);
  capture_walk walk{*run.content, options_.rules, from.position};
  auto last = from.position;
  result.body = head_of(options_.form);
  while (result.captures < room && walk.position().passed() < run.listed) {
    if (result.captures++ > 0)
      result.body += ',';
    last = walk.position();
    if (run.is_unreadable && last.passed() + 1 == run.listed)
      result.body += "NaN,";
    append_next(result.body, walk, *run.content);
  }
  std::string next;
  if (auto after = cursor_after(walk.position(), last, run))
    next = write_cursor(*after, run.content->id, options_.rules.dice);
  result.body += tail_of(options_.form, next);
  return result;
}

std::vector<std::string> listing::captures_of(const run_content& run) const {
  std::vector<std::string> result(run.captures);
  capture_walk walk{run, options_.rules};
  for (auto& capture : result)
    append_next(capture, walk, run);
  return result;
}

listing::body_source listing::download(const run_view& run, bool cut) const {
  auto state = std::make_shared<download_state>(run, options_.rules);
  return [this, state, cut](std::string& piece) {
    piece.clear();
    if (state->is_finished)
      return false;
    std::string lines;
    while (lines.size() < piece_bytes && state->has_captures()) {
      append_next(lines, state->walk, *state->run.content);
      lines += '\n';
    }
    state->is_finished = !state->has_captures();
    return state->frame.write(lines, piece)
           && (!state->is_finished || cut || state->frame.finish(piece));
  };
}

void listing::append_next(std::string& out, capture_walk& walk,
                          const run_content& run) const {
  auto step = walk.next();
  maker_.append(out, {run.id, run.robot, step.url, step.index});
}

std::optional<cursor> listing::cursor_after(const capture_position& end,
                                            const capture_position& last,
                                            const run_view& run) const {
  if (end.passed() >= run.listed)
    return std::nullopt;
  auto subject = mix(hash_of(run.content->id), end.passed());
  auto repeats =
    end != last
    && options_.rules.dice.hits(options_.overlap, draw::page_overlaps, subject);
  return cursor{repeats ? last : end, repeats};
}

} // namespace sluice::sim
