#include "tests/support/fake_ledger.hpp"

#include <utility>

namespace sluice::test {

void fake_ledger::plan(batch_key key, const std::vector<std::string>& urls) {
  content.put(key, urls);
}

void fake_ledger::plan_singles(batch_key count) {
  for (batch_key key = 1; key <= count; ++key)
    plan(key, {"u" + std::to_string(key)});
}

void fake_ledger::end(batch_key key, const std::vector<std::string>& urls) {
  auto& start = starts[key];
  auto& run = content.put(key, urls, batch_state::ended);
  run.run_id = "run_" + std::to_string(key);
  run.paging = start.state;
  run.seen = start.seen;
}

void fake_ledger::interrupt(const std::map<batch_key, submit_ticket>& tickets) {
  for (auto& [key, ticket] : tickets)
    static_cast<void>(content.begin_submit(key, {}, ticket));
  static_cast<void>(content.hold_interrupted(true));
}

caf::expected<batch_offer> fake_ledger::next() {
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

caf::error fake_ledger::begin(const submit_intent& intent) {
  lease claim{"worker", 0, 0};
  return intent.again
           ? content.repeat_submit(intent.batch, claim)
           : content.begin_submit(intent.batch, claim, intent.ticket);
}

caf::error fake_ledger::settle(const submit_outcome& outcome) {
  return content.settle(outcome.batch, outcome.what, outcome.text, 1);
}

void fake_ledger::meet_run(batch_key key) {
  if (content.find(key) == nullptr)
    content.put(key, {"u"}, batch_state::running).run_id =
      "run_" + std::to_string(key);
}

batch_decisions fake_ledger::adopt(const run_found& run) {
  found.push_back(run);
  batch_decisions decisions;
  if (lost_runs.count(run.run_id) > 0)
    return decisions;
  decisions.changed = true;
  decisions.held = held_submits.size() - found.size();
  decisions.adopted.push_back({run.batch, run_ref{run.run_id, {}}, 1, 1'234});
  return decisions;
}

namespace {

/// Answers now or, while the ledger is silent, later.
template <class T, class Self>
caf::typed_response_promise<T>
answer_with(Self* self, fake_ledger& store, caf::expected<T> result) {
  auto promise = self->template make_response_promise<T>();
  auto deliver = [promise, out = std::move(result)]() mutable {
    if (out)
      promise.deliver(std::move(*out));
    else
      promise.deliver(std::move(out.error()));
  };
  if (store.silent)
    store.held.add(self->address(), std::move(deliver));
  else
    deliver();
  return promise;
}

/// Journals `what key`, makes the change unless it is to fail, then answers,
/// now or later.
template <class T, class Self>
caf::typed_response_promise<T>
reply(Self* self, fake_ledger& store, const std::string& what, batch_key key,
      const std::function<caf::expected<T>()>& change) {
  auto failure = store.failing.find(what);
  auto result = failure == store.failing.end()
                  ? change()
                  : caf::expected<T>{failure->second};
  store.log->add(what + " " + std::to_string(key));
  return answer_with(self, store, std::move(result));
}

template <class Self>
caf::typed_response_promise<atoms::ok_atom>
reply_ok(Self* self, fake_ledger& store, const std::string& what, batch_key key,
         const std::function<caf::error()>& change) {
  return reply<atoms::ok_atom>(self, store, what, key,
                               [&]() -> caf::expected<atoms::ok_atom> {
                                 if (auto err = change())
                                   return err;
                                 return atoms::ok_atom::value;
                               });
}

} // namespace

holding<ledger_keeper_actor>::behavior_type
fake_keeper(holding<ledger_keeper_actor>::pointer self, fake_ledger_ptr store) {
  return {
    [=](atoms::next_atom) {
      auto offer = store->next();
      auto key = offer && offer->batch ? offer->batch->key : 0;
      return reply<batch_offer>(self, *store, "next", key,
                                [&] { return std::move(offer); });
    },
    [=](const submit_intent& intent) {
      store->intents.push_back(intent);
      return reply_ok(self, *store, intent.again ? "repeat" : "begin",
                      intent.batch, [&] { return store->begin(intent); });
    },
    [=](const submit_outcome& outcome) {
      store->outcomes.push_back(outcome);
      return reply_ok(self, *store, std::string{name_of(outcome.what)},
                      outcome.batch, [&] { return store->settle(outcome); });
    },
    [=](const record_end& run) {
      store->meet_run(run.batch);
      store->ended.push_back(run);
      return reply_ok(self, *store, "ended", run.batch, [&] {
        return store->content.record_end(run.batch, run.end, run.saved);
      });
    },
    [=](const run_given_up& run) {
      store->meet_run(run.batch);
      store->given_up.push_back(run);
      return reply_ok(self, *store, "given-up", run.batch, [&] {
        return store->content.give_up(run.batch, run.reason);
      });
    },
    [=](const run_set_aside& run) {
      store->meet_run(run.batch);
      store->set_aside.push_back(run);
      return reply_ok(self, *store, "set-aside", run.batch, [&] {
        return store->content.set_aside(run.batch, run.reason);
      });
    },
    [=](atoms::start_atom, batch_key key) {
      return reply<paging_start>(self, *store, "start", key, [&] {
        return store->content.start_paging(key);
      });
    },
    [=](atoms::decisions_atom) {
      return answer_with<batch_decisions>(self, *store, batch_decisions{});
    },
    [=](atoms::held_atom) {
      return answer_with<held_submits>(self, *store, store->held_submits);
    },
    [=](const std::vector<listed_run>& runs) {
      std::vector<listed_run> unknown;
      for (auto& run : runs)
        if (store->known_runs.count(run.id) == 0)
          unknown.push_back(run);
      return answer_with<std::vector<listed_run>>(self, *store,
                                                  std::move(unknown));
    },
    [=](const run_found& found) {
      return answer_with<batch_decisions>(self, *store, store->adopt(found));
    },
    [=](const unreadable_reply& unread) {
      store->kept[unread.batch] = *unread.body;
      return reply<kept_reply>(self, *store, "keep", unread.batch,
                               [] { return kept_reply{"kept"}; });
    },
    [=](const runs_to_read& wanted) {
      batch_decisions decisions;
      decisions.changed = true;
      for (auto batch : wanted.batches) {
        store->read_again.push_back(batch);
        decisions.adopted.push_back({batch, run_ref{"again", {}}, 1, 1'234});
      }
      return answer_with<batch_decisions>(self, *store, std::move(decisions));
    },
    [=](const checkpoint_ptr& point) {
      store->checkpoints.push_back(*point);
      return reply_ok(self, *store, "commit",
                      static_cast<batch_key>(point->delivery),
                      [&] { return store->content.commit(*point); });
    },
    carry_out,
  };
}

url_reader_actor::behavior_type
fake_reader(url_reader_actor::pointer self, ledger_keeper_actor keeper) {
  return {
    [=](atoms::next_atom next) { return self->delegate(keeper, next); },
  };
}

} // namespace sluice::test
