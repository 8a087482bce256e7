#include "bench/torture/checks.hpp"

#include "tests/support/job_fixture.hpp"

#include <zstd.h>

#include <memory>
#include <optional>

namespace sluice::torture {

namespace {

using counts_by_id = std::unordered_map<std::string, uint64_t>;

void check_submits(report& out, const job& subject, const truth& known) {
  out.check("URLs paid for twice",
            known.bought_twice(1 + subject.retry_missing()), 0);
  out.check("URLs that the API refused",
            known.account_of(subject.input()).at("rejected"),
            subject.input().refused);
  if (subject.retry_missing() > 0)
    return;
  out.none("runs created twice",
           test::in_stats(subject.api(), "/runs_created_twice"));
  out.none("URLs in two runs",
           test::in_stats(subject.api(), "/urls_submitted_twice"));
}

/// All frames of a file, or nullopt if they are damaged.
std::optional<std::string> decompressed(const std::string& frames) {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{
    ZSTD_createDCtx(), ZSTD_freeDCtx};
  ZSTD_inBuffer in{frames.data(), frames.size(), 0};
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  std::string result;
  size_t wanted = 0;
  while (in.pos < in.size) {
    ZSTD_outBuffer to{piece.data(), piece.size(), 0};
    wanted = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(wanted) != 0)
      return std::nullopt;
    result.append(piece, 0, to.pos);
  }
  // Otherwise the last frame is incomplete.
  return wanted == 0 ? std::optional{result} : std::nullopt;
}

/// Counts captures and those that differ from the API's bytes.
class capture_count {
public:
  explicit capture_count(const truth& known) : known_{known} {}

  void add(std::string_view capture) {
    std::string id{capture_id(capture)};
    auto found = known_.captures().find(id);
    if (found == known_.captures().end() || found->second != capture)
      ++altered_;
    else if (++times_[id] == 2)
      ++repeated_;
  }

  [[nodiscard]] uint64_t lost() const {
    return known_.captures().size() - times_.size();
  }
  [[nodiscard]] uint64_t repeated() const { return repeated_; }
  [[nodiscard]] uint64_t altered() const { return altered_; }

private:
  const truth& known_;
  counts_by_id times_;
  uint64_t repeated_ = 0;
  uint64_t altered_ = 0;
};

void check_text(report& out, const std::string& name, std::string_view text,
                const truth& known) {
  capture_count count{known};
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    count.add(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.none("captures lost, " + name, count.lost());
  out.none("captures repeated, " + name, count.repeated());
  out.none("captures altered, " + name, count.altered());
}

void check_files(report& out, const job& subject, const truth& known) {
  auto plain = test::content_of(subject.plain_file());
  check_text(out, "file", plain, known);
  auto unpacked = decompressed(test::content_of(subject.zstd_file()));
  out.check("the zstd file's frames are complete", "", unpacked.has_value());
  if (unpacked)
    check_text(out, "zstd file", *unpacked, known);
  out.check("both files have the same captures in order", "",
            unpacked && *unpacked == plain);
}

void check_tables(report& out, const job& subject, const truth& known) {
  for (auto& [name, text] : subject.databases().captures())
    check_text(out, "table in " + name, text, known);
}

/// Adds the captures of a delivery, "[", captures separated by commas, "]".
void add_delivery(capture_count& count, std::string_view body,
                  const truth& known) {
  auto is_array = body.size() > 2 && body.front() == '[' && body.back() == ']';
  if (!is_array)
    return count.add(body);
  body = body.substr(1, body.size() - 2);
  for (;;) {
    auto found = known.captures().find(std::string{capture_id(body)});
    auto size =
      found == known.captures().end() ? body.size() : found->second.size();
    count.add(body.substr(0, size));
    if (size >= body.size())
      return;
    if (body[size] != ',')
      return count.add(body);
    body.remove_prefix(size + 1);
  }
}

void check_webhook(report& out, const job& subject, const truth& known) {
  capture_count acknowledged{known};
  capture_count all{known};
  uint64_t repeated = 0;
  for (auto& [key, sent] : subject.hook().deliveries()) {
    add_delivery(all, sent.body, known);
    if (sent.acknowledged)
      add_delivery(acknowledged, sent.body, known);
    repeated += sent.times - 1;
  }
  out.none("captures lost, webhook", acknowledged.lost());
  out.none("captures altered, webhook", all.altered());
  out.none("webhook bodies that changed under one key",
           subject.hook().changed_bodies());
  out.none("wrong webhook signatures", subject.hook().wrong_signatures());
  out.figure("webhook deliveries", subject.hook().deliveries().size());
  out.figure("webhook deliveries repeated", repeated);
  out.figure("captures under two webhook keys", all.repeated());
}

void check_numbers(report& out, const std::string& name,
                   const account_numbers& said, const account_numbers& known) {
  uint64_t wrong = 0;
  for (auto& [key, number] : known)
    wrong += said.at(key) == number ? 0 : 1;
  out.none("wrong numbers in " + name, wrong);
  for (auto& [key, number] : known)
    if (said.at(key) != number)
      out.detail(key + " is " + std::to_string(said.at(key)) + " instead of "
                 + std::to_string(number));
}

void check_account(report& out, const job& subject, const truth& known,
                   const std::string& account_text) {
  auto expected = known.account_of(subject.input());
  for (auto* name : {"total", "captured", "missing", "failed", "rejected",
                     "runs", "captures", "extra"})
    out.figure(name, expected.at(name));
  check_numbers(out, "the account's text", numbers_in(account_text), expected);
  auto status = read_status(subject);
  out.check("status --json can be read", "", status.has_value());
  if (!status)
    return;
  check_numbers(out, "status --json", status->numbers, expected);
  out.none("open runs", status->open_runs);
  out.check("the job is finished", "", status->finished);
}

} // namespace

void check_finished_job(report& out, const job& subject,
                        const std::string& account_text) {
  truth known{subject.api()};
  check_submits(out, subject, known);
  check_files(out, subject, known);
  check_tables(out, subject, known);
  check_webhook(out, subject, known);
  check_account(out, subject, known, account_text);
}

} // namespace sluice::torture
