#!/bin/sh
# cpp-httplib's client, trailers and interim replies.
#
# What one would guess: a client takes any reply that RFC 9112 allows. A chunked
# body may end with trailer fields (section 7.1.2), and any number of 1xx
# replies may come before the final one (RFC 9110, section 15.2).
#
# What happens (libcpp-httplib 0.11.4+ds-1+deb12u1, Debian 12): a reply with one
# trailer field is an error (Read), though all of its body has arrived. A 103
# (Early Hints) or 102 is taken for the final reply, without an error: its status
# is 103, and its body is the text of the real reply, head included, up to the
# end of the connection. A 100 is passed over as it should be.
#
# This script installs nothing into the system: it unpacks the packages into a
# temporary folder. It needs apt-get, dpkg-deb, g++, python3, and the headers
# of OpenSSL, zlib and brotli that the library's own flags ask for.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download libcpp-httplib-dev=0.11.4+ds-1+deb12u1 \
  libcpp-httplib0.11=0.11.4+ds-1+deb12u1 >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >server.py <<'PY'
import socket, sys

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b"Content-Length: 5\r\n\r\nhello"
REPLIES = {
    "/plain": PLAIN,
    "/chunked": OK + CHUNKED + b"\r\n",
    "/trailer": OK + CHUNKED + b"X-Checksum: 1\r\n\r\n",
    "/100": b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
    "/102": b"HTTP/1.1 102 Processing\r\n\r\n" + PLAIN,
    "/103": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + PLAIN,
}
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
for _ in REPLIES:
    connection, _ = listener.accept()
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    connection.sendall(REPLIES[head.split()[1].decode()])
    connection.close()
PY

cat >client.cpp <<'CPP'
#include <httplib.h>

#include <cstdio>
#include <cstdlib>

int main(int, char** arguments) {
  for (auto path :
       {"/plain", "/chunked", "/trailer", "/100", "/102", "/103"}) {
    httplib::Client client{"127.0.0.1", std::atoi(arguments[1])};
    client.set_read_timeout(5);
    auto reply = client.Get(path);
    if (reply)
      std::printf("%s: %d \"%s\"\n", path, reply->status, reply->body.c_str());
    else
      std::printf("%s: error %s\n", path,
                  httplib::to_string(reply.error()).c_str());
  }
}
CPP
flags=$(PKG_CONFIG_PATH=$(dirname "$(find root -name cpp-httplib.pc)") \
  pkg-config --cflags-only-other cpp-httplib)
library=$(dirname "$(find root -name 'libcpp-httplib.so.0.11*' | head -n 1)")
# shellcheck disable=SC2086 # the flags are meant to be split
g++ -std=c++17 -O1 $flags -Iroot/usr/include client.cpp -o client \
  -L"$library" -l:"$(basename "$(find "$library" -name 'libcpp-httplib.so.0.11*' |
    head -n 1)")" -lssl -lcrypto -lz -lbrotlicommon -lbrotlidec -lbrotlienc -lpthread
python3 server.py >port &
while [ ! -s port ]; do sleep 0.1; done
LD_LIBRARY_PATH=$library ./client "$(cat port)" | tr -d '\r' | tee seen

cat >expected <<'OUT'
/plain: 200 "hello"
/chunked: 200 "hello"
/trailer: error Read
/100: 200 "hello"
/102: 102 "HTTP/1.1 200 OK
Content-Length: 5

hello"
/103: 103 "HTTP/1.1 200 OK
Content-Length: 5

hello"
OUT
cmp seen expected
echo "as described"
