// Between HTTP and the service: reads requests, carries out what goes wrong
// on the way, writes replies. Also answers the simulator's own two paths,
// GET /__stats and POST /__control.

#pragma once

#include "core/http/server/http_shell.hpp"
#include "simulator/pause_gate.hpp"
#include "simulator/service.hpp"

#include <string>

namespace sluice::sim {

/// Thread-safe. Must outlive the shell's serving.
class http_front {
public:
  http_front(service& api, dialect form, sim_clock clock)
      : service_{api}, form_{form}, clock_{clock} {}

  /// How the API words what it does not serve.
  [[nodiscard]] static web::refusal_form refusals();

  /// Makes `shell` answer through this object.
  void attach(web::http_shell& shell);

  /// Requests that a pause holds back.
  [[nodiscard]] unsigned waiting() { return gate_.waiting(); }

  /// Ends a pause.
  void open() { gate_.close_until({}); }

  /// The same, and no pause comes after it.
  void release() { gate_.open_forever(); }

private:
  /// `reader` gives the body of a POST; nullptr for other methods.
  void serve(const httplib::Request& req, httplib::Response& res,
             const httplib::ContentReader* reader);
  void serve_api(const httplib::Request& req, httplib::Response& res,
                 const httplib::ContentReader* reader);
  void serve_control(const httplib::Request& req, httplib::Response& res,
                     const httplib::ContentReader& reader);
  /// Does what the JSON `order` says; false when it is not understood.
  bool obey(const std::string& order);
  void pause(double seconds);

  service& service_;
  dialect form_;
  sim_clock clock_;
  pause_gate gate_;
};

} // namespace sluice::sim
