#include "config/expand.hpp"
#include "config/job_sections.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "core/ledger/load_names.hpp"

namespace sluice::config {

namespace {

using use = named_file::use;

class file_lister {
public:
  explicit file_lister(const checked_job& job) : job_{job} {}

  void add(std::string path, std::string key, use as) {
    auto at = place_in(job_.root, key);
    out_.push_back({std::move(path), std::move(key), std::move(at), as});
  }

  /// Adds the config file, the only file that no key names.
  void add_config() {
    auto whole_file = job_.root.at;
    whole_file.line = 0;
    out_.push_back(
      {job_.file.string(), "the config file", std::move(whole_file)});
  }

  void add_ledger(const settings& built) {
    auto names = names_of_ledger(built.ledger);
    for (auto& sink : built.sinks) {
      auto more = names_of_load(built.ledger, sink.name);
      names.insert(names.end(), more.begin(), more.end());
    }
    auto at = place_in(job_.root, "ledger");
    if (job_.root.find("ledger") == nullptr)
      at.line = 0;
    for (auto& name : names) {
      auto suffix = name.native().substr(names.front().native().size());
      out_.push_back({name.string(),
                      suffix.empty() ? "ledger" : "the ledger's " + suffix, at,
                      use::write, !suffix.empty()});
    }
  }

  void add_lists(const std::vector<std::string>& lists) {
    auto written = job_.find("input", "urls");
    auto is_list = written != nullptr && written->is == node::kind::list;
    for (size_t i = 0; i < lists.size(); ++i)
      add(lists[i],
          is_list ? "input.urls[" + std::to_string(i) + "]" : "input.urls",
          use::list);
  }

  /// The files in a sink's values; `path` is the sink's: "sinks[0]".
  void
  add_sink(const section& values, const field& spec, const std::string& path) {
    if (spec.to_stdout)
      out_.push_back({"-", "the standard output of " + path,
                      place_in(job_.root, path), use::write});
    for_each_field(values, spec, [&](auto& key, const std::string& name) {
      if (key.kind != field_kind::path)
        return;
      auto& file = values.text(name);
      if (key.shared)
        return add(file, path + "." + name, use::read);
      add_written(file, path + "." + name, key, use::write);
      add_written(file + rehearsal_suffix, path + "." + name, key,
                  use::rehearse);
    });
  }

  /// A file and those beside it.
  void add_written(const std::string& file, const std::string& key,
                   const field& spec, use as) {
    add(file, key, as);
    auto name = ledger_lock::one_name_of(file).string();
    for (auto& ending : spec.beside)
      out_.push_back({name + ending, key + "'s " + ending,
                      place_in(job_.root, key), as, true});
  }

  /// All files that ${file:} names.
  void add_references(const node& from, const std::string& path) {
    for (auto& file : referenced_files(from.text, job_.folder()))
      add(file, path, use::read);
    for (size_t i = 0; i < from.items.size(); ++i)
      add_references(from.items[i], path + "[" + std::to_string(i) + "]");
    for (auto& m : from.members)
      add_references(m.value, path.empty() ? m.key : path + "." + m.key);
  }

  std::vector<named_file> take() { return std::move(out_); }

private:
  const checked_job& job_;
  std::vector<named_file> out_;
};

} // namespace

std::vector<named_file>
build_files(const checked_job& job, const settings& built) {
  file_lister files{job};
  files.add_ledger(built);
  for (size_t i = 0; i < built.sinks.size(); ++i) {
    auto& sink = built.sinks[i];
    auto spec = child_of(*child_of(job.spec, "sinks"), sink.type);
    files.add_sink(sink.fields, *spec, "sinks[" + std::to_string(i) + "]");
  }
  files.add_config();
  files.add_references(job.root, "");
  for (auto& file : built.api.profile_files)
    files.add(file, "api.profile", use::read);
  if (!built.api.ca_file.empty())
    files.add(built.api.ca_file, "api.ca_file", use::read);
  if (built.notify
      && built.notify->command.front().find('/') != std::string::npos)
    files.add(built.notify->command.front(), "notify.command", use::read);
  files.add_lists(built.input.urls);
  return files.take();
}

} // namespace sluice::config
