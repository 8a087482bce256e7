// The ledger in memory: hands out planned batches, writes every transaction to
// a journal, and fails or stays silent when told to.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/batch.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

struct fake_ledger {
  memory_ledger content;
  size_t allowed = SIZE_MAX; ///< this many batches are handed out
  std::string limit;         ///< why no more are
  /// Where the reading of runs that an earlier process began stands.
  std::map<batch_key, paging_start> starts;
  std::vector<checkpoint> checkpoints;
  std::vector<record_end> ended;
  std::vector<run_given_up> given_up;
  std::vector<submit_intent> intents;
  std::vector<submit_outcome> outcomes;
  sluice::held_submits held_submits;
  std::set<std::string> known_runs;
  std::set<std::string> lost_runs; ///< found but no longer adoptable
  std::vector<run_found> found;
  std::map<batch_key, std::string> kept; ///< bodies of unreadable replies
  std::vector<batch_key> read_again;
  std::vector<run_set_aside> set_aside;
  journal_ptr log = std::make_shared<journal>();

  /// Transactions to fail, by the first word of their journal entry.
  std::map<std::string, caf::error> failing;
  /// While true, answers are held back until `answer`.
  bool silent = false;
  held_replies held;

  void plan(batch_key key, const std::vector<std::string>& urls) {
    content.put(key, urls);
  }

  /// Plans batches 1 to `count` of one URL each, "u1" to "u<count>".
  void plan_singles(batch_key count) {
    for (batch_key key = 1; key <= count; ++key)
      plan(key, {"u" + std::to_string(key)});
  }

  /// Batch `key` is a run of these URLs that is terminal, whatever it was.
  void end(batch_key key, const std::vector<std::string>& urls) {
    auto& start = starts[key];
    auto& run = content.put(key, urls, batch_state::ended);
    run.run_id = "run_" + std::to_string(key);
    run.paging = start.state;
    run.seen = start.seen;
  }

  /// Planned batches are in flight since an earlier start, with these tickets.
  void interrupt(const std::map<batch_key, submit_ticket>& tickets) {
    for (auto& [key, ticket] : tickets)
      static_cast<void>(content.begin_submit(key, {}, ticket));
    static_cast<void>(content.hold_interrupted(true));
  }

  /// Answers the `count` oldest of the requests held back.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }

  caf::expected<batch_offer> next() {
    batch_offer offer;
    auto left = content.planned_left();
    if (!left)
      return left.error();
    if (*left > 0 && allowed == 0) {
      offer.limit = limit;
      return offer;
    }
    auto batch = content.next_planned();
    if (!batch)
      return batch.error();
    offer.batch = std::move(*batch);
    if (offer.batch) {
      --allowed;
      offer.left = *left - 1;
    }
    return offer;
  }

  caf::error begin(const submit_intent& intent) {
    lease claim{"worker", 0, 0};
    return intent.again
             ? content.repeat_submit(intent.batch, claim)
             : content.begin_submit(intent.batch, claim, intent.ticket);
  }

  caf::error settle(const submit_outcome& outcome) {
    return content.settle(outcome.batch, outcome.what, outcome.text, 1);
  }

  /// A test of the poller alone has no batches: a run that it does not know is
  /// running.
  void meet_run(batch_key key) {
    if (content.find(key) == nullptr)
      content.put(key, {"u"}, batch_state::running).run_id =
        "run_" + std::to_string(key);
  }

