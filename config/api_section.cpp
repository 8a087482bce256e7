#include "config/job_sections.hpp"
#include "config/profile.hpp"
#include "config/profile_source.hpp"
#include "config/proxy.hpp"
#include "core/base/error.hpp"
#include "core/base/units.hpp"
#include "core/http/tls_context.hpp"

namespace sluice::config {

namespace {

using std::chrono::milliseconds;

/// The profile with its base replaced; nullptr after a finding.
std::shared_ptr<const api_profile>
build_profile(const checked_job& job, std::vector<std::string>& files) {
  auto name = job.get_or("api.profile", std::string{});
  auto found = load_profile_for(
    name, job.folder(), place_in(job.root, "api.profile"), job.findings);
  auto& profile = found.value;
  files = std::move(found.files);
  if (!job.values.has("api.base_url") || profile == nullptr)
    return profile;
  auto base = usable_base(job.values.text("api.base_url"));
  if (base.empty())
    job.refuse("api.base_url",
               std::string{"api.base_url is not a base URL: "} + base_remedy);
  auto replaced = std::make_shared<api_profile>(*profile);
  replaced->base = std::move(base);
  return replaced;
}

secret build_key(const checked_job& job, const api_profile& profile) {
  if (job.values.has("api.key"))
    return job.values.get<secret>("api.key");
  // A key that was given but refused already has a finding.
  if (job.needs_key && profile.auth.in != auth_scheme::place::none
      && job.find("api", "key") == nullptr)
    job.refuse("api", "api.key is missing: write key: ${EXTRALT_API_KEY}, or "
                      "the environment variable that holds yours");
  return [] { return caf::expected<std::string>{std::string{}}; };
}

uint32_t
number_or(const section& values, std::string_view name, uint32_t fallback) {
  if (!values.has(name))
    return fallback;
  return static_cast<uint32_t>(values.get<int64_t>(name));
}

std::string build_proxy(const checked_job& job, const api_profile& profile) {
  auto is_given = job.values.has("api.proxy");
  auto proxy = is_given ? job.values.text("api.proxy")
                        : proxy_from_environment(profile.base);
  keep_address(proxy);
  if (!is_given)
    return proxy;
  if (!proxy.empty() && !proxy.starts_with("http://"))
    job.refuse("api.proxy", "api.proxy is not an HTTP proxy: write "
                            "http://host:port, or \"\" for none");
  return proxy;
}

void check_authorities(const checked_job& job, const std::string& file) {
  if (file.empty())
    return;
  if (auto err = check_ca_file(file))
    job.refuse("api.ca_file", what_of(err));
}

/// If the API forgets an idempotency key before one request is over, no submit
/// can be repeated.
void check_valid_for(const checked_job& job, const api_settings& api) {
  auto& keys = api.profile->submit.idempotency;
  if (keys && keys->valid_for <= api.timeout)
    job.refuse("api.timeout",
               "api.timeout is not shorter than the profile's "
               "submit.idempotency.valid_for, so no submit could be repeated: "
               "write less than "
                 + duration_text(keys->valid_for));
}

} // namespace

field api_fields() {
  using enum field_kind;
  return {
    .name = "api",
    .kind = section,
    .help = "The extraction API, and how fast to send it requests.",
    .required = true,
    .children = {
      {.name = "profile",
       .help = "The API's dialect: a built-in profile (see `sluice profiles`) "
               "or the path of a profile file.",
       .default_value = "extralt"},
      {.name = "base_url",
       .help =
         "Replaces the profile's base URL: scheme, host, port and path prefix.",
       .example = "https://api.extralt.com"},
      {.name = "key",
       .kind = secret,
       .help = "The API key. Required unless the profile uses no key or the "
               "job is a rehearsal (`--simulate`). It is read when a job "
               "starts, is never logged, and is sent only to the API's host.",
       .example = "${EXTRALT_API_KEY}"},
      {.name = "requests_per_minute",
       .kind = integer,
       .help = "The sustained request rate that the API allows this key; 0 "
               "means unlimited. Default: the profile's.",
       .min = 0,
       .max = 1'000'000,
       .example = "120"},
      {.name = "burst",
       .kind = integer,
       .help = "How many requests the API accepts at once after a pause. "
               "Default: the profile's.",
       .min = 1,
       .max = 100'000,
       .example = "30"},
      {.name = "connections",
       .kind = integer,
       .help = "How many requests may be in flight at once; `auto` derives "
               "this from the request rate.",
       .default_value = "auto",
       .min = 1,
       .max = 16,
       .choices = {"auto"}},
      {.name = "timeout",
       .kind = duration,
       .help =
         "Time limit for one whole request, from connecting to the last byte.",
       .default_value = duration_text(api_settings{}.timeout),
       .min = 100,
       .max = ms_per_hour},
      {.name = "max_body",
       .kind = size,
       .help = "The largest reply to accept, after decompression.",
       .default_value = size_text(api_settings{}.max_body),
       .min = 64 * kib,
       .max = gib},
      {.name = "proxy",
       .help =
         "An HTTP proxy; \"\" means none. Default: https_proxy or http_proxy "
         "from the environment, unless no_proxy covers the API's host.",
       .min = 0,
       .example = "http://proxy.example:3128"},
      {.name = "ca_file",
       .kind = path,
       .help = "Certificate authorities to trust (PEM). Default: the "
               "system's.",
       .example = "ca.pem",
       .shared = true},
    }};
}

api_settings build_api(const checked_job& job) {
  auto& values = job.values;
  api_settings out;
  out.ca_file = job.get_or("api.ca_file", std::string{});
  check_authorities(job, out.ca_file);
  out.profile = build_profile(job, out.profile_files);
  if (out.profile == nullptr)
    return out;
  out.key = build_key(job, *out.profile);
  out.requests_per_minute = number_or(values, "api.requests_per_minute",
                                      out.profile->requests_per_minute);
  out.burst = number_or(values, "api.burst", out.profile->burst);
  if (values.holds<int64_t>("api.connections"))
    out.connections = number_or(values, "api.connections", 0);
  out.timeout = values.get<milliseconds>("api.timeout");
  check_valid_for(job, out);
  out.max_body = static_cast<size_t>(values.get<int64_t>("api.max_body"));
  out.proxy = build_proxy(job, *out.profile);
  return out;
}

} // namespace sluice::config
