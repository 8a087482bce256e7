// What a running job needs from its ledger: all that ledger_keeper asks for.

#pragma once

#include "core/ledger/decision_store.hpp"
#include "core/ledger/ledger_reader.hpp"
#include "core/ledger/run_store.hpp"

namespace sluice {

class job_store : public run_store,
                  public decision_store,
                  public ledger_reader {};

} // namespace sluice
