#include "core/http/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace sluice {

namespace {

/// OpenSSL returns null when out of memory.
template <class T>
T* must(T* made) {
  if (made == nullptr)
    throw std::bad_alloc{};
  return made;
}

// -- OpenSSL's input and output -----------------------------------------------

timed_socket& socket_of(BIO* bio) {
  return *static_cast<timed_socket*>(BIO_get_data(bio));
}

int read_some(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  auto got = socket_of(bio).receive(out, static_cast<size_t>(size));
  if (got < 0 && errno == EAGAIN)
    BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int write_some(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto sent = socket_of(bio).send(data, static_cast<size_t>(size));
  if (sent < 0 && errno == EAGAIN)
    BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    auto made = must(
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "timed socket"));
    BIO_meth_set_read(made, read_some);
    BIO_meth_set_write(made, write_some);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

BIO* bio_over(timed_socket& socket) {
  auto bio = must(BIO_new(socket_method()));
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  return bio;
}

SSL* tls_over(timed_socket& socket, const tls_context& context) {
  std::unique_ptr<BIO, int (*)(BIO*)> bio{bio_over(socket), BIO_free};
  auto tls = must(SSL_new(context.get()));
  SSL_set_bio(tls, bio.get(), bio.get());
  static_cast<void>(bio.release()); // now owned by the session
  return tls;
}

// -- who the server is --------------------------------------------------------

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1
         || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

/// Removes the trailing dot of an absolute name: certificates never have it.
std::string name_to_prove(std::string host) {
  if (host.ends_with('.'))
    host.pop_back();
  return host;
}

/// Why a certificate was refused, and what to do.
std::string reason_of(long refusal, const std::string& host) {
  constexpr auto add = "; add its authority to the system's CA "
                       "certificates or, for the API, to api.ca_file";
  switch (refusal) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return " has expired; its owner must renew it, unless this machine's "
             "clock is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return " is not valid yet; is this machine's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return " does not cover " + printable(host, 100)
             + "; correct the address";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return std::string{" is self-signed"} + add;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return std::string{" was issued by an unknown authority"} + add;
    default:
      return std::string{" is not trusted ("}
             + X509_verify_cert_error_string(refusal) + ')';
  }
}

/// How long a certificate error may be due to this machine's clock, which may
/// not be set yet just after boot.
std::chrono::milliseconds wait_for_clock(long refusal) {
  auto is_dated = refusal == X509_V_ERR_CERT_HAS_EXPIRED
                  || refusal == X509_V_ERR_CERT_NOT_YET_VALID;
  return is_dated ? std::chrono::minutes{5} : std::chrono::minutes{0};
}

/// Why a handshake failed for a reason other than the certificate.
std::string reason_of_failure() {
  auto code = ERR_peek_error();
  if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
    return "the server does not answer in TLS; is its port right?";
  auto text = ERR_reason_error_string(code);
  if (text == nullptr)
    return "the server broke off the TLS handshake";
  return std::string{"the TLS handshake failed: "} + text;
}

int int_size(size_t size) {
  return static_cast<int>(std::min<size_t>(size, 1 << 30));
}

} // namespace

tls_session::tls_session(std::shared_ptr<tls_context> context,
                         timed_socket& socket)
    : context_{std::move(context)},
      socket_{socket},
      tls_{tls_over(socket_, *context_)} {}

tls_session::~tls_session() {
  if (open_) {
    socket_.set_waiting(false);
    SSL_shutdown(tls_);
  }
  SSL_free(tls_);
  ERR_clear_error();
}

caf::expected<std::unique_ptr<tls_session>>
tls_session::begin(std::shared_ptr<tls_context> context, timed_socket& socket,
                   const std::string& host) {
  std::unique_ptr<tls_session> made{
    new tls_session{std::move(context), socket}};
  if (auto err = made->shake_hands(name_to_prove(host)))
    return err;
  return made;
}

/// False if OpenSSL cannot be made to verify `host`.
bool tls_session::expect(const std::string& host) {
  auto rules = SSL_get0_param(tls_);
  if (is_address(host))
    return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rules,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
                                    | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // OpenSSL would not check an empty name, and would accept any name with this
  // suffix if it begins with a dot.
  return !host.empty() && host.front() != '.'
         && X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1
         && SSL_set_tlsext_host_name(tls_, host.c_str()) == 1;
}

caf::error tls_session::shake_hands(const std::string& host) {
  ERR_clear_error();
  if (!expect(host))
    return make_error(ec::usage, "no certificate can name the host "
                                   + printable(host, 100)
                                   + "; correct the address");
  open_ = SSL_connect(tls_) == 1;
  if (open_)
    return {};
  if (socket_.is_over())
    return make_error(ec::unavailable,
                      "no TLS handshake with " + printable(host, 100));
  auto refusal = SSL_get_verify_result(tls_);
  auto failure = reason_of_failure();
  ERR_clear_error();
  if (refusal != X509_V_OK)
    return make_error(ec::usage,
                      "the TLS certificate of " + printable(host, 100)
                        + reason_of(refusal, host),
                      wait_for_clock(refusal));
  return make_error(ec::unavailable, printable(host, 100) + ": " + failure);
}

ssize_t tls_session::receive(char* out, size_t size) {
  ERR_clear_error();
  auto got = SSL_read(tls_, out, int_size(size));
  if (got > 0)
    return got;
  auto is_end = SSL_get_error(tls_, got) == SSL_ERROR_ZERO_RETURN;
  open_ = open_ && is_end;
  return is_end ? 0 : -1;
}

ssize_t tls_session::send(const char* data, size_t size) {
  ERR_clear_error();
  auto sent = SSL_write(tls_, data, int_size(size));
  open_ = open_ && sent > 0;
  return sent > 0 ? sent : -1;
}

bool tls_session::is_quiet() {
  ERR_clear_error();
  socket_.set_waiting(false);
  char byte = 0;
  auto got = SSL_peek(tls_, &byte, 1);
  auto state = SSL_get_error(tls_, got);
  socket_.set_waiting(true);
  // After these errors nothing may be sent.
  if (state == SSL_ERROR_SSL || state == SSL_ERROR_SYSCALL)
    open_ = false;
  // A partial record does not belong to a reply either.
  return state == SSL_ERROR_WANT_READ && SSL_has_pending(tls_) == 0;
}

} // namespace sluice
