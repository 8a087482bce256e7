#include "core/input/import.hpp"

#include "core/base/url.hpp"
#include "core/input/deduplicate.hpp"
#include "core/input/glob.hpp"
#include "core/input/host_counts.hpp"
#include "core/input/import_progress.hpp"
#include "core/input/list_reader.hpp"
#include "core/input/robot_numbers.hpp"
#include "core/input/url_batcher.hpp"
#include "core/input/url_spool.hpp"
#include "core/model/import_target.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace sluice {

namespace {

/// With deduplication, the share of the work that is done once the lists have
/// been read; the rest is a second pass.
constexpr double reading_share = 0.6;

/// How many URLs to process between two readings of the clock.
constexpr uint64_t urls_per_look = 256;

/// Counts invalid records by reason: the first few reasons by name.
class reason_tally {
public:
  void add(std::string_view reason) {
    for (auto& [name, count] : known_)
      if (name == reason) {
        ++count;
        return;
      }
    if (known_.size() < most)
      known_.emplace_back(reason, 1);
    else
      ++others_;
  }

  /// "12 × no host, 3 × not UTF-8"
  [[nodiscard]] std::string text() const {
    std::string out;
    for (auto& [name, count] : known_)
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " × " + name;
    if (others_ > 0)
      out += ", " + std::to_string(others_) + " for other reasons";
    return out;
  }

private:
  static constexpr size_t most = 8;
  std::vector<std::pair<std::string, uint64_t>> known_;
  uint64_t others_ = 0;
};

std::string place_of(const std::string& list, uint64_t line) {
  return printable(list) + ':' + std::to_string(line) + ": ";
}

/// The size of all lists; nullopt if any size is unknown.
std::optional<uint64_t> size_of_lists(const std::vector<std::string>& lists) {
  uint64_t sum = 0;
  for (auto& list : lists) {
    auto size = size_of_list(list);
    if (!size)
      return std::nullopt;
    sum += *size;
  }
  return sum;
}

class importer {
public:
  importer(const import_job& job, import_target& target,
           std::vector<std::string> lists)
      : job_{job},
        target_{target},
        lists_{std::move(lists)},
        robots_{job.robots},
        batcher_{robots_.names(), job.urls_per_run, target},
        progress_{job, counts_, size_of_lists(lists_),
                  job.input.deduplicate ? reading_share : 1} {}

  caf::expected<import_counts> run() {
    if (!progress_.tell(progress_.share_read()))
      return reading_stopped();
    for (auto step : {&importer::prepare, &importer::read_lists,
                      &importer::write_first_ones, &importer::finish})
      if (auto err = (this->*step)())
        return err;
    return counts_;
  }

private:
  /// Deduplication needs two passes, and storage for the URLs in between.
  caf::error prepare() {
    if (!job_.input.deduplicate)
      return caf::none;
    auto spool = url_spool::create(job_.temp_dir);
    if (!spool)
      return spool.error();
    auto seen = deduplicator::create(job_.temp_dir);
    if (!seen)
      return seen.error();
    spool_ = std::move(*spool);
    seen_ = std::move(*seen);
    return caf::none;
  }

  // -- first pass -------------------------------------------------------------

  caf::error read_lists() {
    for (auto& list : lists_)
      if (auto err = read_list(list))
        return err;
    // The list may also have ended because its producer was interrupted.
    if (!progress_.tell(spool_ ? reading_share : 1))
      return reading_stopped();
    if (counts_.urls == 0)
      return no_url();
    return without_robot_.empty() ? caf::none : no_robot();
  }

  /// Records the state of the list before reading, so that a change during
  /// reading is noticed at the next start.
  caf::error read_list(const std::string& list) {
    auto stamp = stamp_of(list);
    progress_.begin_list();
    if (auto err = read_records(list))
      return err;
    return target_.add_list(
      {list, stamp, progress_.list_hash(), reading_of(list, job_.input)});
  }

  caf::error read_records(const std::string& list) {
    auto reader = open_list_reader(list, job_.input, progress_);
    if (!reader)
      return reader.error();
    if (job_.opened)
      job_.opened(list, (*reader)->form());
    for (list_record record;;) {
      auto more = (*reader)->next(record);
      if (!more)
        return more.error();
      if (!*more)
        return caf::none;
      ++counts_.records;
      if (auto err = take(list, record))
        return err;
    }
  }

