#include "actors/url_reader.hpp"

namespace sluice {

url_reader_actor::behavior_type
url_reader(url_reader_actor::stateful_pointer<url_reader_state> self,
           const ledger_keeper_actor& ledger) {
  return {
    [=](atoms::next_atom next) { return self->delegate(ledger, next); },
  };
}

} // namespace sluice
