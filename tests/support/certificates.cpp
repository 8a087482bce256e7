#include "tests/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sluice::test {

namespace {

void add_extension(X509* certificate, int id, const char* value) {
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
  if (extension == nullptr)
    throw std::runtime_error{"no extension"};
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_name(X509* certificate, const std::string& common_name) {
  auto text = reinterpret_cast<const unsigned char*>(common_name.data());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                             MBSTRING_ASC, text,
                             static_cast<int>(common_name.size()), -1, 0);
}

std::string text_of(BIO* out) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(out, &data);
  std::string text{data, static_cast<size_t>(size)};
  BIO_free(out);
  return text;
}

} // namespace

identity::identity(const certificate_wish& wish, const identity* issuer)
    : key_{EVP_EC_gen("P-256"), EVP_PKEY_free},
      certificate_{X509_new(), X509_free},
      is_root_{issuer == nullptr} {
  static long serial = 0;
  auto certificate = certificate_.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_until);
  X509_set_pubkey(certificate, key_.get());
  add_name(certificate, wish.common_name);
  const auto& signer = issuer != nullptr ? *issuer : *this;
  X509_set_issuer_name(certificate,
                       X509_get_subject_name(signer.certificate_.get()));
  if (wish.is_authority)
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.names.empty())
    add_extension(certificate, NID_subject_alt_name, wish.names.c_str());
  X509_sign(certificate, signer.key_.get(), EVP_sha256());
}

identity identity::self_signed(const certificate_wish& wish) {
  return {wish, nullptr};
}

identity identity::issue(const certificate_wish& wish) const {
  identity made{wish, this};
  if (!is_root_) {
    made.chain_ = chain_;
    made.chain_.insert(made.chain_.begin(), certificate_);
  }
  return made;
}

std::string identity::pem() const {
  auto* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate_.get());
  return text_of(out);
}

std::string identity::der() const {
  auto* out = BIO_new(BIO_s_mem());
  i2d_X509_bio(out, certificate_.get());
  return text_of(out);
}

SSL_CTX* identity::server_context() const {
  auto* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context, certificate_.get());
  SSL_CTX_use_PrivateKey(context, key_.get());
  for (const auto& each : chain_)
    SSL_CTX_add1_chain_cert(context, each.get());
  return context;
}

} // namespace sluice::test
