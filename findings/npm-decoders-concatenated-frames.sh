#!/bin/sh
# Decoders on npm and files of several frames: lz4js, lz4-napi, fflate.
#
# What one would guess: a file of two gzip members or two LZ4 frames, one after
# the other, is read whole. RFC 1952, section 2.2, makes a gzip file a series of
# members, and the LZ4 frame format says of concatenated frames that they are
# decoded in sequence. gzip, lz4 and Node's zlib do so. If a decoder reads only
# one, it says that there is more.
#
# What happens (lz4js 0.2.0, lz4-napi 2.10.0, fflate 0.8.3): the decoders return
# the first frame and no error; what follows may be anything. fflate's gunzipSync
# takes the size of its result from the end of the file, so a short last member
# cuts the first one, too: of 1,000 lines and 3 it returns 3, of the first. The
# Gunzip class of the same package reads all.
#
# This script installs nothing into the system: it installs the packages into a
# temporary folder. It needs npm and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' >package.json
npm install --no-audit --no-fund --silent lz4js@0.2.0 lz4-napi@2.10.0 \
  fflate@0.8.3 >/dev/null

cat >try.js <<'JS'
const zlib = require('zlib');
const lz4js = require('lz4js');
const napi = require('lz4-napi');
const fflate = require('fflate');

const lines = (word, count) => Buffer.from(`${word}\n`.repeat(count));
const show = (name, bytes) => {
  const text = Buffer.from(bytes).toString();
  const count = (word) => text.split(`${word}\n`).length - 1;
  console.log(`${name}: ${count('first')} + ${count('second')}`);
};

const lz4 = Buffer.concat(
  [lines('first', 1000), lines('second', 3)].map((part) => Buffer.from(lz4js.compress(part))));
show('lz4js decompress', lz4js.decompress(lz4));
show('lz4-napi decompressFrameSync', napi.decompressFrameSync(lz4));

const gzip = Buffer.concat(
  [lines('first', 1000), lines('second', 3)].map((part) => zlib.gzipSync(part)));
show('zlib gunzipSync', zlib.gunzipSync(gzip));
show('fflate gunzipSync', fflate.gunzipSync(gzip));
const parts = [];
new fflate.Gunzip((part) => parts.push(part)).push(gzip, true);
show('fflate Gunzip', Buffer.concat(parts));
JS
node try.js | tee seen

cat >expected <<'OUT'
lz4js decompress: 1000 + 0
lz4-napi decompressFrameSync: 1000 + 0
zlib gunzipSync: 1000 + 3
fflate gunzipSync: 3 + 0
fflate Gunzip: 1000 + 3
OUT
cmp seen expected
echo "as described"
