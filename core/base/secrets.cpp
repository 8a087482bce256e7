#include "core/base/secrets.hpp"

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"
#include "core/base/secret_matcher.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace sluice {

namespace {

constexpr size_t shortest_likely = 8;
constexpr size_t shortest_path_part = 16;
/// Each secret slows down the masking of every text, and adding one copies them
/// all.
constexpr size_t most_secrets = 1000;

/// Readers share an immutable matcher; a new secret replaces it.
class secret_register {
public:
  [[nodiscard]] std::shared_ptr<const secret_matcher> matcher() const {
    std::lock_guard guard{mutex_};
    return matcher_;
  }

  void add(std::string_view text, bool is_key) {
    std::lock_guard guard{mutex_};
    if (matcher_->size() >= most_secrets || matcher_->knows(text, is_key))
      return;
    auto next = std::make_shared<secret_matcher>(*matcher_);
    next->add(text, is_key);
    matcher_ = std::move(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const secret_matcher> matcher_ =
    std::make_shared<const secret_matcher>();
};

secret_register& all_secrets() {
  static secret_register instance;
  return instance;
}

/// Removes and returns the part of `rest` before the first separator.
std::string_view
take_part(std::string_view& rest, std::string_view separators) {
  auto part = rest.substr(0, rest.find_first_of(separators));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

/// Also handles text that is not an http URL, such as an invalid proxy.
std::string_view user_info_of(std::string_view url) {
  if (auto slashes = url.find("//"); slashes != std::string_view::npos)
    url.remove_prefix(slashes + 2);
  auto authority = url.substr(0, url.find_first_of("/?#"));
  auto sign = authority.rfind('@');
  return sign == std::string_view::npos ? std::string_view{}
                                        : authority.substr(0, sign);
}

/// Registers `value`; for `name=value`, only what follows the sign.
void keep_value(std::string_view value) {
  auto equals = value.find('=');
  auto has_name = equals != std::string_view::npos
                  && value.find_first_not_of('=', equals) < value.size();
  if (has_name)
    value.remove_prefix(equals + 1);
  keep_likely_secret(value);
}

/// The whole value of such a header is a secret, however short it is.
bool is_credential(std::string_view name) {
  constexpr std::array<std::string_view, 6> names{
    "authorization", "proxy-authorization", "cookie",
    "api-key",       "x-api-key",           "x-auth-token"};
  return std::find(names.begin(), names.end(), lower_case(name)) != names.end();
}

/// Names like X-Auth-Type state the kind of secret that another header holds.
bool names_a_kind(std::string_view lower_name) {
  constexpr std::array<std::string_view, 5> kinds{"type", "scheme", "method",
                                                  "algorithm", "version"};
  auto word = lower_name.substr(lower_name.find_last_of("-_") + 1);
  return std::find(kinds.begin(), kinds.end(), word) != kinds.end();
}

bool is_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 9> parts{
    "auth",   "token",      "key",     "secret", "pass",
    "cookie", "credential", "session", "sign"};
  auto lower = lower_case(name);
  return !names_a_kind(lower)
         && std::any_of(parts.begin(), parts.end(), [&](auto part) {
              return lower.find(part) != std::string::npos;
            });
}

} // namespace

void keep_secret(std::string_view text, secret_of whose) {
  auto is_key = whose == secret_of::api;
  all_secrets().add(text, is_key);
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return;
  auto password = text.substr(colon + 1);
  if (password.size() >= shortest_likely)
    all_secrets().add(password, is_key);
}

void keep_likely_secret(std::string_view text) {
  if (text.size() >= shortest_likely)
    keep_secret(text);
}

void keep_address(std::string_view url) {
  auto user = user_info_of(url);
  if (auto colon = user.find(':'); colon == std::string_view::npos) {
    keep_likely_secret(user); // a token, or just a name
  } else {
    keep_secret(user);
    keep_secret(user.substr(colon + 1));
  }
  auto parts = split_http_url(url);
  if (!parts)
    return;
  auto rest = parts->target.substr(0, parts->target.find('#'));
  auto path = take_part(rest, "?");
  while (!path.empty())
    if (auto part = take_part(path, "/"); part.size() >= shortest_path_part)
      keep_secret(part);
  while (!rest.empty())
    keep_value(take_part(rest, "&"));
}

void keep_header(std::string_view name, std::string_view value) {
  // A placeholder is not a secret.
  if (!is_secret_name(name) || value.find("${") != std::string_view::npos)
    return;
  constexpr std::string_view separators = " ;,";
  if (is_credential(name)
      && value.find_first_of(separators) == std::string_view::npos)
    keep_secret(value);
  auto is_basic = lower_case(value).starts_with("basic ");
  while (!value.empty()) {
    auto word = take_part(value, separators);
    keep_likely_secret(word);
    keep_value(word);
    if (is_basic)
      keep_secret(base64_decoded(word));
  }
}

std::string mask_secrets(std::string_view text, size_t enough) {
  return all_secrets().matcher()->mask(text, enough);
}

void overwrite_secrets(char* text, size_t size) {
  all_secrets().matcher()->overwrite(text, size);
}

bool holds_key(std::string_view text) {
  return all_secrets().matcher()->holds_key(text);
}

caf::expected<std::string> secret::operator()() const {
  auto text = resolve_();
  if (text)
    keep_secret(*text);
  return text;
}

} // namespace sluice
