#include "simulator/signed_url.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace std::chrono_literals;

namespace {

const chance signing_key{1}; ///< of the signatures

struct parts {
  std::string file, expires, signature;
};

/// Splits a signed URL into its parts.
parts split(const std::string& url) {
  auto query = url.find("?expires=");
  auto sign = url.find("&signature=");
  return {url.substr(0, query), url.substr(query + 9, sign - query - 9),
          url.substr(sign + 11)};
}

} // namespace

TEST_CASE("a signed URL gives access to its run's captures for ten minutes") {
  auto [file, expires, signature] = split(sign_file("run_1", 5s, signing_key));
  CHECK(file == "run_1.jsonl.lz4");
  CHECK(read_signed_file(file, expires, signature, 5s, signing_key) == "run_1");
  CHECK(read_signed_file(file, expires, signature, 605s, signing_key)
        == "run_1");
  CHECK_FALSE(read_signed_file(file, expires, signature, 606s, signing_key));
}

TEST_CASE("a signature is valid only for its file and time") {
  auto [file, expires, signature] = split(sign_file("run_1", 5s, signing_key));
  CHECK_FALSE(
    read_signed_file("run_2.jsonl.lz4", expires, signature, 5s, signing_key));
  CHECK_FALSE(
    read_signed_file(file, expires + '0', signature, 5s, signing_key));
  CHECK_FALSE(
    read_signed_file(file, expires, signature + '0', 5s, signing_key));
  CHECK_FALSE(read_signed_file(file, expires, "", 5s, signing_key));
  CHECK_FALSE(read_signed_file(file, "", signature, 5s, signing_key));
  CHECK_FALSE(read_signed_file("run_1", expires, signature, 5s, signing_key));
}
