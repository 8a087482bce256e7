#include "simulator/http_front.hpp"

#include "core/base/json_reader.hpp"
#include "core/http/server/connection.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace sluice::sim {

namespace {

using httplib::ContentReader;
using httplib::Request;
using httplib::Response;
using httplib::Server;
using real_clock = sim_clock::real_clock;

/// Paths of the API are short. The library is slow to match longer ones.
constexpr size_t max_path = 256;
constexpr double max_pause_seconds = 24 * 3600;
constexpr const char* json_type = "application/json";

bool has_body(const Request& request) {
  auto length = request.get_header_value("Content-Length");
  return request.has_header("Transfer-Encoding")
         || (!length.empty() && length != "0");
}

void set_error(Response& response, int status, std::string_view message) {
  response.status = status;
  response.set_content(write_error(status, message), json_type);
}

/// Reads the body of a POST. On failure, sets the reply and returns nullopt.
std::optional<std::string> read_body(const Request& request, Response& response,
                                     const ContentReader& reader) {
  std::string body;
  if (!has_body(request))
    return body;
  auto fits = true;
  auto receive = [&](const char* data, size_t size) {
    fits = body.size() + size <= max_body_bytes;
    if (fits)
      body.append(data, size);
    return fits;
  };
  if (!request.is_multipart_form_data() && reader(receive))
    return body;
  if (fits)
    set_error(response, 400, "the body cannot be read");
  else
    set_error(response, 413, "the body is larger than 4 MiB");
  return std::nullopt;
}

/// Parses the control request, a single object. An unknown member ends the
/// parsing.
class order_events {
public:
  bool name(const json_token& token) {
    name_ = token.text;
    return true;
  }

  bool scalar(const json_token& token) {
    if (name_ == "reset_stats" && token.kind == json_kind::yes)
      return reset = true;
    if (name_ != "pause_seconds" || token.kind != json_kind::number)
      return false;
    double seconds = -1;
    std::from_chars(token.text.data(), token.text.data() + token.text.size(),
                    seconds);
    pause = seconds;
    return seconds >= 0 && seconds <= max_pause_seconds;
  }

  bool open(bool is_array, size_t) {
    return !is_array && !std::exchange(opened_, true);
  }

  bool close(size_t) { return true; }

  std::optional<double> pause;
  bool reset = false;

private:
  std::string_view name_;
  bool opened_ = false;
};

/// Sends the whole body or, if `is_cut`, half of it and then closes the
/// connection. The library never compresses a body of known length, even if the
/// client accepts it. Compression would be by far the slowest part of a page.
void send_text(Response& response, api_reply reply, bool is_cut) {
  auto size = reply.body.size();
  response.set_content_provider(
    size, reply.content_type,
    [body = std::move(reply.body), is_cut](size_t offset, size_t length,
                                           httplib::DataSink& sink) {
      auto part = is_cut ? length / 2 : length;
      return sink.write(body.data() + offset, part) && !is_cut;
    });
}

/// The same for a body whose length is not known until it ends.
void send_pieces(Response& response, api_reply reply, bool is_cut) {
  response.set_chunked_content_provider(
    reply.content_type, [pieces = std::move(reply.pieces),
                         is_cut](size_t, httplib::DataSink& sink) {
      std::string piece;
      if (pieces(piece)) {
        auto part = is_cut ? piece.size() / 2 : piece.size();
        return sink.write(piece.data(), part) && !is_cut;
      }
      sink.done();
      return true;
    });
}

void deliver(Response& response, api_reply reply, fault fate) {
  auto is_cut = fate == fault::truncate;
  response.status = reply.status;
  if (reply.retry_after > 0)
    response.set_header("Retry-After", std::to_string(reply.retry_after));
  if (reply.left) {
    response.set_header("X-RateLimit-Limit", std::to_string(reply.left->limit));
    response.set_header("X-RateLimit-Remaining",
                        std::to_string(reply.left->remaining));
    response.set_header("X-RateLimit-Reset", std::to_string(reply.left->reset));
  }
  if (fate == fault::lost_reply)
    web::connection::current().drop();
  else if (reply.pieces)
    send_pieces(response, std::move(reply), is_cut);
  else
    send_text(response, std::move(reply), is_cut);
}

} // namespace

web::refusal_form http_front::refusals() {
  return {json_type, [](const web::refusal& why) {
            return write_error(why.status, why.reason);
          }};
}

void http_front::attach(web::http_shell& shell) {
  shell.set_pre_routing_handler([this](const Request& req, Response& res) {
    if (req.method == "POST" && req.path.size() <= max_path)
      return Server::HandlerResponse::Unhandled;
    serve(req, res, nullptr);
    return Server::HandlerResponse::Handled;
  });
  shell.Post("[\\s\\S]*",
             [this](const Request& req, Response& res,
                    const ContentReader& reader) { serve(req, res, &reader); });
  shell.set_error_handler([](const Request&, Response& res) {
    if (res.body.empty() && !res.content_provider_)
      set_error(res, res.status, "the request cannot be understood");
  });
  shell.set_exception_handler(
    [](const Request&, Response& res, const std::exception_ptr&) {
      set_error(res, 500, "the simulator failed");
    });
}

void http_front::serve(const Request& req, Response& res,
                       const ContentReader* reader) {
  if (req.path == "/__stats" && reader == nullptr)
    res.set_content(service_.stats(clock_.at(real_clock::now())), json_type);
  else if (req.path == "/__control" && reader != nullptr)
    serve_control(req, res, *reader);
  else
    serve_api(req, res, reader);
}

void http_front::serve_api(const Request& req, Response& res,
                           const ContentReader* reader) {
  gate_.wait();
  api_request request;
  request.to = find_route(form_, req.method, req.path);
  auto fate = service_.admit(request.to);
  if (fate == fault::reset) {
    web::connection::current().reset();
    return;
  }
  if (reader != nullptr) {
    auto body = read_body(req, res, *reader);
    if (!body)
      return;
    request.body = *std::move(body);
  }
  if (req.has_header("Authorization"))
    request.authorization = req.get_header_value("Authorization");
  if (const auto& name = service_.idempotency_header(); !name.empty())
    request.idempotency_key = req.get_header_value(name);
  request.parameters = req.params;
  deliver(res, service_.answer(request, fate, clock_.at(real_clock::now())),
          fate);
}

void http_front::serve_control(const Request& req, Response& res,
                               const ContentReader& reader) {
  auto body = read_body(req, res, reader);
  if (!body)
    return;
  if (obey(*body))
    res.set_content("{}", json_type);
  else
    set_error(res, 400,
              R"(send {"pause_seconds": number, "reset_stats": boolean})");
}

bool http_front::obey(const std::string& order) {
  order_events asked;
  if (read_json(order, 0, asked))
    return false;
  if (asked.pause)
    pause(*asked.pause);
  if (asked.reset)
    service_.reset_stats();
  return true;
}

void http_front::pause(double seconds) {
  gate_.close_until(real_clock::now()
                    + std::chrono::duration_cast<real_clock::duration>(
                      std::chrono::duration<double>{seconds}));
}

} // namespace sluice::sim
