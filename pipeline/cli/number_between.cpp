#include "core/error.hpp"
#include "pipeline/cli/command.hpp"

#include <iomanip>
#include <sstream>

namespace sluice::cli {

CLI::Validator number_between(double least, double most) {
  std::ostringstream range;
  range << std::setprecision(12) << "from " << least << " to " << most;
  auto check = [=, words = range.str()](std::string& text) -> std::string {
    double number = 0;
    if (CLI::detail::lexical_cast(text, number) && number >= least
        && number <= most)
      return {};
    return "write a number " + words + ", not " + printable(text, 60);
  };
  return {check, range.str()};
}

} // namespace sluice::cli
