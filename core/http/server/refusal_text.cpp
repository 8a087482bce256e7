#include "core/http/server/refusal_text.hpp"

namespace sluice::web {

namespace {

const char* phrase_of(int status) {
  switch (status) {
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Bad Request";
  }
}

} // namespace

refusal_form plain_refusal() {
  return {
    .body = [](const refusal& why) { return std::string{why.reason} + '\n'; }};
}

std::string refusal_text(const refusal& why, const refusal_form& form) {
  auto body = form.body(why);
  std::string out = "HTTP/1.1 " + std::to_string(why.status) + ' ';
  out.append(phrase_of(why.status)).append("\r\nContent-Type: ");
  out.append(form.type).append("\r\nContent-Length: ");
  out.append(std::to_string(body.size()));
  if (why.status == 503)
    out.append("\r\nRetry-After: 1");
  return out
    .append("\r\nCache-Control: no-store"
            "\r\nX-Content-Type-Options: nosniff"
            "\r\nConnection: close\r\n\r\n")
    .append(body);
}

} // namespace sluice::web
