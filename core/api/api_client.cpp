#include "core/api/api_client.hpp"

#include "core/api/listed_runs.hpp"
#include "core/api/page_splitter.hpp"
#include "core/api/page_walk.hpp"
#include "core/api/reply_reader.hpp"
#include "core/api/request_template.hpp"
#include "core/api/run_status_reader.hpp"
#include "core/api/submit_proof.hpp"
#include "core/api/submit_request.hpp"
#include "core/base/crash_point.hpp"
#include "core/base/json_picker.hpp"
#include "core/http/http_date.hpp"
#include "core/http/http_transport.hpp"
#include "core/http/http_url.hpp"
#include "core/http/quota_headers.hpp"
#include "core/model/run.hpp"

#include <cassert>

namespace sluice {

namespace {

/// The verdict if a request cannot even be made, which waiting would not fix.
read_verdict cannot_ask(const caf::error& err) {
  read_verdict result;
  result.outcome = read_outcome::stop_job;
  result.message = what_of(err);
  return result;
}

submit_reply cannot_submit(const caf::error& err) {
  submit_reply result;
  result.verdict.action = submit_action::stop_job;
  result.verdict.message = what_of(err);
  return result;
}

submit_reply changed_request() {
  submit_reply result;
  result.verdict.action = submit_action::hold;
  result.verdict.message =
    "settings have changed since the batch was first submitted, so the "
    "request would not be the same; it was not sent";
  result.verdict.not_sent = true;
  result.verdict.changed = true;
  return result;
}

/// Stores what was read in `target`, or returns the error.
template <class T>
caf::error put_into(T& target, caf::expected<T> read) {
  if (!read)
    return read.error();
  target = std::move(*read);
  return {};
}

template_values values_of(const run_ref& run) {
  template_values values;
  values.text = run.saved;
  values.text["id"] = run.id;
  return values;
}

/// No server accepts a longer URL.
constexpr size_t longest_link = 64 * 1024;

caf::expected<std::string> read_link(const download_dialect& dialect,
                                     const std::string& url,
                                     std::string_view body) {
  json_picker picker{{json_want::text, dialect.url, longest_link}};
  auto picks = picker.pick(body);
  if (!picks)
    return picks.error();
  auto& found = picks->front();
  auto link = found.found && found.text.size() <= longest_link
                ? resolve_link(url, found.text)
                : std::nullopt;
  if (!link)
    return make_error(ec::bad_reply, "the reply has no download URL; "
                                     "does the profile fit this "
                                     "API?");
  return *link;
}

/// How long a run that started at `started_at_ms` had been running when the
/// reply was sent, if the API states both times.
std::optional<std::chrono::milliseconds>
running_for(std::optional<int64_t> started_at_ms, const http_reply& reply) {
  auto date = reply.header("date");
  auto left = date ? read_http_date(*date, sent_at(reply)) : std::nullopt;
  if (!started_at_ms || !left || *started_at_ms / 1000 > *left)
    return std::nullopt;
  return std::chrono::milliseconds{*left * 1000 - *started_at_ms};
}

constexpr int no_content = 204;

/// Overwrites the secrets in a page that is kept in a file, except in its
/// captures, which are delivered unchanged.
void hide_secrets(std::string& body, const capture_list& captures) {
  auto begin = captures.empty() ? body.size() : captures[0].span.begin;
  auto end = captures.empty() ? begin : captures[captures.size() - 1].span.end;
  overwrite_secrets(body.data(), begin);
  overwrite_secrets(body.data() + end, body.size() - end);
}

} // namespace

struct api_client::impl {
  explicit impl(api_options given)
      : options{std::move(given)},
        base{origin_of(options.profile->base)},
        splitter{options.profile->results},
        transport{{.timeout = options.timeout,
                   .max_body = options.max_body,
                   .proxy = options.proxy,
                   .ca_file = options.ca_file}} {}

  [[nodiscard]] const api_profile& profile() const { return *options.profile; }

  caf::error load_key();
  caf::expected<http_reply> get(const std::string& url);
  [[nodiscard]] read_verdict
  judge(const std::string& url, const http_reply& reply) const;
  /// Gets `url` and judges the reply. A good reply that `read` cannot read is
  /// unreadable.
  read_verdict ask(const caf::expected<std::string>& url,
                   const std::function<caf::error(http_reply&)>& read);

