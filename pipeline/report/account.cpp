#include "pipeline/report/account.hpp"

#include "core/base/job_command.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/account_row.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/rounds_text.hpp"
#include "pipeline/report/why_text.hpp"

#include <cmath>
#include <sstream>

namespace sluice {

namespace {

void row(std::ostringstream& out, std::string_view name, uint64_t number,
         std::string_view meaning) {
  out << account_row(name, number) << meaning << '\n';
}

/// A row that is left out if its number is 0.
void optional_row(std::ostringstream& out, std::string_view name,
                  uint64_t number, std::string_view meaning) {
  if (number > 0)
    row(out, name, number, meaning);
}

void states(std::ostringstream& out, const account& numbers) {
  out << "URLs\n";
  row(out, "captured", numbers.captured, "have at least one capture");
  row(out, "missing", numbers.missing, "their run completed without a capture");
  optional_row(out, "failed", numbers.failed,
               "their run failed, was stopped or vanished, or their batch was "
               "abandoned");
  optional_row(out, "rejected", numbers.rejected, "the API refuses them");
  optional_row(out, "held", numbers.held,
               "submitted, but it is unknown whether a run exists");
  optional_row(out, "set aside", numbers.set_aside,
               "paid for, but their captures cannot be read");
  optional_row(out, "pending", numbers.pending, "not done yet");
  optional_row(out, "invalid", numbers.invalid,
               "not an http or https URL; skipped");
  optional_row(out, "duplicate", numbers.duplicate,
               "listed before; submitted once");
  row(out, "total", numbers.total(), "input records");
}

std::string bought_text(const account_context& context) {
  if (!context.credits_bought)
    return "URLs of these runs";
  auto credits = static_cast<uint64_t>(std::ceil(*context.credits_bought));
  return "URLs of these runs, at most " + counted(credits, "credit");
}

void work(std::ostringstream& out, const account& numbers,
          const account_context& context) {
  auto& sent = numbers.requests;
  auto all = sent.submits + sent.polls + sent.pages;
  out << "Work\n";
  row(out, "runs", numbers.runs, "accepted by the API");
  optional_row(out, "bought", numbers.bought, bought_text(context));
  row(out, "captures", numbers.captures,
      context.unrecorded > 0 ? "at least, delivered to every sink"
                             : "delivered to every sink");
  optional_row(out, "extra", numbers.unmatched,
               "of those, for URLs that were not submitted");
  optional_row(out, "repeated", numbers.repeated, "received again and dropped");
  optional_row(out, "short", numbers.shortfall,
               "reported by runs, but never listed");
  optional_row(out, "dead letters", numbers.dead_letters,
               "refused by a sink and put aside");
  optional_row(out, "given up", context.given_up,
               "lost with sinks' files, counted per sink (`relocate --lost`)");
  row(out, "requests", all,
      counted(sent.submits, "submit") + ", " + counted(sent.polls, "poll")
        + ", " + counted(sent.pages, context.by_download ? "download" : "page")
        + "; " + human_count(sent.rate_limited) + " answered 429");
  row(out, "credits",
      static_cast<uint64_t>(std::llround(credits_of(numbers, context))),
      context.unit_is_url ? "estimated: one per captured URL"
                          : "estimated from the captures");
  if (context.credit_limit)
    row(out, "credit limit", context.credit_limit->most,
        "runs.max_credits; what was submitted costs at most "
          + human_count(
            static_cast<uint64_t>(std::ceil(context.credit_limit->committed))));
  out << "  time"
      << std::string(account_name_width + account_number_width - 4, ' ')
      << human_duration(numbers.elapsed) << '\n';
}

/// Prints one batch per line, without the padding of a table.
void list_batches(std::ostringstream& out, const char* title,
                  const std::vector<stuck_batch>& batches) {
  for (auto& batch : batches)
    out << "  " << title << ' ' << batch.key << " ("
        << counted(batch.urls, "URL") << "): " << printable(batch.reason)
        << '\n';
}

/// Each with its run; an abandoned batch may have none.
void list_failed(std::ostringstream& out,
                 const std::vector<stuck_batch>& batches) {
  for (auto& batch : batches)
    out << "  failed "
        << (batch.run_id.empty() ? "batch " + std::to_string(batch.key)
                                 : "run " + printable(batch.run_id))
        << " (" << counted(batch.urls, "URL")
        << "): " << printable(batch.reason) << '\n';
}

/// The command that submits the URLs in a state again.
std::string retry_command(const std::string& state) {
  return "`" + job_command("run", "--retry " + state) + "`";
}

/// The command that writes the URLs in a state to a file.
std::string list_command(const std::string& state) {
  return "`" + job_command("status", "--list " + state + " > " + state + ".txt")
         + "`";
}

bool has_used_up_credits(const account_context& context) {
  return context.credit_limit && !context.credit_limit->used_up.empty();
}

/// The limit that keeps URLs pending, as part of a sentence; empty if there is
/// none, or if something else ended the process.
std::string limit_of(const account_context& context) {
  auto ended_by_limit = code_of(context.ended_by) == ec::limited;
  if (has_used_up_credits(context) && (!context.ended_by || ended_by_limit))
    return context.credit_limit->used_up;
  return ended_by_limit ? what_of(context.ended_by) : std::string{};
}

std::string
limit_advice(const std::string& limit, const account_context& context) {
  return limit + ". To continue, run `" + job_command("run") + "` again, "
         + (has_used_up_credits(context)
              ? "with a larger runs.max_credits"
              : "with another --limit or without one")
         + "; nothing is paid for twice.";
}

std::string advice_for_pending(const account_context& context) {
  auto limit = limit_of(context);
  if (context.running_in)
    return "the job is running (process " + *context.running_in + ")"
           + (limit.empty() ? "" : ", and " + limit) + ".";
  if (!limit.empty())
    return limit_advice(limit, context);
  auto again = "run `" + job_command("run")
               + "` again to continue; nothing is paid for twice.";
  return (context.ended_by ? "fix what the last line reports, then " : "")
         + again;
}

std::string dead_letter_places(const account_context& context) {
  std::string places;
  for (auto& file : context.dead_letter_files)
    places += (places.empty() ? "" : " and ") + printable(file);
  return places.empty() ? "the sink's dead_letter file" : places;
}

/// Advice on URLs left over after a rehearsal, which leaves no job for a
/// command to act on.
void rehearsal_advice(std::ostringstream& lines, const account& numbers,
                      const account_context& context) {
  if (numbers.pending > 0)
    lines << "  pending: "
          << (limit_of(context).empty() ? "" : limit_of(context) + "; ")
          << "this was a rehearsal, and nothing is kept. To repeat it: " << '`'
          << job_command("run", "--simulate") << "`.\n";
  if (numbers.held + numbers.set_aside_runs + numbers.rejected + numbers.missing
        + numbers.failed
      > 0)
    lines << "  the rest: nothing was sent to the real API, so there is "
             "nothing to decide. A real job's account says here what to do.\n";
}

void job_advice(std::ostringstream& lines, const account& numbers,
                const account_context& context) {
  if (context.unrecorded > 0)
    lines << "  captures: " << human_count(context.unrecorded)
          << " more went to the sinks, some of which may have them. The next "
             "run delivers them again: a file is truncated first, a webhook "
             "gets them under the same Idempotency-Key.\n";
  if (numbers.pending > 0)
    lines << "  pending: " << advice_for_pending(context) << '\n';
  if (numbers.held > 0)
    lines << "  held: the API may or may not have created these runs, so they "
             "are never resubmitted automatically. Look for them in the API's "
             "dashboard, then decide: `"
          << job_command("resolve", "BATCH adopt RUN_ID")
          << "`, `… BATCH resubmit` or `… BATCH abandon`.\n";
  list_batches(lines, "held batch", context.held);
  if (numbers.set_aside_runs > 0)
    lines << "  set aside: the captures of these runs are paid for, but cannot "
             "be read from the API. When that has changed: `"
          << job_command("resolve", "BATCH read-again")
          << "`, then run again; nothing is delivered twice. To give them up: "
             "`… BATCH abandon`.\n";
  list_batches(lines, "set aside batch", context.set_aside);
  if (numbers.rejected > 0)
    lines << "  rejected: correct these URLs and run them as a separate job: "
          << list_command("rejected")
          << ". If the API accepts them now: " << retry_command("rejected")
          << ".\n";
  list_batches(lines, "rejected batch", context.rejected);
  if (numbers.missing > 0)
    lines << "  missing: the runs completed without a capture of these URLs; "
             "the pages may be gone or empty. To list them: "
          << list_command("missing")
          << ". To buy them again: " << retry_command("missing") << '.'
          << (numbers.unmatched > 0
                ? " A URL that redirects counts as missing, and its capture as "
                  "extra: it would be bought a second time."
                : "")
          << '\n';
  if (numbers.failed > 0)
    lines << "  failed: these URLs were submitted but have no capture: the API "
             "reports that their run failed or was stopped, or no longer knows "
             "the run, or you abandoned their batch. What such a run captured "
             "is delivered and paid for; only the API's dashboard shows what "
             "else it cost. To list them: "
          << list_command("failed")
          << ". To buy them again: " << retry_command("failed") << ".\n";
  list_failed(lines, context.failed);
  if (numbers.dead_letters > 0)
    lines << "  dead letters: see " << dead_letter_places(context)
          << "; each line says why.\n";
}

void advice(std::ostringstream& out, const account& numbers,
            const account_context& context) {
  std::ostringstream lines;
  if (context.rehearsed)
    rehearsal_advice(lines, numbers, context);
  else
    job_advice(lines, numbers, context);
  for (auto& record : context.invalid)
    lines << "  invalid: " << printable(record.source) << ':' << record.line
          << ": " << record.reason << ": " << printable(record.text, 80)
          << '\n';
  if (numbers.invalid > context.invalid.size() && !context.invalid.empty())
    lines << "  invalid: … and "
          << human_count(numbers.invalid - context.invalid.size()) << " more\n";
  if (auto text = lines.str(); !text.empty())
    out << "What to do\n" << text;
}

} // namespace

double credits_of(const account& numbers, const account_context& context) {
  auto units = context.unit_is_url ? numbers.captured : numbers.captures;
  return static_cast<double>(units) * context.credits_per_unit;
}

std::string
account_text(const account& numbers, const account_context& context) {
  std::ostringstream out;
  states(out, numbers);
  work(out, numbers, context);
  out << row_sinks_text(context.row_sinks);
  out << rounds_text(numbers.rounds);
  out << why_text(numbers.spent);
  advice(out, numbers, context);
  out << "Ledger: " << context.ledger_file << '\n';
  return out.str();
}

bool is_finished(const account& numbers) {
  return numbers.pending == 0 && numbers.open_runs == 0;
}

int exit_code_for(const account& numbers, const caf::error& reason) {
  if (reason)
    return exit_code_of(reason);
  if (!is_finished(numbers))
    return exit_code_of(make_error(ec::stopped, ""));
  auto incomplete = numbers.missing + numbers.rejected + numbers.failed
                    + numbers.held + numbers.set_aside_runs
                    + numbers.dead_letters;
  return incomplete > 0 ? 3 : 0;
}

} // namespace sluice
