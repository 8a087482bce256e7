// What cpp-httplib reads and writes through: its own stream reads 4 KiB at a
// time, trusts a reply's head to be short, and forgets what it did not use.

#pragma once

#include <httplib.h>
#include <openssl/ossl_typ.h>

#include <cstddef>
#include <vector>

namespace sluice {

/// Facts about one exchange, as its stream sees them. Outlives the stream.
struct stream_log {
  size_t max_bytes = 0;    ///< cap on what is read, head included
  bool in_body = false;    ///< set from outside when the head is read
  bool wrote = false;      ///< a byte may have left
  bool ended = false;      ///< the other side closed while being read
  bool overflowed = false; ///< a cap was hit
  bool left_over = false;  ///< more came than the reply that was read
};

/// A blocking stream over a connected socket, plain or TLS. It waits as long
/// as the socket does: the watchdog ends what is late.
class http_stream final : public httplib::Stream {
public:
  /// `tls` is null for a plain connection. Both belong to the client.
  http_stream(int socket, SSL* tls, std::vector<char>& buffer, stream_log& log);
  ~http_stream() override;

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

private:
  [[nodiscard]] ssize_t fill();
  [[nodiscard]] ssize_t receive(char* out, size_t size);
  [[nodiscard]] bool head_is_sane(const char* data, size_t size);

  int socket_;
  SSL* tls_;
  std::vector<char>& buffer_; ///< read ahead; lent, for it is large
  size_t begin_ = 0, end_ = 0;
  size_t total_ = 0;        ///< bytes received
  size_t head_ = 0;         ///< bytes of the head so far
  size_t line_ = 0;         ///< bytes of its current line
  bool status_line_ = true; ///< the current line may be a status line
  stream_log& log_;
};

} // namespace sluice
