#include "core/flow/bucket_text.hpp"

#include "core/base/digest.hpp"
#include "core/base/percent_encoding.hpp"

#include <algorithm>
#include <sstream>

namespace sluice {

namespace {

int64_t ticks(time_point at) {
  return std::chrono::duration_cast<duration>(at.time_since_epoch()).count();
}

time_point from_ticks(int64_t count) {
  return time_point{
    std::chrono::duration_cast<time_point::duration>(duration{count})};
}

std::string checksum_of(std::string_view text) {
  return sha256_hex({text}).substr(0, 16);
}

std::string turns_text(const fair_turns& turns) {
  std::ostringstream out;
  out.precision(17);
  out << "turns " << turns.turn() << '\n';
  for (auto& at : turns.jobs())
    out << "job " << at.job.id << ' ' << at.job.per_second << ' ' << at.due
        << ' ' << ticks(at.heard_at) << ' ' << ticks(at.waits_until) << " ="
        << percent_encode(at.job.name) << '\n';
  return out.str();
}

/// Reads what follows "job"; false if it is not what `turns_text` writes.
bool get_job(std::istream& in, job_turn& turn) {
  int64_t heard_at = 0, waits_until = 0;
  std::string name;
  in >> turn.job.id >> turn.job.per_second >> turn.due >> heard_at
    >> waits_until >> name;
  if (!in || name.empty() || name.front() != '=')
    return false;
  turn.job.name = percent_decode(std::string_view{name}.substr(1));
  turn.heard_at = from_ticks(heard_at);
  turn.waits_until = from_ticks(waits_until);
  return turn.job.name.size() <= most_job_name;
}

/// Removes the line with the checksum; false if it does not match the text. A
/// kill during a write may leave a mixture of two texts.
bool take_checksum(std::string_view& text) {
  constexpr std::string_view mark = "end ";
  auto at = text.find(mark);
  if (at == text.npos)
    return false;
  auto written = text.substr(at + mark.size());
  text = text.substr(0, at);
  return written == checksum_of(text) + '\n';
}

fair_turns read_turns(std::string_view text) {
  if (!take_checksum(text))
    return {};
  std::istringstream in{std::string{text}};
  std::string word;
  double turn = 0;
  std::vector<job_turn> jobs;
  if (!(in >> word >> turn) || word != "turns")
    return {};
  while (in >> word)
    if (word != "job" || !get_job(in, jobs.emplace_back()))
      return {};
  return fair_turns::restore(std::move(jobs), turn);
}

/// Keeps sums of times, and waits for tokens, within their range.
bool is_possible_state(const bucket_state& state) {
  constexpr time_point latest{duration::max() / 2};
  for (auto at : {state.at, state.frozen_at, state.frozen_until,
                  state.probe_sent, state.share.at})
    if (at < time_point{} || at > latest)
      return false;
  return state.level >= 0 && state.level <= 1e9
         && state.share.value >= rate_share::least && state.share.value <= 1
         && state.wait >= duration{} && state.wait <= std::chrono::hours{24};
}

} // namespace

std::string bucket_text(const bucket_state& state, std::string_view boot) {
  std::ostringstream out;
  out.precision(17);
  out << "sluice-bucket-2 " << boot << ' ' << state.level << ' '
      << ticks(state.at) << ' ' << ticks(state.frozen_at) << ' '
      << ticks(state.frozen_until) << ' ' << state.wait.count() << ' '
      << state.probing << ' ' << ticks(state.probe_sent) << ' '
      << state.share.value << ' ' << ticks(state.share.at) << " end\n";
  auto turns = turns_text(state.turns);
  return out.str() + turns + "end " + checksum_of(turns) + '\n';
}

std::optional<bucket_state>
read_bucket(std::string_view text, std::string_view boot) {
  auto line = std::min(text.find('\n'), text.size() - 1) + 1;
  std::istringstream in{std::string{text.substr(0, line)}};
  std::string magic, written_boot, end;
  int64_t at = 0, frozen_at = 0, frozen_until = 0, wait = 0, probe_sent = 0,
          share_at = 0;
  bucket_state read;
  in >> magic >> written_boot >> read.level >> at >> frozen_at >> frozen_until
    >> wait >> read.probing >> probe_sent >> read.share.value >> share_at
    >> end;
  if (!in || magic != "sluice-bucket-2" || end != "end" || written_boot != boot)
    return std::nullopt;
  read.at = from_ticks(at);
  read.frozen_at = from_ticks(frozen_at);
  read.frozen_until = from_ticks(frozen_until);
  read.wait = duration{wait};
  read.probe_sent = from_ticks(probe_sent);
  read.share.at = from_ticks(share_at);
  if (!is_possible_state(read))
    return std::nullopt;
  read.turns = read_turns(text.substr(line));
  return read;
}

} // namespace sluice
