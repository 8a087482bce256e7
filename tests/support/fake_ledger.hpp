// The ledger in memory: hands out planned batches, writes every transaction to
// a journal, and fails or stays silent when told.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/batch.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::test {

struct fake_ledger {
  std::deque<url_batch> planned;
  size_t allowed = SIZE_MAX;              ///< how many of these are handed out
  std::string limit;                      ///< why no more are handed out
  std::map<batch_key, url_batch> batches; ///< all batches ever planned
  std::map<batch_key, paging_start> starts;
  std::vector<checkpoint> cuts;
  std::vector<run_ended> ended;
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

  void plan(batch_key key, std::vector<std::string> urls) {
    url_batch batch;
    batch.key = key;
    batch.robot = "robot";
    batch.urls = std::move(urls);
    planned.push_back(batch);
    batches[key] = std::move(batch);
  }

  /// Plans batches 1 to `count` of one URL each, "u1" to "u<count>".
  void plan_singles(batch_key count) {
    for (batch_key key = 1; key <= count; ++key)
      plan(key, {"u" + std::to_string(key)});
  }

  /// Answers the `count` oldest requests held back.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }

  void split(batch_key key) {
    auto& whole = batches.at(key).urls;
    std::vector<std::string> urls{whole.begin(), whole.end()};
    auto middle = urls.begin() + static_cast<std::ptrdiff_t>(urls.size() / 2);
    plan(key * 10 + 1, {urls.begin(), middle});
    plan(key * 10 + 2, {middle, urls.end()});
  }

  std::string settle(const submit_outcome& outcome) {
    outcomes.push_back(outcome);
    switch (outcome.what) {
      case submit_outcome::kind::accepted:
        return "accepted";
      case submit_outcome::kind::replanned:
        planned.push_back(batches.at(outcome.batch));
        return "replanned";
      case submit_outcome::kind::all_replanned:
        for (auto& other : outcomes)
          if (other.what == submit_outcome::kind::rejected)
            planned.push_back(batches.at(other.batch));
        planned.push_back(batches.at(outcome.batch));
        return "all-replanned";
      case submit_outcome::kind::held:
        return "held";
      case submit_outcome::kind::split:
        split(outcome.batch);
        return "split";
      case submit_outcome::kind::rejected:
        return "rejected";
    }
    return "?";
  }

  /// Journals `what key`, then answers now or later.
  template <class T, class Self>
  caf::typed_response_promise<T>
  reply(Self* self, const std::string& what, batch_key key, T value) {
    log->add(what + " " + std::to_string(key));
    auto promise = self->template make_response_promise<T>();
    auto failure = failing.find(what);
    auto deliver =
      [=, err = failure == failing.end() ? caf::error{} : failure->second,
       out = std::move(value)]() mutable {
        if (err)
          promise.deliver(std::move(err));
        else
          promise.deliver(std::move(out));
      };
    if (silent)
      held.add(self->address(), std::move(deliver));
    else
      deliver();
    return promise;
  }
};

using fake_ledger_ptr = std::shared_ptr<fake_ledger>;

inline holding<ledger_keeper_actor>::behavior_type
fake_keeper(holding<ledger_keeper_actor>::pointer self, fake_ledger_ptr store) {
  constexpr auto ok = atoms::ok_atom::value;
  return {
    [=](atoms::next_atom) {
      batch_offer offer;
      if (!store->planned.empty() && store->allowed == 0) {
        offer.limit = store->limit;
      } else if (!store->planned.empty()) {
        --store->allowed;
        offer.batch = std::move(store->planned.front());
        store->planned.pop_front();
        offer.left = store->planned.size();
      }
      auto key = offer.batch ? offer.batch->key : 0;
      return store->reply(self, "next", key, std::move(offer));
    },
    [=](const submit_intent& intent) {
      store->intents.push_back(intent);
      return store->reply(self, intent.again ? "repeat" : "begin", intent.batch,
                          ok);
    },
    [=](const submit_outcome& outcome) {
      return store->reply(self, store->settle(outcome), outcome.batch, ok);
    },
    [=](const run_ended& run) {
      store->ended.push_back(run);
      return store->reply(self, "ended", run.batch, ok);
    },
    [=](const run_given_up& run) {
      store->given_up.push_back(run);
      return store->reply(self, "given-up", run.batch, ok);
    },
    [=](const run_set_aside& run) {
      store->set_aside.push_back(run);
      return store->reply(self, "set-aside", run.batch, ok);
    },
    [=](atoms::start_atom, batch_key key) {
      return store->reply(self, "start", key, store->starts[key]);
    },
    [](atoms::look_atom) { return batch_decisions{}; },
    [=](atoms::held_atom) { return store->held_submits; },
    [=](const std::vector<listed_run>& runs) {
      std::vector<listed_run> unknown;
      for (auto& run : runs)
        if (store->known_runs.count(run.id) == 0)
          unknown.push_back(run);
      return unknown;
    },
    [=](const run_found& found) {
      store->found.push_back(found);
      batch_decisions decisions;
      if (store->lost_runs.count(found.run_id) > 0)
        return decisions;
      decisions.changed = true;
      decisions.held = store->held_submits.size() - store->found.size();
      decisions.adopted.push_back(
        {found.batch, run_ref{found.run_id, {}}, 1, 1'234});
      return decisions;
    },
    [=](const unreadable_reply& reply) {
      store->kept[reply.batch] = *reply.body;
      return store->reply(self, "keep", reply.batch, kept_reply{"kept"});
    },
    [=](const runs_to_read& wanted) {
      batch_decisions decisions;
      decisions.changed = true;
      for (auto batch : wanted.batches) {
        store->read_again.push_back(batch);
        decisions.adopted.push_back({batch, run_ref{"again", {}}, 1, 1'234});
      }
      return decisions;
    },
    [=](const checkpoint_ptr& cut) {
      store->cuts.push_back(*cut);
      return store->reply(self, "commit", static_cast<batch_key>(cut->delivery),
                          ok);
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
