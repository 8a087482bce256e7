#include "config/job.hpp"

#include "config/job_sections.hpp"
#include "config/serve_address.hpp"
#include "core/base/error.hpp"

namespace sluice::config {

namespace {

std::string build_name(const checked_job& job) {
  auto name = job.get_or("name", job.file.stem().string());
  if (name.find('/') != std::string::npos || name.front() == '.')
    job.refuse("name", "name is \"" + printable(name, 60)
                         + "\", which cannot name a file: write a name without "
                           "/ that does not begin with a dot");
  return name;
}

std::optional<serve_settings> build_serve(const checked_job& job) {
  if (!job.values.has("serve"))
    return std::nullopt;
  auto& text = job.values.text("serve");
  auto where = parse_serve_address(text);
  if (!where)
    job.refuse("serve", "serve is \"" + printable(text, 60)
                          + "\": write a port or host:port, such as 9464 or "
                            "127.0.0.1:9464");
  return where;
}

/// Whether the ledger's path depends on a `${…}`.
bool ledger_refers(const checked_job& job) {
  auto value = job.root.find("ledger");
  if (value == nullptr)
    value = job.root.find("name");
  return value != nullptr && value->text.find("${") != std::string::npos;
}

} // namespace

field job_fields(std::span<const sink_spec> sinks) {
  using enum field_kind;
  return {
    .kind = section,
    .required = true,
    .children = {
      {.name = "name",
       .help = "The job's name. Default: the config file's name without its "
               "extension.",
       .max = 100,
       .example = "shoes-weekly"},
      api_fields(),
      input_fields(),
      runs_fields(),
      poll_fields(),
      captures_fields(),
      sinks_fields(sinks),
      {.name = "ledger",
       .kind = path,
       .help = "The SQLite file that records the job's state. Default: the "
               "job's name with .sluice, next to the config file.",
       .example = "shoes-weekly.sluice"},
      {.name = "serve",
       .help = "Where `run` serves the status page, /metrics, /healthz and "
               "/readyz: a port on this machine, or host:port. Anyone who can "
               "reach it can read it. Default: not served.",
       .example = "127.0.0.1:9464"},
      notify_fields(),
      log_fields(),
    }};
}

settings build_settings(const checked_job& job) {
  settings out;
  out.name = build_name(job);
  out.file = job.file;
  out.api = build_api(job);
  out.input = build_input(job);
  out.runs = build_runs(job, out.api.profile.get());
  out.poll = build_poll(job);
  out.captures = build_captures(job, out.api.profile.get());
  out.ledger =
    job.get_or("ledger", (job.folder() / (out.name + ".sluice")).string());
  out.ledger_varies = ledger_refers(job);
  out.sinks = build_sinks(job);
  out.notify = build_notify(job);
  out.secrets = build_secrets(job, out.sinks);
  out.files = build_files(job, out);
  out.log = build_log(job);
  out.serve = build_serve(job);
  return out;
}

} // namespace sluice::config