  caf::error take(const std::string& list, list_record& record) {
    if (record.defect.empty())
      if (auto defect = url_defect(record.text))
        record.defect = defect;
    if (!record.defect.empty())
      return take_invalid(list, record);
    ++counts_.urls;
    auto robot = robots_.of(record.text);
    if (!robot)
      without_robot_.add(host_of(record.text), place_of(list, record.line));
    if (!without_robot_.empty())
      return caf::none; // keep reading only to find all hosts without a robot
    if (!spool_)
      return add_to_batch(*robot, record.text);
    if (auto err = seen_->add(record.text))
      return err;
    return spool_->add(*robot, record.text);
  }

  caf::error take_invalid(const std::string& list, const list_record& record) {
    if (job_.input.fail_on_invalid)
      return make_error(ec::input,
                        place_of(list, record.line) + printable(record.defect)
                          + ": " + printable(record.text, 100)
                          + "; correct it, or write `input.on_invalid: skip`");
    ++counts_.invalid;
    reasons_.add(record.defect);
    return target_.add_invalid(
      {list, record.line, std::string{record.text.substr(0, max_url_bytes)},
       std::string{record.defect}});
  }

  caf::error no_robot() const {
    constexpr size_t most_shown = 10;
    auto shown = without_robot_.largest(most_shown);
    std::string text;
    for (auto& each : shown)
      text += "\n  " + each.note + printable(each.host) + ": "
              + std::to_string(each.urls) + (each.urls == 1 ? " URL" : " URLs");
    if (auto more = without_robot_.size() - shown.size(); more > 0)
      text += "\n  … and " + std::to_string(more) + " more hosts";
    if (without_robot_.unnamed() > 0)
      text += "\n  … and others with "
              + std::to_string(without_robot_.unnamed()) + " URLs";
    auto& host = shown.front().host;
    return make_error(
      ec::input, "no robot for " + std::to_string(without_robot_.urls())
                   + " of the URLs; write `runs.robot: {\"" + printable(host)
                   + "\": ROBOT_ID}`, \"*.shop.example\" for all hosts below "
                     "shop.example, or \"*\" for all other hosts:"
                   + text);
  }

  caf::error no_url() const {
    if (counts_.records == 0)
      return make_error(ec::input, "the input is empty: blank lines and '#' "
                                   "lines are not URLs; see input.urls");
    return make_error(
      ec::input, "the input has no URL: all " + std::to_string(counts_.records)
                   + " records are invalid (" + printable(reasons_.text(), 1000)
                   + "); see input.format and input.field");
  }

  // -- second pass ------------------------------------------------------------

  caf::error write_first_ones() {
    if (!spool_)
      return caf::none;
    auto total = counts_.urls;
    auto duplicates = seen_->finish([&] { return progress_.on_write(0); });
    if (!duplicates)
      return duplicates.error();
    seen_.reset();
    counts_.duplicates = duplicates->count();
    counts_.urls -= counts_.duplicates;
    if (auto err = spool_->rewind())
      return err;
    for (uint64_t place = 0; place < total; ++place)
      if (auto err = pass_on(place, total, *duplicates))
        return err;
    return caf::none;
  }

  caf::error
  pass_on(uint64_t place, uint64_t total, const duplicate_set& duplicates) {
    auto part = static_cast<double>(place) / static_cast<double>(total);
    if (place % urls_per_look == 0 && !progress_.on_write(part))
      return make_error(ec::interrupted, "interrupted while storing the URLs");
    auto entry = spool_->next();
    if (!entry)
      return entry.error();
    if (!*entry || (*entry)->robot >= robots_.names().size())
      return make_error(ec::disk, "the import's temporary data changed on "
                                  "disk; check the disk, then run it again");
    return duplicates.holds(place)
             ? caf::none
             : add_to_batch((*entry)->robot, (*entry)->url);
  }

  // -- both -------------------------------------------------------------------

  caf::error add_to_batch(uint32_t robot, std::string_view url) {
    auto err = batcher_.add(robot, url);
    counts_.batches = batcher_.batches();
    return err;
  }

  caf::error finish() {
    if (auto err = batcher_.flush())
      return err;
    counts_.batches = batcher_.batches();
    return progress_.tell(1) ? caf::none : reading_stopped();
  }

  const import_job& job_;
  import_target& target_;
  std::vector<std::string> lists_;
  robot_numbers robots_;
  url_batcher batcher_;
  import_counts counts_;
  import_progress progress_;
  reason_tally reasons_;
  host_counts without_robot_; ///< with the place of each host's first URL
  std::unique_ptr<url_spool> spool_; ///< null without deduplication
  std::unique_ptr<deduplicator> seen_;
};

} // namespace

caf::expected<import_counts>
run_import(const import_job& job, import_target& target) {
  auto lists = expand_lists(job.input.urls);
  if (!lists)
    return lists.error();
  return importer{job, target, std::move(*lists)}.run();
}

} // namespace sluice
