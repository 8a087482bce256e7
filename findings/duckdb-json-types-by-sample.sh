#!/bin/sh
# DuckDB, read_json and what comes after the sample.
#
# What one would guess: the types of the columns are guessed from a sample, and
# a later value that does not fit is an error, as a text among numbers is.
#
# What happens (@duckdb/node-api 1.5.6-r.1): after 20,480 whole numbers 12.50 is
# stored as 12, without an error or a warning. A text or a new member in its
# place is an error. One whole number less, or sample_size = -1, and all three
# are read.
#
# This script installs nothing into the system: it installs the package into a
# temporary folder. It needs npm and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' >package.json
npm install --no-audit --no-fund --silent @duckdb/node-api@1.5.6-r.1 >/dev/null

cat >try.js <<'JS'
const fs = require('fs');
const { DuckDBInstance } = require('@duckdb/node-api');

const last = { number: '{"price":12.50}', member: '{"price":12,"sale":7}', text: '{"price":"low"}' };

async function main() {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  for (const [name, line] of Object.entries(last))
    for (const [whole, option] of [[20479, ''], [20480, ''], [20480, ', sample_size = -1']]) {
      fs.writeFileSync('prices.jsonl', '{"price":11}\n'.repeat(whole) + `${line}\n`);
      const query = `select * from read_json('prices.jsonl', format = 'newline_delimited'${option})`;
      let seen;
      try {
        seen = JSON.stringify((await connection.runAndReadAll(query)).getRowObjectsJson().pop());
      } catch {
        seen = 'an error';
      }
      console.log(`${name} after ${whole}${option}: ${seen}`);
    }
}
main();
JS
node try.js | tee seen

cat >expected <<'OUT'
number after 20479: {"price":12.5}
number after 20480: {"price":"12"}
number after 20480, sample_size = -1: {"price":12.5}
member after 20479: {"price":"12","sale":"7"}
member after 20480: an error
member after 20480, sample_size = -1: {"price":"12","sale":"7"}
text after 20479: {"price":"\"low\""}
text after 20480: an error
text after 20480, sample_size = -1: {"price":"\"low\""}
OUT
cmp seen expected
echo "as described"
