#include "actors/download_reader.hpp"

namespace sluice {

download_reader_actor::behavior_type
download_reader(download_reader_actor::stateful_pointer<download_reader_state>,
                const std::shared_ptr<capture_download>& download) {
  return {
    [download](const signed_url& link) { return download->open(link); },
    [download](atoms::next_atom) { return download->next(); },
  };
}

} // namespace sluice
