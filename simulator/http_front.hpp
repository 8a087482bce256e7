// The layer between HTTP and the service. It reads requests, applies transport
// faults, and writes replies. It also answers the simulator's own paths, GET
// /__stats and POST /__control.

#pragma once

#include "core/http/server/http_shell.hpp"
#include "simulator/pause_gate.hpp"
#include "simulator/service.hpp"

#include <string>

namespace sluice::sim {

/// Thread-safe. Must not be destroyed while the shell serves.
class http_front {
public:
  http_front(service& api, dialect form, sim_clock clock)
      : service_{api}, form_{form}, clock_{clock} {}

  /// How the API refuses requests that it does not serve.
  [[nodiscard]] static web::refusal_form refusals();

  /// Makes `shell` answer through this object.
  void attach(web::http_shell& shell);

  /// The number of requests held up by a pause.
  [[nodiscard]] unsigned waiting() { return gate_.waiting(); }

  /// Ends a pause.
  void open() { gate_.close_until({}); }

  /// Ends a pause and prevents further ones.
  void release() { gate_.open_forever(); }

private:
  /// `reader` returns the body of a POST. nullptr for other methods.
  void serve(const httplib::Request& req, httplib::Response& res,
             const httplib::ContentReader* reader);
  void serve_api(const httplib::Request& req, httplib::Response& res,
                 const httplib::ContentReader* reader);
  void serve_control(const httplib::Request& req, httplib::Response& res,
                     const httplib::ContentReader& reader);
  /// Executes the JSON `order`. False if it is invalid.
  bool obey(const std::string& order);
  void pause(double seconds);

  service& service_;
  dialect form_;
  sim_clock clock_;
  pause_gate gate_;
};

} // namespace sluice::sim
