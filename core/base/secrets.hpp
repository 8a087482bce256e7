// The secrets that this process knows, and the one way to keep them out of
// sight. Code that learns of a secret registers it here. Text is masked where
// it leaves the program: `printable`, `make_error`, `log_event` and the
// findings on a config do that, so no other code has to. Data that is sent,
// delivered or stored is never masked.
//
// At most 1,000 secrets are kept, far more than any config has; later ones are
// ignored. This bounds the memory that an endless source of secrets can take.
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

/// Who else knows a secret. Only the API could put its key into a run id.
enum class secret_of { api, others };

/// Masks `text` from now on, for the life of the process. If it has the form
/// `user:password`, also masks the password alone.
void keep_secret(std::string_view text, secret_of whose = secret_of::others);

/// Like `keep_secret`, but ignores a text of fewer than 8 bytes, which is more
/// likely an ordinary word.
void keep_likely_secret(std::string_view text);

/// Registers the parts of a URL that may be secret: its user info, the values
/// in its query, and long path segments.
void keep_address(std::string_view url);

/// Registers the value of a request header if its name suggests a secret.
void keep_header(std::string_view name, std::string_view value);

/// Replaces every secret in `text` with `***` (core/base/secret_matcher.hpp).
/// The result may stop after its first `enough` bytes.
[[nodiscard]] std::string
mask_secrets(std::string_view text, size_t enough = std::string_view::npos);

/// Overwrites every secret with asterisks, byte for byte.
void overwrite_secrets(char* text, size_t size);

/// True if `text` contains an API key of 8 bytes or more.
[[nodiscard]] bool holds_key(std::string_view text);

/// A secret that is resolved at first use, so that commands that send nothing
/// do not need it. Resolving it registers it for masking.
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
