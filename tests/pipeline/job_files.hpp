// A job in a temporary folder as the commands see it: settings loaded from a
// config, a ledger bound to them, and files that match the ledger.

#pragma once

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "config/load.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/support/pages.hpp"

#include <filesystem>
#include <string>

namespace sluice::test {

class job_files {
public:
  std::filesystem::path folder() const { return root_ / name_; }
  std::filesystem::path file(const std::string& name) const {
    return folder() / name;
  }

  job_files() { std::filesystem::create_directory(folder()); }

  /// `sinks` is a list in YAML flow style.
  settings config(const std::string& sinks = "{type: file, path: out.jsonl}",
                  const std::string& base = "https://api.example") const {
    fill(file("job.yaml"), "api: {key: k, base_url: '" + base
                             + "'}\ninput: {urls: urls.txt}\n"
                               "runs: {robot: rbt_1}\nsinks: ["
                             + sinks + "]\n");
    auto specs = sink_specs();
    auto loaded = config::load(file("job.yaml"), {}, specs);
    for (auto& finding : loaded.findings)
      throw std::runtime_error{finding.text()};
    return *loaded.value;
  }

  /// Begins the job of `settings` with one batch of four URLs and delivers this
  /// many captures of its run, which is not read to its end.
  void begin(const settings& config, size_t captures) const {
    auto store = must(open_ledger(config.ledger));
    must(store->bind(identity_of(config, sink_specs())));
    must(store->begin_import());
    must(store->add_batch(
      "rbt_1", ledger_fixture::views(ledger_fixture::urls_of(0, 4))));
    must(store->finish_import({4, 0, 0, 4, 1}));
    auto batch = must(store->next_planned());
    must(store->begin_submit(batch->key, {"worker", 0}));
    must(store->settle(batch->key, submit_result::accepted, "run_1", 1'000));
    must(store->record_end(batch->key, ended(), {}));
    checkpoint cut;
    cut.delivery = 1;
    cut.runs.push_back(progress(captures));
    auto id = must(store->job_id());
    for (auto& sink : config.sinks)
      cut.sinks.emplace_back(sink.name, write(id, sink, captures));
    must(store->commit(cut));
  }

  /// Reads the run to its end. Two captures have arrived, neither for a URL of
  /// the run.
  static void finish(const std::filesystem::path& ledger_file) {
    auto store = must(open_ledger(ledger_file));
    checkpoint cut;
    cut.delivery = 2;
    cut.runs.push_back(progress(2));
    cut.runs.back().done = ended();
    must(store->commit(cut));
  }

  /// Like `move_to`, but keeps the old folder.
  void copy_to(const std::string& name) {
    std::filesystem::copy(folder(), root_ / name);
    name_ = name;
  }

  /// Renames the folder. From now on this object refers to the new name.
  void move_to(const std::string& name) {
    std::filesystem::rename(folder(), root_ / name);
    name_ = name;
  }

private:
  static run_result ended() {
    return {run_outcome::completed, "completed", std::nullopt};
  }

  static run_progress progress(size_t captures) {
    run_progress result;
    result.batch = 1;
    result.state.captures = captures;
    result.state.covered = coverage_bits(1);
    return result;
  }

  /// The sink's position after this many captures.
  static sink_position
  write(const std::string& id, const sink_settings& sink, size_t captures) {
    auto made = find_sink_type(sink.type)->make({id, sink.name}, sink.fields);
    must(made->open(std::nullopt));
    std::vector<std::string> texts;
    for (size_t i = 0; i < captures; ++i)
      texts.push_back("{\"n\":" + std::to_string(i) + "}");
    if (sink.type == "file")
      must(made->write(page_of(1, texts)));
    auto position = must(made->checkpoint());
    must(made->close());
    return position;
  }

  temp_folder root_;
  std::string name_ = "job";
};

} // namespace sluice::test