  api_options options;
  std::optional<http_origin> base;
  page_splitter splitter;
  http_transport transport;
  std::string key; ///< set at the first use
};

caf::error api_client::impl::load_key() {
  if (profile().auth.in == auth_scheme::place::none || !key.empty())
    return {};
  auto found = options.key();
  if (!found)
    return found.error();
  if (found->empty())
    return make_error(ec::usage, "the API key is empty; set api.key");
  key = std::move(*found);
  keep_secret(key, secret_of::api);
  return {};
}

/// Sends the key only to the API's own server.
caf::expected<http_reply> api_client::impl::get(const std::string& url) {
  http_request request;
  request.url = url;
  if (auto origin = origin_of(url); origin && origin == base) {
    if (auto err = load_key())
      return err;
    authorize(request, profile().auth, key);
  }
  return transport.exchange(request);
}

read_verdict
api_client::impl::judge(const std::string& url, const http_reply& reply) const {
  auto server = origin_of(url);
  return server && server != base
           ? judge_read_elsewhere(profile(), reply, *server)
           : judge_read(profile(), reply);
}

read_verdict
api_client::impl::ask(const caf::expected<std::string>& url,
                      const std::function<caf::error(http_reply&)>& read) {
  auto reply = url ? get(*url) : caf::expected<http_reply>{url.error()};
  if (!reply)
    return cannot_ask(reply.error());
  auto verdict = judge(*url, *reply);
  if (verdict.outcome != read_outcome::ok)
    return verdict;
  if (auto err = read(*reply)) {
    verdict.outcome = read_outcome::unreadable;
    verdict.message = what_of(err);
  }
  return verdict;
}

api_client::api_client(api_options options)
    : impl_{std::make_unique<impl>(std::move(options))} {}

api_client::~api_client() = default;

submit_reply api_client::submit(const submit_order& order) {
  if (auto err = impl_->load_key())
    return cannot_submit(err);
  auto request = submit_request(impl_->profile(), order, impl_->key);
  if (!request)
    return cannot_submit(request.error());
  if (order.ticket && hash_of(*request) != order.ticket->hash)
    return changed_request();
  crash_point(crash_at::submit_intended);
  auto reply = impl_->transport.exchange(*request);
  crash_point(crash_at::submit_answered);
  return {judge_submit(impl_->profile(), reply)};
}

status_reply api_client::status(const run_ref& run) {
  const auto& profile = impl_->profile();
  status_reply result;
  auto url = expand_url(profile.base, profile.status.path, profile.status.query,
                        values_of(run));
  result.verdict = impl_->ask(url, [&](http_reply& reply) {
    auto err =
      put_into(result.run, read_run_status(profile.status, reply.body));
    result.run.running_for = running_for(result.run.started_at_ms, reply);
    return err;
  });
  crash_point(crash_at::poll_answered);
  return result;
}

run_list_reply api_client::runs(const run_list_order& order) {
  const auto& profile = impl_->profile();
  assert(profile.find);
  run_list_reply result;
  template_values values;
  values.text["robot"] = order.robot;
  auto url = expand_url(profile.base, profile.find->path, {}, values);
  result.verdict = impl_->ask(url, [&](http_reply& reply) {
    return put_into(result.runs, read_listed_runs(*profile.find, reply.body));
  });
  return result;
}

page_reply api_client::page(const page_order& order) {
  const auto& profile = impl_->profile();
  page_reply result;
  auto url = page_url(profile, values_of(order.run), order.cursor);
  result.verdict = impl_->ask(url, [&](http_reply& reply) -> caf::error {
    auto page = reply.status == no_content
                  ? caf::expected<split_page>{split_page{}}
                  : impl_->splitter.split(reply.body);
    if (!page) {
      result.captures = impl_->splitter.salvage(reply.body);
      hide_secrets(reply.body, result.captures);
      result.body = std::make_shared<const std::string>(std::move(reply.body));
      return page.error();
    }
    auto next = next_page(profile, order.cursor, *url, *page, reply);
    result.next = std::move(next.cursor);
    result.next_is_zero = next.is_zero;
    result.dead_end = std::move(next.dead_end);
    result.captures = std::move(page->captures);
    result.body = std::make_shared<const std::string>(std::move(reply.body));
    return {};
  });
  if (is_past_the_end(profile.results.page, order.cursor, result.verdict)) {
    result.verdict.outcome = read_outcome::ok;
    result.body = std::make_shared<const std::string>();
  }
  crash_point(crash_at::page_fetched);
  return result;
}

link_reply api_client::link(const link_order& order) {
  const auto& profile = impl_->profile();
  assert(profile.download);
  link_reply result;
  auto url =
    expand_url(profile.base, profile.download->path, {}, values_of(order.run));
  result.verdict = impl_->ask(url, [&](http_reply& reply) {
    return put_into(result.link.url,
                    read_link(*profile.download, *url, reply.body));
  });
  return result;
}

read_verdict api_client::probe() {
  auto reply = impl_->get(impl_->profile().base);
  if (!reply)
    return cannot_ask(reply.error());
  auto verdict = judge_read(impl_->profile(), *reply);
  if (reply->outcome == transport_outcome::complete && verdict.status < 500) {
    verdict.outcome = read_outcome::ok;
    verdict.message.clear();
  }
  return verdict;
}

void api_client::stop() {
  impl_->transport.stop();
}

} // namespace sluice
