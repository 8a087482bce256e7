// A sink that records everything in memory and fails when told to. The double
// for code that drives sinks.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"

#include <deque>
#include <string>
#include <vector>

namespace sluice::test {

/// What happened, for the test to read after the sink is gone.
struct sink_record {
  std::vector<std::string> calls; ///< "open", "write 3", "checkpoint", "close"
  std::vector<std::string> captures;        ///< of successful writes, in order
  std::deque<caf::error> write_errors;      ///< returned first, in order
  std::deque<caf::error> checkpoint_errors; ///< likewise
  caf::error open_error;
};

class recording_sink final : public sink {
public:
  explicit recording_sink(std::shared_ptr<sink_record> record)
      : record_(std::move(record)) {}

  caf::error open(const std::optional<sink_position>& committed) override {
    record_->calls.push_back("open"
                             + (committed ? " " + *committed : std::string{}));
    return record_->open_error;
  }

  caf::error write(const capture_page& page) override {
    record_->calls.push_back("write " + std::to_string(page.delivery));
    if (auto err = next(record_->write_errors))
      return err;
    for (const auto& span : page.captures)
      record_->captures.emplace_back(page.bytes(span));
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    record_->calls.push_back("checkpoint");
    if (auto err = next(record_->checkpoint_errors))
      return err;
    return std::to_string(record_->captures.size());
  }

  caf::error close() override {
    record_->calls.push_back("close");
    return {};
  }

private:
  static caf::error next(std::deque<caf::error>& errors) {
    if (errors.empty())
      return {};
    auto err = errors.front();
    errors.pop_front();
    return err;
  }

  std::shared_ptr<sink_record> record_;
};

} // namespace sluice::test
