// What a sink advises in a load whose output is missing or has changed. A job's
// advice is `relocate`, which a load does not have.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// `what` should be put back: "whole file". Begins with a blank.
[[nodiscard]] inline std::string ways_on_in_load(std::string_view what) {
  return " Put the " + std::string{what}
         + " back where it was. If it is lost, give the sink another name in "
           "the config, which begins another load: it delivers every capture "
           "of its files again.";
}

} // namespace sluice
