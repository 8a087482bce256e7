#include "tests/support/self_signed.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace sluice::test {

namespace {

void add_extension(X509* certificate, int id, const char* value) {
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_name(X509* certificate) {
  auto* name = X509_get_subject_name(certificate);
  auto text = reinterpret_cast<const unsigned char*>("127.0.0.1");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate, name);
}

} // namespace

self_signed::self_signed()
    : key_{EVP_EC_gen("P-256")}, certificate_{X509_new()} {
  X509_set_version(certificate_, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate_), 86'400);
  X509_set_pubkey(certificate_, key_);
  add_name(certificate_);
  add_extension(certificate_, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_, NID_subject_alt_name, "IP:127.0.0.1");
  X509_sign(certificate_, key_, EVP_sha256());
}

self_signed::~self_signed() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string self_signed::pem() const {
  auto* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate_);
  char* data = nullptr;
  auto size = BIO_get_mem_data(out, &data);
  std::string text{data, static_cast<size_t>(size)};
  BIO_free(out);
  return text;
}

} // namespace sluice::test
