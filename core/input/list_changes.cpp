#include "core/input/list_changes.hpp"

#include "core/input/glob.hpp"
#include "core/input/list_reader.hpp"
#include "core/model/list_identity.hpp"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <unordered_map>

namespace sluice {

namespace {

using places = std::unordered_multimap<std::string, size_t>;

/// A list named now that may have changed.
struct candidate {
  std::string name;
  std::optional<file_stamp> stamp;
};

bool exists(const std::string& name) {
  struct stat info {};
  return ::stat(name.c_str(), &info) == 0;
}

/// True for pipes and the like: neither a regular file nor a directory.
bool is_stream(const std::string& name) {
  struct stat info {};
  return name == "-"
         || (::stat(name.c_str(), &info) == 0 && !S_ISREG(info.st_mode)
             && !S_ISDIR(info.st_mode));
}

class comparison {
public:
  comparison(const std::vector<list_identity>& read, const input_options& input,
             read_monitor& monitor)
      : read_{read},
        input_{input},
        monitor_{monitor},
        renewed_{read},
        matched_(read.size(), false) {
    for (size_t i = 0; i < read.size(); ++i) {
      by_name_.emplace(read[i].name, i);
      by_hash_.emplace(read[i].hash, i);
    }
  }

  caf::expected<list_comparison> run() {
    auto found = find_lists(input_.urls);
    for (auto& name : found.lists)
      match_unread(name);
    if (auto err = match_content())
      return err;
    for (auto& [name, why] : found.absent)
      take_absent(name, why);
    take_unmatched();
    if (changed_)
      result_.renewed = std::move(renewed_);
    return std::move(result_);
  }

private:
  /// The first unmatched list of the job under `key` for which `fits` holds;
  /// the number of lists if none is found.
  template <class Predicate>
  size_t find(const places& index, const std::string& key, Predicate fits) {
    auto [first, last] = index.equal_range(key);
    auto best = read_.size();
    for (; first != last; ++first)
      if (auto i = first->second; !matched_[i] && fits(read_[i]))
        best = std::min(best, i);
    return best;
  }

  void
  other(const std::string& name, list_change change, std::string detail = {}) {
    result_.other.push_back({name, change, std::move(detail)});
  }

  /// A list of the job exists, though it may now be read in another way.
  void match(size_t i, const candidate& now) {
    matched_[i] = true;
    auto reading = reading_of(now.name, input_);
    if (reading != read_[i].reading)
      other(now.name, list_change::read_otherwise,
            "it was read as " + read_[i].reading + ", and would now be read as "
              + reading);
    if (read_[i].name == now.name && read_[i].stamp == now.stamp)
      return;
    renewed_[i].name = now.name;
    renewed_[i].stamp = now.stamp;
    changed_ = true;
  }

  void match_unread(const std::string& name) {
    if (is_stream(name))
      return match_stream(name);
    candidate now{name, stamp_of(name)};
    auto i = find(by_name_, name, [&](auto& read) {
      return now.stamp && now.stamp->modified_ns && read.stamp == now.stamp;
    });
    if (i < read_.size())
      match(i, now);
    else
      left_.push_back(std::move(now));
  }

  void match_stream(const std::string& name) {
    for (size_t i = 0; i < read_.size(); ++i)
      if (!matched_[i] && !read_[i].stamp) {
        matched_[i] = true;
        result_.lost.push_back({name, list_change::unseen});
        return;
      }
    other(name, list_change::added);
  }

  caf::error match_content() {
    for (auto& now : left_) {
      auto hash = hash_of_list(now.name, monitor_);
      if (hash)
        match_hash(now, *hash);
      else if (code_of(hash.error()) == ec::input)
        match_unreadable(now.name, what_of(hash.error()));
      else
        return hash.error();
    }
    return caf::none;
  }

  void match_hash(const candidate& now, const std::string& hash) {
    auto same_name = [&](auto& read) { return read.name == now.name; };
    auto any = [](auto&) { return true; };
    auto i = find(by_hash_, hash, same_name);
    if (i == read_.size())
      i = find(by_hash_, hash, any);
    if (i < read_.size())
      return match(i, now);
    i = find(by_name_, now.name, any);
    if (i == read_.size())
      return other(now.name, list_change::added);
    matched_[i] = true;
    other(now.name, list_change::edited);
  }

  void match_unreadable(const std::string& name, const std::string& why) {
    auto i = find(by_name_, name, [](auto&) { return true; });
    if (i == read_.size())
      return other(name, list_change::unreadable, why);
    matched_[i] = true;
    result_.unreadable.push_back({name, list_change::unreadable, why});
  }

  /// An absent name may stand for one or more lists of the job that are gone:
  /// those without a match.
  void take_absent(const std::string& name, const std::string& why) {
    auto stood_for = [&](auto& read) {
      return read.name == name
             || ::fnmatch(name.c_str(), read.name.c_str(), FNM_PATHNAME) == 0;
    };
    if (std::none_of(read_.begin(), read_.end(), stood_for))
      other(name, list_change::added, why);
  }

  void take_unmatched() {
    for (size_t i = 0; i < read_.size(); ++i) {
      auto& name = read_[i].name;
      if (matched_[i])
        continue;
      if (!read_[i].stamp)
        result_.lost.push_back({name, list_change::unseen});
      else if (!exists(name))
        result_.lost.push_back({name, list_change::gone});
      else
        other(name, list_change::left_out);
    }
  }

  const std::vector<list_identity>& read_;
  const input_options& input_;
  read_monitor& monitor_;
  std::vector<list_identity> renewed_;
  std::vector<bool> matched_;
  places by_name_;
  places by_hash_;
  std::vector<candidate> left_;
  list_comparison result_;
  bool changed_ = false;
};

} // namespace

caf::expected<list_comparison>
compare_lists(const std::vector<list_identity>& read,
              const input_options& input, read_monitor& monitor) {
  return comparison{read, input, monitor}.run();
}

} // namespace sluice
