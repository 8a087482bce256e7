#include "pipeline/moved_folder.hpp"

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "pipeline/relocate.hpp"

namespace sluice {

namespace {

caf::expected<bool> has_moved(ledger& store, const settings& config) {
  auto bound = store.identity();
  if (!bound)
    return bound.error();
  auto* folder = value_in(*bound, ledger_folder);
  auto now = identity_of(config, sink_specs());
  return folder != nullptr && *folder != *value_in(now, ledger_folder);
}

} // namespace

caf::error bind_job(ledger& store, const settings& config) {
  auto identity = identity_of(config, sink_specs());
  if (auto err = store.check_bound(identity))
    return err;
  auto moved = has_moved(store, config);
  if (!moved)
    return moved.error();
  if (!*moved)
    return store.bind(identity);
  auto told = relocate(store, config, {});
  return told ? caf::error{} : told.error();
}

caf::error check_sinks_kept(ledger& store, const settings& config) {
  auto moved = has_moved(store, config);
  if (!moved)
    return moved.error();
  if (*moved)
    return check_relocation(store, config, {});
  auto job_id = store.job_id();
  if (!job_id)
    return job_id.error();
  for (auto& sink : config.sinks) {
    auto* type = find_sink_type(sink.type);
    auto position = store.position_of(sink.name);
    if (!position)
      return position.error();
    if (*position && type != nullptr && type->check_kept)
      if (auto err =
            type->check_kept({*job_id, sink.name}, sink.fields, **position))
        return err;
  }
  return {};
}

} // namespace sluice
