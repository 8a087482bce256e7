// The status page: listens for the server's events and shows each. It keeps at
// most five minutes of samples, no matter how long it is open.

import { $, el, setText, fill, count, bytes, span, clock } from './dom.js';
import { drawTokens, drawColumns, window_ms } from './charts.js';
import { drawRuns } from './runs.js';
import { figure, pair, waitingSink, showAccount, showBought, showRounds, showProgress, showWhy, showWork, showRows, showStuck } from './account.js';

const retry_ms = 3_000;
let samples = [];
let last = null;

function setState(name, text, detail) {
  $('state').className = `pill ${name}`;
  setText('state', text);
  setText('detail', detail);
}

function showPhase(live) {
  const sink = waitingSink(live);
  if (sink) return setState('waiting', 'waiting for a sink', `${sink.name}: ${sink.reason}`);
  // A running job has a detail only if something holds it up.
  const kept = live.phase === 'running' && live.detail !== '';
  setState(kept ? 'waiting' : live.phase, live.phase, live.detail);
}

/** The command that continues the job, and what must be changed first. */
function continueWith({ status, commands }) {
  const limit = status?.credit_limit?.used_up;
  return (limit ? `${limit}; raise it, then continue: ` : 'to continue: ') + commands.run;
}

function showState(event) {
  const live = event.live;
  if (live) return showPhase(live);
  if (!event.status) return setState('unreachable', 'no ledger', event.status_error ?? '');
  setState('ledger', event.status.finished ? 'finished' : 'not running',
    event.status.finished ? 'read from its ledger'
      : `read from its ledger; ${continueWith(event)}`);
}

function rate(field) {
  const first = samples.find((sample) => samples.at(-1)[0] - sample[0] <= 30_000);
  const seconds = (samples.at(-1)[0] - first[0]) / 1000;
  return seconds > 0 ? (samples.at(-1)[field] - first[field]) / seconds : 0;
}

function showBucket(live, fetch, now) {
  const sample = live.sample, bucket = live.bucket, progress = live.progress;
  const parts = [
    ...(bucket ? [[`${count(Math.round(bucket.tokens))} of ${count(bucket.burst)}`, 'tokens']] : []),
    [count(Math.round(progress?.requests_per_minute ?? 0))
      + (bucket ? ` of ${count(Math.round(bucket.per_minute))}` : ''), 'requests per minute'],
    [count(sample[5]), 'answered 429'],
    [count(live.failures), 'without a reply'],
    ...(bucket && bucket.frozen_seconds > 0 ? [[span(bucket.frozen_seconds), 'frozen after a 429']] : []),
    ...(bucket && bucket.share < 1 ? [[`${Math.round(bucket.share * 100)}%`, 'of the limit is used']] : [])];
  fill('bucket', parts, () => parts.map(([value, name]) => figure(value, name)));
  $('tokens-part').hidden = !bucket;
  if (bucket) drawTokens(samples, bucket.burst, now);
  drawColumns('requests', 'Requests by kind over time', samples, [2, 4, 3],
    ['submit', 'page', 'poll'], now, 5, 'per second');
  const sent = sample.slice(2, 5);
  fill('requests-legend', sent, () => [pair('submits', count(sent[0]), 'submit'),
    pair(fetch, count(sent[2]), 'page'), pair('polls', count(sent[1]), 'poll')]);
}

function showThroughput(live, now) {
  const parts = [
    [rate(6).toFixed(1), 'captures per second'], [`${bytes(Math.round(rate(7)))}/s`, 'from the API'],
    [count(live.sample[6]), 'captures since the start'],
    [`${bytes(live.window_bytes)} of ${bytes(live.window_limit)}`, 'between API and sinks']];
  fill('throughput', parts, () => parts.map(([value, name]) => figure(value, name)));
  drawColumns('captures', 'Captures per second over time', samples, [6], ['captured'],
    now, 5, 'per second');
}

