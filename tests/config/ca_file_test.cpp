#include "tests/config/config_fixture.hpp"
#include "tests/support/certificates.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a bad ca_file is refused with the reason", "[config]") {
  config_fixture f;
  auto with_ca =
    "api: {key: k, ca_file: ca.pem}" + sound.substr(sound.find("\n"));
  auto pem = new_authority().pem();
  struct row {
    std::string content, message;
  };
  for (const auto& [content, message] :
       {row{"", "is empty: put the CA certificates"},
        row{new_authority().der(), "is in DER format, not PEM: convert it"},
        row{"x", "holds no certificate: write the path of a PEM file"},
        row{pem.substr(0, 200), "damaged certificate"}}) {
    fill(f.folder / "ca.pem", content);
    auto found = f.findings(with_ca);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::StartsWith("1:24: api.ca_file: "));
    CHECK_THAT(found[0], Catch::Contains(message));
  }
  fill(f.folder / "ca.pem", pem);
  CHECK(f.findings(with_ca).empty());
}
