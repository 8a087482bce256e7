// The sink `webhook`: posts captures to a URL, at least once. The receiver
// recognises a repeated delivery by its Idempotency-Key. Its position counts
// the delivered captures and records where the dead letter file ends, which
// follows the same checkpoints.

#include "actors/sinks/webhook.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/position.hpp"
#include "actors/sinks/webhook_delivery.hpp"
#include "actors/sinks/webhook_verdict.hpp"
#include "core/base/crash_point.hpp"
#include "core/base/digest.hpp"
#include "core/base/units.hpp"
#include "core/base/url.hpp"

namespace sluice {

namespace {

class webhook_sink final : public sink {
public:
  webhook_sink(sink_context context, webhook_options options,
               webhook_ports ports)
      : context_(std::move(context)),
        options_(std::move(options)),
        ports_(std::move(ports)),
        dead_letters_(context_, options_.dead_letter) {}

  caf::error open(const std::optional<sink_position>& committed) override {
    if (auto err = check_webhook_options(context_, options_))
      return err;
    title_ = "Webhook '" + printable(context_.name) + "' ("
             + printable(host_of(options_.url)) + ")";
    if (options_.key) {
      auto key = (*options_.key)();
      if (!key)
        return key.error();
      signing_key_ = std::move(*key);
    }
    auto numbers = position_numbers{};
    if (committed) {
      auto read = read_position(*committed, context_.name,
                                {"captures", dead_letters_entry});
      if (!read)
        return read.error();
      numbers = std::move(*read);
      delivered_ = numbers.at("captures");
    }
    return dead_letters_.open(numbers);
  }

  caf::error write(const capture_page& page) override {
    if (page_ != page.delivery) {
      auto slices =
        cut_page(page, options_.batch_captures, options_.batch_bytes);
      todo_.assign(slices.rbegin(), slices.rend());
      page_ = page.delivery;
    }
    while (!todo_.empty())
      if (auto err = deliver(page))
        return err;
    page_.reset();
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    position_numbers numbers{{"captures", delivered_}};
    if (auto err = dead_letters_.checkpoint(numbers))
      return err;
    return write_position(numbers);
  }

  caf::error close() override { return dead_letters_.close(); }

  uint64_t dead_letters() const override { return dead_letters_.written(); }

private:
  /// Sends the next slice and handles the reply.
  caf::error deliver(const capture_page& page) {
    auto slice = todo_.back();
    auto reply = ports_.exchange(request_for(delivery_body(page, slice)));
    auto verdict = judge_webhook(reply);
    crash_point(crash_at::webhook_answered);
    if (verdict.action != webhook_action::retry)
      down_since_.reset();
    switch (verdict.action) {
      case webhook_action::delivered:
        delivered_ += slice.size();
        todo_.pop_back();
        return {};
      case webhook_action::halve:
        if (slice.size() == 1)
          return refuse(page, reply.status, verdict.message);
        halve();
        return {};
      case webhook_action::retry:
        return wait(page, reply.status, verdict);
      case webhook_action::stop:
        break;
    }
    return make_error(ec::refused, title_ + " " + verdict.message + ". "
                                     + verdict.hint
                                     + " Then run the same command again.");
  }

  http_request request_for(std::string body) const {
    http_request request;
    request.method = "POST";
    request.url = options_.url;
    request.content_type = "application/json";
    request.headers.assign(options_.headers.begin(), options_.headers.end());
    constexpr std::string_view separator{"\0", 1};
    request.headers.emplace_back(
      "Idempotency-Key",
      sha256_hex({context_.job_id, separator, context_.name, separator, body}));
    if (signing_key_)
      request.headers.emplace_back(
        "X-Sluice-Signature", "sha256=" + hmac_sha256_hex(*signing_key_, body));
    request.body = std::move(body);
    return request;
  }

  void halve() {
    auto whole = todo_.back();
    auto middle = whole.begin + whole.size() / 2;
    todo_.back() = {middle, whole.end};
    todo_.push_back({whole.begin, middle});
  }

  /// Handles a refused slice of one capture: writes it to the dead letter file,
  /// or fails if there is no such file.
  caf::error
  refuse(const capture_page& page, int status, const std::string& message) {
    if (dead_letters_.has_file())
      return bury(page, status, message);
    auto run = page.run_id.empty() ? std::string{}
                                   : " of run '" + printable(page.run_id) + "'";
    return make_error(ec::refused,
                      title_ + " refuses a capture" + run + ": it " + message
                        + ". Set 'dead_letter' to put such captures aside, or "
                          "fix the receiver; then run the same command again.");
  }

  caf::error
  wait(const capture_page& page, int status, const webhook_verdict& verdict) {
    auto now = ports_.now();
    if (!down_since_)
      down_since_ = now;
    if (now - *down_since_ <= options_.max_down)
      return make_error(ec::unavailable, title_ + " " + verdict.message,
                        verdict.wait);
    if (options_.on_down == webhook_options::down_rule::dead_letter)
      return bury(page, status, verdict.message);
    return make_error(
      ec::stopped,
      title_ + " has been down for " + human_duration(now - *down_since_)
        + ", longer than max_down (" + duration_text(options_.max_down)
        + "): it " + verdict.message + "; repair it, then run again");
  }

  /// Writes the next slice to the dead letter file.
  caf::error
  bury(const capture_page& page, int status, const std::string& message) {
    auto slice = todo_.back();
    for (auto i = slice.begin; i < slice.end; ++i)
      if (auto err = dead_letters_.append(
            {page.bytes(page.captures[i]), status, message}))
        return err;
    todo_.pop_back();
    dead_letters_.report(ports_.now(), "it " + message);
    return {};
  }

  sink_context context_;
  webhook_options options_;
  webhook_ports ports_;
  std::string title_; ///< the start of its messages; has the host, not the URL
  std::optional<std::string> signing_key_;
  dead_letter_log dead_letters_;

  std::optional<uint64_t> page_; ///< delivery number of the current page
  std::vector<page_slice> todo_; ///< its unsent slices, the next one last
  std::optional<time_point> down_since_;
  uint64_t delivered_ = 0;
};

} // namespace

std::unique_ptr<sink> make_webhook_sink(const sink_context& context,
                                        webhook_options options,
                                        webhook_ports ports) {
  return std::make_unique<webhook_sink>(context, std::move(options),
                                        std::move(ports));
}

} // namespace sluice
