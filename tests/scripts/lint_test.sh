#!/bin/sh
# Tests which sources scripts/lint chooses, in a repository of its own, with a
# clang-tidy that only notes its arguments: lint_test.sh SCRIPTS_FOLDER
set -eu
scripts=$1
if ! git --version >/dev/null 2>&1; then
  echo "skipped: there is no git"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir bin
printf '#!/bin/sh\nexit 0\n' >bin/cmake
cat >bin/clang-tidy-14 <<'END'
#!/bin/sh
for last; do :; done
echo "$last" >>"$LINTED"
! grep -q wrong "$last"
END
chmod +x bin/*
PATH=$work/bin:$PATH
LINTED=$work/linted
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
GIT_CEILING_DIRECTORIES=$(dirname "$work")
export PATH LINTED GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_CEILING_DIRECTORIES
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE SLUICE_LINT_BASE

mkdir -p tree/scripts tree/core tree/config tree/actors tree/pipeline \
  tree/simulator tree/tests
cp "$scripts/lint" tree/scripts/lint
printf '#!/bin/sh\n[ ! -e "%s/no-deps" ]\n' "$work" >tree/scripts/deps
chmod +x tree/scripts/deps
cd tree

commit() {
  git add -A
  git -c user.name=test -c user.email=test@localhost commit -qm "$1"
}

lint() { # runs scripts/lint; its output is in $said, its exit code in $code
  : >"$LINTED"
  code=0
  said=$(scripts/lint "$@" 2>&1) || code=$?
}

expect() { # WHAT, EXIT CODE, TEXT IN THE OUTPUT, LINTED FILES IN ANY ORDER
  linted=$(sort "$LINTED" | tr '\n' ' ')
  case "$said" in *"$3"*) ;; *) code="$code, without \"$3\"" ;; esac
  if [ "$code" != "$2" ] || [ "$linted" != "${4:+$4 }" ]; then
    printf '%s: exit code %s, linted: %s\n%s\n' "$1" "$code" "$linted" "$said"
    exit 1
  fi
}

lint
expect "outside Git" 0 "Not linted: without Git's history" ""

git init -q
lines() { seq 1 "$1" | sed "s/^/\/\/ $2 /"; }
lines 30 old >core/moved.cpp
lines 30 gone >core/gone.cpp
lines 30 old >core/edited.cpp
lines 30 shifted >core/shifted.cpp
echo '#include "core/used.hpp"' >core/user.cpp
commit "one"
lint
expect "the first commit" 0 "Git has no commit HEAD~1 here" ""

git mv core/moved.cpp config/moved.cpp
git rm -q core/gone.cpp
echo "// more" >>core/edited.cpp
git mv core/shifted.cpp config/shifted.cpp
echo "// more" >>config/shifted.cpp
echo "// no source has its name" >core/used.hpp
echo "// not a room" >tests/some_test.cpp
commit "two"
echo "// new" >actors/new.cpp
lint
expect "moved, deleted, edited, a header and a new file" 0 "" \
  "actors/new.cpp config/shifted.cpp core/edited.cpp core/user.cpp"

touch "$work/no-deps"
lint
expect "no clang-tidy" 0 "Not linted: clang-tidy is not installed" ""
lint --all
expect "no clang-tidy, asked for by hand" 1 "Not linted" ""
rm "$work/no-deps"

echo "// wrong" >>actors/new.cpp
lint
expect "a file that is not clean" 1 "Not clean:" \
  "actors/new.cpp config/shifted.cpp core/edited.cpp core/user.cpp"
rm actors/new.cpp

mkdir core/many
expected=""
for number in $(seq 10 51); do
  lines "$number" new >"core/many/$number.cpp"
  [ "$number" -lt 12 ] || expected="$expected core/many/$number.cpp"
done
commit "three"
SLUICE_LINT_BASE=HEAD~2
export SLUICE_LINT_BASE
lint
expect "more than it may lint" 0 "the 40 most changed of 45 sources; 5 are left" \
  "${expected# }"

unset SLUICE_LINT_BASE
lint core/edited.cpp config
expect "named files and folders" 0 "" \
  "config/moved.cpp config/shifted.cpp core/edited.cpp"
