#!/bin/sh
# SQLite's JSON functions in a schema, with trusted_schema off.
#
# What one would guess: SQLite's advice on security says to turn trusted_schema
# off (https://sqlite.org/security.html). Then a schema may still use the
# built-in functions that have no side effects: abs(), length(), and so
# json_valid(), which people put into CHECK constraints.
#
# What happens (libsqlite3-0 3.40.1-2+deb12u2, Debian 12): the JSON functions are
# not marked as innocuous. A table with CHECK (json_valid(a)) cannot be created,
# and a database that has one can no longer be used, not even to read another
# table: "malformed database schema (b) - unsafe use of json_valid()". The message
# reads as if the file were damaged, and does not name the setting.
#
# This script installs nothing into the system: it unpacks the packages into a
# temporary folder. It needs apt-get and dpkg-deb.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download sqlite3=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2 \
  >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
library=$(dirname "$(find root -name 'libsqlite3.so.0' | head -n 1)")

sql() { # TRUSTED STATEMENT…: the first line of what the shell prints
  trusted=$1
  shift
  LD_LIBRARY_PATH=$library root/usr/bin/sqlite3 items.db \
    "PRAGMA trusted_schema = $trusted" "$@" 2>&1 | sed -n 's/^Error: //; 1p'
}

{
  echo "table with abs(): $(sql 0 'CREATE TABLE a (n CHECK (abs(n) < 9))')"
  echo "row: $(sql 0 'INSERT INTO a VALUES (1)')"
  echo "table with json_valid(): $(sql 0 'CREATE TABLE b (n CHECK (json_valid(n)))')"
  echo "the same, trusted: $(sql 1 'CREATE TABLE b (n CHECK (json_valid(n)))')"
  echo "row, trusted: $(sql 1 "INSERT INTO b VALUES ('{}')")"
  echo "row: $(sql 0 "INSERT INTO b VALUES ('{}')")"
  echo "read another table: $(sql 0 'SELECT n FROM a')"
} | tee seen

cat >expected <<'OUT'
table with abs(): 
row: 
table with json_valid(): in prepare, unsafe use of json_valid()
the same, trusted: 
row, trusted: 
row: in prepare, malformed database schema (b) - unsafe use of json_valid() (11)
read another table: in prepare, malformed database schema (b) - unsafe use of json_valid() (11)
OUT
cmp seen expected
echo "as described"
