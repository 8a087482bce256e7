// The secrets that this process knows, and the one way to keep them out of
// sight. Whatever learns of a secret tells it here; text is masked where it
// leaves: `printable`, `make_error`, `log_event` and the findings on a config
// do that, so nobody else has to. What is sent, delivered or kept as data is
// never masked.
//
// The process knows 1,000 secrets at most, far more than any config has; those
// that come after are not kept. So a source of secrets without end takes no
// memory without end.
//
// Thread-safe.

#pragma once

#include <caf/expected.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// Who else knows a secret: only the API can put its key into the id of a run.
enum class secret_of { api, others };

/// From now on `text` is masked, for as long as the process lives; of
/// `user:password` the password alone, too.
void keep_secret(std::string_view text, secret_of whose = secret_of::others);

/// The same, unless `text` has fewer than 8 bytes: then it is more likely an
/// ordinary word.
void keep_likely_secret(std::string_view text);

/// Keeps what may be secret in an address: its user info, the values in its
/// query, and long parts of its path.
void keep_address(std::string_view url);

/// Keeps the value of a request's header whose name says that it is secret.
void keep_header(std::string_view name, std::string_view value);

/// `text` with `***` in place of every secret (core/base/secret_matcher.hpp).
/// What is behind its first `enough` bytes may be missing.
[[nodiscard]] std::string
mask_secrets(std::string_view text, size_t enough = std::string_view::npos);

/// Puts asterisks over every secret, byte for byte.
void overwrite_secrets(char* text, size_t size);

/// Whether `text` holds a key of the API, of 8 bytes or more.
[[nodiscard]] bool holds_key(std::string_view text);

/// A secret that is resolved at first use, so that what sends nothing needs
/// none. Whoever resolves it makes it known here.
class secret {
public:
  using source = std::function<caf::expected<std::string>()>;

  secret() = default;

  template <std::convertible_to<source> F>
  requires(!std::same_as<std::remove_cvref_t<F>, secret>) secret(F&& resolve)
      : resolve_{std::forward<F>(resolve)} {}

  [[nodiscard]] caf::expected<std::string> operator()() const;

private:
  source resolve_; ///< thread-safe
};

} // namespace sluice