/** A sink's numbers, and below them what it waits for. */
function sinkRows(sink) {
  const number = (value) => el('td', 'number', value);
  const rows = [el('tr', '', el('td', '', sink.name),
    number(count(sink.captures)), number(count(sink.lag)),
    number(count(sink.captures - sink.committed)),
    number(`${(sink.mean_write_seconds * 1000).toFixed(1)} ms`), number(count(sink.failures)))];
  if (sink.waits) {
    const reason = el('td', 'waits', `waiting: ${sink.reason}`);
    reason.colSpan = rows[0].children.length;
    rows.push(el('tr', '', reason));
  }
  return rows;
}

function showSinks(sinks) {
  fill('sinks', sinks, () => {
    const head = el('tr', '', el('th', '', 'sink'), ...['delivered', 'lag', 'uncommitted',
      'per page', 'failures'].map((name) => el('th', 'number', name)));
    return [el('table', '', el('thead', '', head), el('tbody', '', ...sinks.flatMap(sinkRows)))];
  });
}

function showProblems(event) {
  const kept = Boolean(event.live);
  fill('problems', [kept, event.problems], ([, problems]) => problems.length === 0
    ? [el('p', 'muted', kept ? 'None.'
      : 'Kept only while the job runs; earlier ones are in its log.')]
    : problems.slice().reverse().map((problem) => el('div', 'problem',
      el('p', '', el('span', `level ${problem.level}`, problem.event),
        el('span', 'muted', ` ${clock(problem.at)}`)),
      el('p', '', problem.message),
      ...Object.entries(problem.fields).map(([name, value]) =>
        el('p', 'muted', `${name}: ${value}`)))));
}

function showLive({ live, fetch }) {
  for (const card of document.querySelectorAll('.live')) card.hidden = !live;
  if (!live) return;
  const now = live.sample[0];
  if (live.phase !== 'ended') samples.push(live.sample);
  samples = samples.filter((sample) => now - sample[0] <= window_ms + 5_000).slice(-400);
  if (samples.length > 0) {
    showBucket(live, fetch, now);
    showThroughput(live, now);
  }
  showSinks(live.sinks);
  drawRuns(live);
}

function show(event) {
  last = event;
  setText('job', event.job);
  document.title = `${event.job} · sluice`;
  showState(event);
  if (event.status) {
    const status = event.status;
    showAccount(status.urls);
    showRounds(status.rounds);
    showProgress(status, event.live);
    showBought(status);
    showWhy(status.why);
    showWork(status, event.fetch);
    showRows(status.row_sinks);
    showStuck(status, event.commands);
    setText('ledger', status.ledger);
  }
  showLive(event);
  showProblems(event);
}

/** Why the job ended, and the command that continues it, mentioned once. */
function toContinue(event) {
  const { live, status, commands } = event;
  const reason = live.detail || 'sluice has ended';
  if (!commands.resolve) return `${reason}; to rehearse again: ${commands.run}`;
  if (status?.credit_limit?.used_up)
    return `${reason}; to continue, raise runs.max_credits: ${commands.run}`;
  return reason + (reason.endsWith('run again to continue') ? ': ' : '; to continue: ') + commands.run;
}

/** The server is gone: keeps showing the last state and tries again. */
function showGone() {
  if (!last) return setState('unreachable', 'not reachable', 'trying again');
  if (last.live?.phase === 'ended' && last.status?.finished)
    return setState('ended', 'finished', 'sluice has ended; this is its last state');
  if (last.live?.phase === 'ended')
    return setState('ended', 'ended', toContinue(last));
  setState('unreachable', 'not reachable', 'this is the last known state; trying again');
}

function connect() {
  const events = new EventSource('/api/events');
  events.addEventListener('history', (message) => { samples = JSON.parse(message.data); });
  events.onmessage = (message) => show(JSON.parse(message.data));
  events.onerror = () => {
    events.close();
    showGone();
    setTimeout(connect, retry_ms);
  };
}

connect();
