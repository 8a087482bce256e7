#include "core/base/base64.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/base/secret_matcher.hpp"
#include "tests/support/sanitizers.hpp"

#include <catch2/catch.hpp>

#include <cctype>
#include <ctime>
#include <functional>
#include <random>
#include <sstream>

using namespace sluice;

namespace {

constexpr auto whole = std::string_view::npos;
const std::string secret_key = "sk_live_Zq7/Secret+Key=99";

secret_matcher matcher_of(const std::vector<std::string>& secrets) {
  secret_matcher result;
  for (auto& text : secrets)
    result.add(text, true);
  return result;
}

std::string format(const char* pattern, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

using encoder = std::function<std::string(char)>;

encoder each_as(const char* pattern) {
  return [=](char c) { return format(pattern, static_cast<unsigned char>(c)); };
}

/// Encodes the first character with `first` and the others with `second`.
encoder both(const encoder& first, const encoder& second) {
  return [=](char c) {
    std::string result;
    for (auto each : first(c))
      result += second(each);
    return result;
  };
}

/// Keeps letters and digits unchanged.
encoder only_others(const encoder& encode) {
  return [=](char c) { return is_plain(c) ? std::string{c} : encode(c); };
}

std::string as_it_is(char c) {
  return {c};
}

std::string named(char c) {
  switch (c) {
    case '/':
      return "&sol;";
    case '+':
      return "&plus;";
    case '=':
      return "&equals;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '<':
      return "&lt;";
    default:
      return {c};
  }
}

const std::vector<encoder>& encoders() {
  static const std::vector<encoder> all{
    as_it_is,
    only_others([](char c) {
      return std::string{'\\', c};
    }),
    each_as("\\u%04x"),
    each_as("\\u%04X"),
    each_as("\\u{%x}"),
    each_as("\\U%08x"),
    each_as("\\x%02x"),
    each_as("\\%03o"),
    each_as("%%%02X"),
    each_as("%%%02x"),
    each_as("%%u%04x"),
    each_as("&#%u;"),
    each_as("&#x%x;"),
    each_as("&#X%02X;"),
    named,
    both(each_as("%%%02X"), only_others(each_as("%%%02X"))),
    both(each_as("%%%02x"), only_others(each_as("\\u%04x"))),
    both(each_as("\\u%04x"), only_others([](char c) {
           return std::string{'\\', c};
         })),
    both(each_as("&#%u;"), only_others(named)),
    only_others(both(each_as("%%%02X"), only_others(each_as("%%%02X")))),
  };
  return all;
}

std::string encoded(const std::string& text, const encoder& encode) {
  std::string result;
  for (auto c : text)
    result += encode(c);
  return result;
}

std::string hexadecimal(const std::string& text, const char* pattern) {
  return encoded(text, each_as(pattern));
}

} // namespace

TEST_CASE("a secret is found in every form in which text may contain it") {
  auto all = matcher_of({secret_key});
  for (size_t i = 0; i < encoders().size(); ++i) {
    auto quoted = encoded(secret_key, encoders()[i]);
    INFO(i << ": " << quoted);
    CHECK(all.mask("bad \"" + quoted + "\", sorry", whole)
          == "bad \"***\", sorry");
    // Words as they appear in JSON, addresses and paths.
    CHECK(all.mask("/x?k=" + quoted + "&a=1", whole) == "/x?k=***&a=1");
    CHECK(all.mask("line\\n" + quoted + "\\nnext", whole)
          == "line\\n***\\nnext");
  }
}

TEST_CASE("each character may be escaped in a different way") {
  std::mt19937 dice{7};
  auto roll = [&](size_t sides) { return dice() % sides; };
  for (int round = 0; round < 2'000; ++round) {
    std::string secret;
    for (auto size = 8 + roll(40); secret.size() < size;)
      if (auto c = static_cast<char>(' ' + roll(95));
          std::string_view{"\\%&"}.find(c) == std::string_view::npos)
        secret += c;
    std::string quoted;
    for (auto c : secret)
      quoted += encoders()[roll(encoders().size())](c);
    INFO("seed 7, round " << round << ": " << secret << " as " << quoted);
    CHECK(matcher_of({secret}).mask("<" + quoted + ">", whole) == "<***>");
  }
}

TEST_CASE("a secret may look escaped itself") {
  for (std::string secret :
       {"pass%2Fword%41", "C:\\new\\table", "a&amp;b&lt;c&d", "50%25 + more",
        "\\u0041BCDEFGH"})
    for (auto& encode : encoders()) {
      auto quoted = encoded(secret, encode);
      INFO(secret << " as " << quoted);
      CHECK(matcher_of({secret}).mask("(" + quoted + ")", whole) == "(***)");
    }
  auto all = matcher_of({"caf\u00e9-cr\u00e8me", "\U0001F511-key-\U0001F511"});
  CHECK(all.mask("(caf\\u00e9-cr\\u00e8me)", whole) == "(***)");
  CHECK(all.mask("(caf%C3%A9-cr%c3%a8me)", whole) == "(***)");
  CHECK(all.mask("(caf&#233;-cr&#xe8;me)", whole) == "(***)");
  CHECK(all.mask("(\\ud83d\\udd11-key-\\uD83D\\uDD11)", whole) == "(***)");
  CHECK(all.mask("(\\u{1f511}-key-&#128273;)", whole) == "(***)");
}

TEST_CASE("a space in a secret may appear as a plus sign and vice versa") {
  auto all = matcher_of({" correct horse+battery"});
  CHECK(all.mask("p=+correct+horse%2Bbattery;", whole) == "p=***;");
  CHECK(all.mask("p=%20correct+horse%2bbattery;", whole) == "p=***;");
}

TEST_CASE("a secret is found in base64 at any offset of the encoded text") {
  for (std::string secret :
       {secret_key, std::string{"12345678"},
        std::string{"\xff\xfe\xfd>>>???~~~\xfb\xef\xbe"}}) {
    auto all = matcher_of({secret});
    for (std::string user : {"", "a", "ab", "abc", "user:", "abcde:"})
      for (std::string more : {"", ":", "::", "and more"}) {
        auto code = base64(user + secret + more);
        auto unpadded = code.substr(0, code.find_last_not_of('=') + 1);
        auto url_code = unpadded;
        for (auto& c : url_code)
          c = c == '+' ? '-' : c == '/' ? '_' : c;
        for (auto& form : {code, unpadded, url_code}) {
          INFO(user << "|" << more << ": " << form);
          auto masked = all.mask("Basic " + form + " is bad", whole);
          CHECK_THAT(masked, Catch::EndsWith("*** is bad"));
          CHECK(masked.size() <= std::string{"Basic /*** is bad"}.size() + 8);
          for (size_t i = 0; i < encoders().size(); ++i) {
            auto quoted = encoded(form, encoders()[i]);
            CHECK_THAT(all.mask("\"" + quoted + "\"", whole),
                       Catch::EndsWith("***\""));
          }
        }
      }
  }
}

TEST_CASE("a secret is found in hexadecimal digits") {
  auto all = matcher_of({secret_key});
  CHECK(all.mask("=" + hexadecimal(secret_key, "%02x") + ".", whole)
        == "=***.");
  CHECK(all.mask("=" + hexadecimal(secret_key, "%02X") + ".", whole)
        == "=***.");
}

TEST_CASE("user info in addresses is hidden, even if it is unknown") {
  secret_matcher none;
  CHECK(none.mask("no http://me:pw@shop.example/x!", whole)
        == "no http://***@shop.example/x!");
  CHECK(none.mask(R"("https:\/\/t0ken@shop.example\/x")", whole)
        == R"("https:\/\/***@shop.example\/x")");
  CHECK(none.mask("u=ftp%3A%2F%2Fme%3Apw%40shop.example%2F", whole)
        == "u=ftp%3A%2F%2F***%40shop.example%2F");
  CHECK(none.mask("http://a@b:c@host", whole) == "http://***@host");
  for (std::string text :
       {"https://shop.example/@user", "https://shop.example?to=a@b.example",
        "see https://shop.example or write to a@b.example", "://", "x://@y",
        "[\"http://shop.example\",\"a@b.example\"]"})
    CHECK(none.mask(text, whole) == text);
}

TEST_CASE("a short secret is found only if it stands alone") {
  auto all = matcher_of({"pass", "zq7", "z"});
  CHECK(all.mask("pass (pass), k=pass&x, %20pass, pa%73s", whole)
        == "*** (***), k=***&x, %20***, ***");
  CHECK(all.mask("Basic cGFzczo=, cGFzcw==", whole) == "Basic ***=, ***==");
  for (std::string text : {"password bypass passes", "zq7 z"})
    CHECK(all.mask(text, whole) == text);
}

TEST_CASE("other text is unchanged") {
  auto all = matcher_of({secret_key, "pass", "correct horse battery staple",
                         "f3a1c09e7d5b4e2f", "hook-token-0001"});
  for (std::string text :
       {"", "a", "100% of \\ and & and %zz and &#; &#xzz; \\u12 \\",
        "HTTP 401: the key sk_live_Zq7 is not known",
        "sk_live_Zq7/Secret+Key=9", "k_live_Zq7/Secret+Key=99",
        "https://shop.example/p/1?a=%2F%20b&c=d%C3%A9",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "d41d8cd98f00b204e9800998ecf8427e", "correct horse and battery",
        "{\"message\":\"Caf\\u00e9 \\\"closed\\\"\\n\"}",
        "\xff\xfe\x00 \xc3"}) {
    CHECK(all.mask(text, whole) == text);
    CHECK_FALSE(all.holds_key(text));
  }
}

TEST_CASE("overlapping secrets leave no part of each other") {
  auto all = matcher_of({"abcdefghij", "fghijklmno", "user:abcdefghij"});
  CHECK(all.mask("-abcdefghijklmno-", whole) == "-***-");
  CHECK(all.mask("-abcdefghijabcdefghij-", whole) == "-******-");
  CHECK(all.mask("-user:abcdefghij-", whole) == "-***-");
}

TEST_CASE(
  "secrets are found across the boundaries between parts of a long text") {
  auto all = matcher_of({secret_key});
  auto quoted = encoded(secret_key, encoders()[2]);
  for (size_t offset = 16'000; offset < 16'500; offset += 7) {
    auto masked = all.mask(std::string(offset, '.') + quoted + "!", whole);
    CHECK(masked == std::string(offset, '.') + "***!");
  }
}

TEST_CASE(
  "a long secret with two levels of escapes is found across a boundary") {
  auto all = matcher_of({secret_key});
  for (auto* pattern : {"\\U%08x", "\\u%04x", "%%%02X"}) {
    auto quoted = encoded(secret_key, both(each_as(pattern), each_as(pattern)));
    for (size_t offset = 16'384 - quoted.size(); offset < 16'500;
         offset += quoted.size() / 20) {
      INFO(pattern << " at " << offset);
      auto masked = all.mask(std::string(offset, '.') + quoted + "!", whole);
      CHECK(masked == std::string(offset, '.') + "***!");
    }
  }
}

TEST_CASE("base64 that repeats a secret is masked once") {
  std::string text;
  while (text.size() < 100'000)
    text += base64(secret_key + "--");
  CHECK(matcher_of({secret_key}).mask("(" + text + ")", whole) == "(***)");
}

TEST_CASE("only as much text is read as is needed") {
  auto all = matcher_of({secret_key});
  auto masked = all.mask(secret_key + std::string(1 << 20, '.'), 100);
  CHECK_THAT(masked, Catch::StartsWith("***...."));
  CHECK(masked.size() > 100);
  CHECK(masked.size() < 100'000);
}

TEST_CASE("a secret is overwritten in bytes that are kept") {
  auto all = matcher_of({secret_key});
  std::string body = "{\"a\":\"" + encoded(secret_key, each_as("\\u%04x"))
                     + "\",\"b\":\"" + secret_key + "\"}";
  auto size = body.size();
  all.overwrite(body.data(), body.size());
  CHECK(body.size() == size);
  CHECK(body
        == "{\"a\":\"" + std::string(6 * secret_key.size(), '*') + "\",\"b\":\""
             + std::string(secret_key.size(), '*') + "\"}");
}

TEST_CASE("an id with a key in any form is found if the key is long enough") {
  secret_matcher all;
  all.add(secret_key, true);
  all.add("pass", true);
  all.add("hook-token-0001", false);
  CHECK(all.holds_key("run-" + secret_key));
  CHECK(all.holds_key("run-" + percent_encode(secret_key)));
  CHECK(all.holds_key(base64(secret_key + ":")));
  CHECK_FALSE(all.holds_key("run-pass"));
  CHECK_FALSE(all.holds_key("run-hook-token-0001"));
  CHECK_FALSE(all.holds_key("http://me:pw@shop.example"));
  all.add("hook-token-0001", true);
  CHECK(all.holds_key("run-hook-token-0001"));
}

TEST_CASE("masking one MiB is fast") {
  std::vector<std::string> secrets{secret_key};
  for (char c = 'a'; c < 'h'; ++c)
    secrets.push_back(std::string{"secret-"} + c + "-0123456789abcdef");
  auto all = matcher_of(secrets);
  auto repeated = [](const std::string& text) {
    std::string result;
    while (result.size() < (1 << 20))
      result += text;
    return result;
  };
  const auto most = test::is_sanitized ? 30 : 3;
  for (auto& text :
       {repeated("The quick brown fox jumps over the lazy dog, 42 times. "),
        repeated("{\"url\":\"https:\\/\\/shop.example\\/p%2F1?a=b&amp;c=d\"},"),
        repeated("secret-a-0123456789"), repeated("\\\\\\\\%25%25&amp;"),
        repeated("://"), repeated("secret-"),
        repeated(base64(secret_key + "--"))}) {
    auto begin = std::clock();
    CHECK_FALSE(all.mask(text, whole).empty());
    auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    INFO(text.substr(0, 60) << " took " << seconds << " s");
    CHECK(seconds < most);
  }
}
