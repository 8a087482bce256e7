#include "core/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>

namespace sluice {

namespace {

/// The system's own bundles are about a quarter of a MiB.
constexpr uintmax_t max_file = 16 << 20;

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;

caf::error unusable(const std::string& file, const std::string& why) {
  return make_error(ec::usage, "api.ca_file: " + printable(file) + ' ' + why);
}

caf::expected<std::string> text_of(const std::string& file) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure))
    return make_error(ec::usage, "api.ca_file: there is no file "
                                   + printable(file)
                                   + ": write the path of a PEM file");
  auto size = std::filesystem::file_size(file, failure);
  if (failure)
    return unusable(file, "cannot be read: correct its permissions");
  if (size > max_file)
    return unusable(file, "is larger than 16 MiB: write the path of a PEM "
                          "file with only the certificates");
  std::ifstream in{file, std::ios::binary};
  if (!in && (errno == EMFILE || errno == ENFILE))
    return make_error(ec::unavailable, "api.ca_file: " + printable(file)
                                         + " cannot be opened: too many files "
                                           "are open");
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in)
    return unusable(file, "cannot be read: correct its permissions");
  return text;
}

bool is_der(const std::string& text) {
  auto data = reinterpret_cast<const unsigned char*>(text.data());
  certificate_ptr certificate{
    d2i_X509(nullptr, &data, static_cast<long>(text.size()))};
  return certificate != nullptr;
}

caf::error
without_certificate(const std::string& file, const std::string& text) {
  if (text.empty())
    return unusable(file, "is empty: put the CA certificates into it, "
                          "in PEM format");
  if (is_der(text))
    return unusable(file, "is in DER format, not PEM: convert it with "
                          "`openssl x509 -inform der -in FILE -out NEW`");
  return unusable(file, "holds no certificate: write the path of a PEM file, "
                        "whose certificates begin with \"-----BEGIN "
                        "CERTIFICATE-----\"");
}

caf::expected<store_ptr> read_store(const std::string& file) {
  auto text = text_of(file);
  if (!text)
    return text.error();
  store_ptr store{X509_STORE_new()};
  bio_ptr in{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
  if (!store || !in)
    throw std::bad_alloc{};
  auto count = 0;
  ERR_clear_error();
  for (;;) {
    certificate_ptr next{
      PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr)};
    if (next == nullptr || X509_STORE_add_cert(store.get(), next.get()) != 1)
      break;
    ++count;
  }
  auto is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_end)
    return unusable(file, "holds a damaged certificate, number "
                            + std::to_string(count + 1)
                            + " of the file: replace it");
  if (count == 0)
    return without_certificate(file, *text);
  return store;
}

} // namespace

caf::error check_ca_file(const std::string& file) {
  auto store = read_store(file);
  return store ? caf::error{} : store.error();
}

tls_context::~tls_context() {
  SSL_CTX_free(context_);
}

caf::expected<std::shared_ptr<tls_context>>
tls_context::shared(const std::string& ca_file) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<tls_context>> known;
  std::lock_guard lock{mutex};
  if (auto there = known[ca_file].lock())
    return there;
  auto loaded = load(ca_file);
  if (loaded)
    known[ca_file] = *loaded;
  return loaded;
}

caf::expected<std::shared_ptr<tls_context>>
tls_context::load(const std::string& ca_file) {
  std::shared_ptr<tls_context> made{
    new tls_context{SSL_CTX_new(TLS_client_method())}};
  auto context = made->get();
  if (context == nullptr)
    return make_error(ec::internal, "OpenSSL cannot create a context");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE
                              | SSL_MODE_RELEASE_BUFFERS);
  // One receive for several records, instead of two for each.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, 64 * 1024);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return make_error(ec::internal,
                        "OpenSSL cannot load the system's CA certificates");
    return made;
  }
  auto store = read_store(ca_file);
  if (!store)
    return store.error();
  SSL_CTX_set_cert_store(context, store->release());
  // An intermediate CA can be trusted directly, as in curl.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context),
                              X509_V_FLAG_PARTIAL_CHAIN);
  return made;
}

} // namespace sluice