  batch_decisions adopt(const run_found& run) {
    found.push_back(run);
    batch_decisions decisions;
    if (lost_runs.count(run.run_id) > 0)
      return decisions;
    decisions.changed = true;
    decisions.held = held_submits.size() - found.size();
    decisions.adopted.push_back({run.batch, run_ref{run.run_id, {}}, 1, 1'234});
    return decisions;
  }

  /// Journals `what key`, makes the change unless it is to fail, then answers,
  /// now or later.
  template <class T, class Self>
  caf::typed_response_promise<T>
  reply(Self* self, const std::string& what, batch_key key,
        const std::function<caf::expected<T>()>& change) {
    auto failure = failing.find(what);
    auto result =
      failure == failing.end() ? change() : caf::expected<T>{failure->second};
    log->add(what + " " + std::to_string(key));
    return answer_with(self, std::move(result));
  }

  /// Answers now or, while the ledger is silent, later.
  template <class T, class Self>
  caf::typed_response_promise<T>
  answer_with(Self* self, caf::expected<T> result) {
    auto promise = self->template make_response_promise<T>();
    auto deliver = [promise, out = std::move(result)]() mutable {
      if (out)
        promise.deliver(std::move(*out));
      else
        promise.deliver(std::move(out.error()));
    };
    if (silent)
      held.add(self->address(), std::move(deliver));
    else
      deliver();
    return promise;
  }

  template <class Self>
  caf::typed_response_promise<atoms::ok_atom>
  reply_ok(Self* self, const std::string& what, batch_key key,
           const std::function<caf::error()>& change) {
    return reply<atoms::ok_atom>(self, what, key,
                                 [&]() -> caf::expected<atoms::ok_atom> {
                                   if (auto err = change())
                                     return err;
                                   return atoms::ok_atom::value;
                                 });
  }
};

using fake_ledger_ptr = std::shared_ptr<fake_ledger>;

inline holding<ledger_keeper_actor>::behavior_type
fake_keeper(holding<ledger_keeper_actor>::pointer self, fake_ledger_ptr store) {
  return {
    [=](atoms::next_atom) {
      auto offer = store->next();
      auto key = offer && offer->batch ? offer->batch->key : 0;
      return store->reply<batch_offer>(self, "next", key,
                                       [&] { return std::move(offer); });
    },
    [=](const submit_intent& intent) {
      store->intents.push_back(intent);
      return store->reply_ok(self, intent.again ? "repeat" : "begin",
                             intent.batch,
                             [&] { return store->begin(intent); });
    },
    [=](const submit_outcome& outcome) {
      store->outcomes.push_back(outcome);
      return store->reply_ok(self, std::string{name_of(outcome.what)},
                             outcome.batch,
                             [&] { return store->settle(outcome); });
    },
    [=](const record_end& run) {
      store->meet_run(run.batch);
      store->ended.push_back(run);
      return store->reply_ok(self, "ended", run.batch, [&] {
        return store->content.record_end(run.batch, run.end, run.saved);
      });
    },
    [=](const run_given_up& run) {
      store->meet_run(run.batch);
      store->given_up.push_back(run);
      return store->reply_ok(self, "given-up", run.batch, [&] {
        return store->content.give_up(run.batch, run.reason);
      });
    },
    [=](const run_set_aside& run) {
      store->meet_run(run.batch);
      store->set_aside.push_back(run);
      return store->reply_ok(self, "set-aside", run.batch, [&] {
        return store->content.set_aside(run.batch, run.reason);
      });
    },
    [=](atoms::start_atom, batch_key key) {
      return store->reply<paging_start>(
        self, "start", key, [&] { return store->content.start_paging(key); });
    },
    [=](atoms::decisions_atom) {
      return store->answer_with<batch_decisions>(self, batch_decisions{});
    },
    [=](atoms::held_atom) {
      return store->answer_with<held_submits>(self, store->held_submits);
    },
    [=](const std::vector<listed_run>& runs) {
      std::vector<listed_run> unknown;
      for (auto& run : runs)
        if (store->known_runs.count(run.id) == 0)
          unknown.push_back(run);
      return store->answer_with<std::vector<listed_run>>(self,
                                                         std::move(unknown));
    },
    [=](const run_found& found) {
      return store->answer_with<batch_decisions>(self, store->adopt(found));
    },
    [=](const unreadable_reply& reply) {
      store->kept[reply.batch] = *reply.body;
      return store->reply<kept_reply>(self, "keep", reply.batch,
                                      [] { return kept_reply{"kept"}; });
    },
    [=](const runs_to_read& wanted) {
      batch_decisions decisions;
      decisions.changed = true;
      for (auto batch : wanted.batches) {
        store->read_again.push_back(batch);
        decisions.adopted.push_back({batch, run_ref{"again", {}}, 1, 1'234});
      }
      return store->answer_with<batch_decisions>(self, std::move(decisions));
    },
    [=](const checkpoint_ptr& point) {
      store->checkpoints.push_back(*point);
      return store->reply_ok(self, "commit",
                             static_cast<batch_key>(point->delivery),
                             [&] { return store->content.commit(*point); });
    },
    carry_out,
  };
}

/// The URL reader that the submitter uses to reach it.
inline url_reader_actor::behavior_type
fake_reader(url_reader_actor::pointer self, ledger_keeper_actor keeper) {
  return {
    [=](atoms::next_atom next) { return self->delegate(keeper, next); },
  };
}

} // namespace sluice::test
