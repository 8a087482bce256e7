#include "pipeline/relocation.hpp"

#include "config/identity.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view sink_prefix = "sinks.";

/// The names of the sinks in an identity.
std::vector<std::string> sinks_in(const job_binding& identity) {
  std::vector<std::string> names;
  for (auto& [name, value] : identity)
    if (name.starts_with(sink_prefix) && value.starts_with("type="))
      names.push_back(name.substr(sink_prefix.size()));
  return names;
}

const std::string&
entry_of(const job_binding& identity, const std::string& sink) {
  return *value_in(identity, std::string{sink_prefix} + sink);
}

const std::string*
dead_letter_of(const job_binding& identity, const std::string& sink) {
  return value_in(identity, std::string{sink_prefix} + sink + ".dead_letter");
}

/// Matches each sink of the config to one of the ledger.
class sink_matcher {
public:
  sink_matcher(const job_binding& bound, const job_binding& now,
               std::span<const config::sink_spec> specs)
      : before_{bound},
        bound_{carried_over(bound, now)},
        now_{now},
        specs_{specs},
        left_{sinks_in(bound)},
        wanted_{sinks_in(now)} {}

  caf::expected<std::vector<sink_relocation>> match() {
    std::vector<sink_relocation> result;
    for (auto& to : wanted_)
      result.push_back({{}, to});
    for (auto& sink : result)
      if (std::count(left_.begin(), left_.end(), sink.to) > 0)
        take(sink, sink.to);
    // First those with only a new name, then the rest.
    for (auto only_renamed : {true, false})
      for (auto& sink : result)
        if (sink.from.empty())
          if (auto from = only_candidate(sink.to, only_renamed))
            take(sink, *from);
    for (auto& sink : result)
      if (auto err = check(sink))
        return err;
    if (!left_.empty())
      return no_move("the job has a sink " + in_quotes(left_.front())
                     + " that the config does not have. Put it back");
    return result;
  }

private:
  void take(sink_relocation& sink, std::string from) {
    left_.erase(std::find(left_.begin(), left_.end(), from));
    sink.from = std::move(from);
    sink.moved = is_elsewhere(before_, sink);
    sink.with_folder = sink.moved && !is_elsewhere(bound_, sink);
  }

  [[nodiscard]] bool
  is_elsewhere(const job_binding& bound, const sink_relocation& sink) const {
    auto* before = dead_letter_of(bound, sink.from);
    auto* after = dead_letter_of(now_, sink.to);
    auto has_other_file = before != nullptr && after != nullptr
                          && !before->empty() && *before != *after;
    return has_other_file
           || entry_of(bound, sink.from) != entry_of(now_, sink.to);
  }

  [[nodiscard]] bool
  fits(const std::string& from, const std::string& to, bool exactly) const {
    auto& before = entry_of(bound_, from);
    auto& after = entry_of(now_, to);
    return exactly ? before == after
                   : form_of(before, specs_) == form_of(after, specs_);
  }

  /// The only sink in the ledger that fits `to`, if no other sink in the config
  /// fits it as well.
  [[nodiscard]] std::optional<std::string>
  only_candidate(const std::string& to, bool exactly) const {
    std::vector<std::string> found;
    for (auto& from : left_)
      if (fits(from, to, exactly))
        found.push_back(from);
    if (found.size() != 1)
      return std::nullopt;
    auto rivals =
      std::count_if(wanted_.begin(), wanted_.end(), [&](auto& other) {
        return value_in(bound_, std::string{sink_prefix} + other) == nullptr
               && fits(found.front(), other, exactly);
      });
    return rivals == 1 ? std::optional{found.front()} : std::nullopt;
  }

  [[nodiscard]] caf::error check(const sink_relocation& sink) const {
    if (sink.from.empty())
      return no_move(
        left_.empty()
          ? "the job has no sink " + in_quotes(sink.to)
              + ", and a sink cannot be added to it. Remove it from the config"
          : "cannot tell which sink of the job " + in_quotes(sink.to)
              + " was. Rename one at a time");
    auto& before = entry_of(bound_, sink.from);
    auto& after = entry_of(now_, sink.to);
    if (form_of(before, specs_) != form_of(after, specs_))
      return no_move("sink " + in_quotes(sink.to)
                     + " would write in a different form: it was "
                     + in_quotes(before) + " and is now " + in_quotes(after)
                     + ". Only its location and its name may change");
    auto* file = dead_letter_of(bound_, sink.from);
    auto* now = dead_letter_of(now_, sink.to);
    if (file != nullptr && !file->empty() && (now == nullptr || now->empty()))
      return no_move("sink " + in_quotes(sink.to) + " had the dead letter file "
                     + in_quotes(*file)
                     + " and has none now. Name the file or its new path");
    return {};
  }

  const job_binding& before_;
  const job_binding bound_; ///< includes what moved with the folder
  const job_binding& now_;
  std::span<const config::sink_spec> specs_;
  std::vector<std::string> left_; ///< in the ledger, not matched
  std::vector<std::string> wanted_;
};

} // namespace

caf::error no_move(const std::string& what) {
  return make_error(ec::usage, what + ". Nothing was changed");
}

caf::expected<relocation>
relocation_between(const job_binding& bound, const job_binding& now,
                   std::span<const config::sink_spec> specs) {
  relocation result;
  for (auto* name : {"api.profile", "runs.robot", "api.base_url"}) {
    auto* before = value_in(bound, name);
    auto* after = value_in(now, name);
    if (before == nullptr || after == nullptr || *before == *after)
      continue;
    if (std::string_view{name} != "api.base_url")
      return no_move(std::string{name} + " was " + in_quotes(*before)
                     + " and is now " + in_quotes(*after)
                     + ": that would produce different captures, so it is a "
                       "different job. Change it back, or begin a new job");
    result.api_moved = true;
  }
  auto sinks = sink_matcher{bound, now, specs}.match();
  if (!sinks)
    return sinks.error();
  result.sinks = std::move(*sinks);
  return result;
}

} // namespace sluice
