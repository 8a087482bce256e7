#include "core/http/tls_context.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a ca_file without a complete certificate is refused with advice") {
  temp_folder folder;
  auto file = folder / "ca.pem";
  auto pem = new_authority().pem();
  auto damaged = pem;
  damaged[damaged.size() / 2] = '!';
  struct row {
    std::string content, message;
  };
  for (const auto& [content, message] :
       {row{"", "is empty"}, row{new_authority().der(), "in DER format"},
        row{"no certificate", "holds no certificate"},
        row{std::string(1000, '\0'), "holds no certificate"},
        row{pem.substr(0, pem.size() / 2), "damaged certificate, number 1"},
        row{pem + damaged, "damaged certificate, number 2"}}) {
    fill(file, content);
    auto err = check_ca_file(file.string());
    CHECK(code_of(err) == ec::usage);
    CHECK_THAT(what_of(err), Catch::StartsWith("api.ca_file: "));
    CHECK_THAT(what_of(err), Catch::Contains(message));
    CHECK_FALSE(tls_context::shared(file.string()));
  }
  CHECK(code_of(check_ca_file(folder.path().string())) == ec::usage);
  CHECK(code_of(check_ca_file((folder / "absent").string())) == ec::usage);
}

TEST_CASE("a ca_file may contain several authorities with text between them") {
  temp_folder folder;
  auto file = folder / "ca.pem";
  fill(file, "# ours\n" + new_authority().pem() + "# theirs\n"
               + new_authority().pem());
  CHECK_FALSE(check_ca_file(file.string()));
}

TEST_CASE("authorities are loaded once for all users") {
  temp_folder folder;
  auto file = (folder / "ca.pem").string();
  fill(file, new_authority().pem());
  auto first = tls_context::shared(file);
  auto second = tls_context::shared(file);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first == *second);
  auto system = tls_context::shared("");
  REQUIRE(system);
  CHECK(*system != *first);
}
