#!/bin/sh
# Which row a failed COPY names in its error.
#
# What one would guess: the CONTEXT of an error in COPY … FROM ("COPY t, line 3")
# names the row that is at fault, so a loader can put that row aside and go on.
#
# What happens (postgresql-15 15.18-0+deb12u1, Debian 12): COPY reads up to 1,000
# rows and then stores them together. If a row fails while it is stored, because
# it is too big for a page (SQLSTATE 54000), the CONTEXT names the line after the
# last one that was read. Here line 2 of 5 is too big, and the error blames line
# 6, which does not exist. If line 2 violates a CHECK, the error names line 2.
#
# This script installs nothing into the system: it unpacks the packages into a
# temporary folder and runs the server there in single-user mode. It needs root,
# for the server refuses to run as root and the script gives it another user;
# apt-get, dpkg-deb, setpriv, and the libraries that postgresql-15 depends on
# (libicu72, libldap-2.5-0, libxml2, libssl3, libgssapi-krb5-2, libsystemd0).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download postgresql-15=15.18-0+deb12u1 libpq5=15.18-0+deb12u1 \
  >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
chmod 755 .
mkdir run
chown nobody run

as_nobody() {
  setpriv --reuid=nobody --regid=nogroup --clear-groups \
    env LC_ALL=C LD_LIBRARY_PATH="$folder/root/usr/lib/$(uname -m)-linux-gnu" "$@"
}
programs=$folder/root/usr/lib/postgresql/15/bin
as_nobody "$programs/initdb" -D run/data --no-sync -A trust >run/log 2>&1

big=$(head -c 9000 /dev/zero | tr '\0' x)
printf '1\ta\n2\t%s\n3\tc\n4\td\n5\te\n' "$big" >run/big
printf '1\ta\n22\tb\n3\tc\n4\td\n5\te\n' >run/forbidden
{
  echo "CREATE TABLE t (n int CHECK (n <> 22), a text);"
  echo "ALTER TABLE t ALTER a SET STORAGE PLAIN;"
  echo "COPY t FROM '$folder/run/forbidden';"
  echo "COPY t FROM '$folder/run/big';"
} >run/statements
as_nobody "$programs/postgres" --single -D run/data postgres \
  <run/statements 2>&1 | sed -n 's/.*\(ERROR\|CONTEXT\): */\1: /p' | tee seen

cat >expected <<'OUT'
ERROR: new row for relation "t" violates check constraint "t_n_check"
CONTEXT: COPY t, line 2: "22	b"
ERROR: row is too big: size 9032, maximum size 8160
CONTEXT: COPY t, line 6
OUT
cmp seen expected
echo "as described"
