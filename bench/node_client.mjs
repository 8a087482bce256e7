// What a plain Node client costs: submits the URLs of a list in runs of 1,000,
// polls the runs, lists their captures page by page, and appends them to a file
// of JSON lines. With fetch, JSON.parse and JSON.stringify, and without a
// ledger: it can neither continue after a crash nor find repeated captures.
//
//   node node_client.mjs http://127.0.0.1:PORT urls.txt captures.jsonl
//
// To compare it with sluice, in the folder build/o2/bench or
// build/release/bench (not part of CI):
//
//   ./bench_paced --node ../../../bench/node_client.mjs

import { createWriteStream, readFileSync } from "node:fs";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const [base, list, output] = process.argv.slice(2);
const urlsPerRun = 1000;
const connections = 4; // as many as sluice has without a limit
const headers = { Authorization: "Bearer k" };

async function call(path, options = {}) {
  const reply = await fetch(base + path, { ...options, headers });
  if (!reply.ok) throw new Error(`HTTP ${reply.status} for ${path}`);
  return JSON.parse(await reply.text());
}

const out = createWriteStream(output);

async function write(captures) {
  const lines = captures.map((capture) => JSON.stringify(capture) + "\n");
  if (!out.write(lines.join(""))) await once(out, "drain");
}

async function run(urls) {
  const body = JSON.stringify({ robotId: "r", urls });
  const { _id: id } = await call("/runs", { method: "POST", body });
  while ((await call(`/runs/${id}`)).status !== "completed") await sleep(500);
  for (let cursor = ""; cursor !== undefined; ) {
    const from = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page = await call(`/captures?runId=${id}${from}`);
    await write(page.items);
    cursor = page.nextCursor ?? undefined;
  }
}

const urls = readFileSync(list, "utf8").split("\n").filter(Boolean);
const batches = [];
for (let i = 0; i < urls.length; i += urlsPerRun)
  batches.push(urls.slice(i, i + urlsPerRun));

async function work() {
  for (let batch; (batch = batches.shift()); ) await run(batch);
}

await Promise.all(Array.from({ length: connections }, work));
out.end();
await once(out, "finish");
