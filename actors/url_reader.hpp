// The start of the flow: hands out the next batch of URLs on request. Reads the
// ledger, never the lists; keeps no state.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

struct url_reader_state {
  static inline constexpr const char* name = "url-reader";
};

url_reader_actor::behavior_type
url_reader(url_reader_actor::stateful_pointer<url_reader_state> self,
           const ledger_keeper_actor& ledger);

} // namespace sluice
