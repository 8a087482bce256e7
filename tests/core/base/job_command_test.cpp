#include "core/base/job_command.hpp"
#include "core/base/secrets.hpp"
#include "tests/support/named_job.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using sluice::test::named_job;

TEST_CASE("a word is quoted for the shell only if necessary") {
  CHECK(shell_word("/jobs/shoes-2.yaml") == "/jobs/shoes-2.yaml");
  CHECK(shell_word("runs.max_concurrent=2") == "runs.max_concurrent=2");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("two words") == "'two words'");
  CHECK(shell_word("$(rm -rf ~)") == "'$(rm -rf ~)'");
  CHECK(shell_word("it's") == R"('it'\''s')");
  CHECK(shell_word("lists/*.txt") == "'lists/*.txt'");
  CHECK(shell_word("ligné") == "'ligné'");
}

TEST_CASE("bytes of a word that are unsafe for a terminal are escaped") {
  CHECK(shell_word("a\nb") == R"($'a\012b')");
  CHECK(shell_word("\x1b[31mé'\\") == R"($'\033[31mé\047\134')");
  CHECK(shell_word("\xff") == R"($'\377')");
}

TEST_CASE(
  "commands name the job by its absolute file name and every override") {
  CHECK(job_command("run") == "sluice run");
  named_job job{"/jobs/./a b.yaml", {"ledger=x.sluice", "sinks[0].path=y"}};
  CHECK(job_command("run")
        == "sluice run '/jobs/a b.yaml' --set ledger=x.sluice --set "
           "'sinks[0].path=y'");
  CHECK(job_command("status", "--list missing")
        == "sluice status '/jobs/a b.yaml' --set ledger=x.sluice --set "
           "'sinks[0].path=y' --list missing");
}

TEST_CASE("a secret in an override is masked, even inside quotes") {
  keep_secret("plan'ted-in-a-command");
  named_job job{"/j.yaml", {"api.proxy=http://me:plan'ted-in-a-command@p"}};
  CHECK(job_command("run")
        == "sluice run /j.yaml --set 'api.proxy=http://***@p'");
}
