// The runs as bars on one timeline: queued at the API, active, being read,
// done.

import { $, el, setText, count, clock } from './dom.js';

const longest_ms = 30 * 60_000;
const most_closed = 12;

function part(name, from, to, begin, end) {
  const bar = el('i', name);
  const at = (time) => 100 * Math.min(1, Math.max(0, (time - begin) / (end - begin)));
  bar.style.left = `${at(from)}%`;
  bar.style.width = `${Math.max(0.4, at(to) - at(from))}%`;
  return bar;
}

function track(run, begin, now) {
  const submitted = run.submitted_at ?? begin;
  const ended = run.ended_at ?? now;
  const started = Math.min(ended, run.started_at
    ?? (run.stage === 'queued' ? ended : submitted));
  const bars = el('div', 'track');
  if (started > submitted)
    bars.append(part('queued', submitted, started, begin, now));
  if (run.stage !== 'queued')
    bars.append(part(is_closed(run) ? run.stage : 'active',
      started, ended, begin, now));
  if (run.stage === 'reading') bars.append(part('reading', ended, now, begin, now));
  return bars;
}

function counters(run) {
  if (run.stage === 'queued') return `queued, ${count(run.urls)} URLs`;
  if (run.stage === 'active')
    return run.extracted === null ? `${count(run.urls)} URLs`
      : `${count(run.extracted)} of ${count(run.urls)}`;
  return `${run.stage.replaceAll('_', ' ')}, ${count(run.captures)}`;
}

const is_closed = (run) => ['done', 'held', 'set_aside'].includes(run.stage);

export function drawRuns(live) {
  const now = live.sample[0];
  const shown = [...live.runs.filter(is_closed).slice(-most_closed),
    ...live.runs.filter((run) => !is_closed(run))];
  const times = shown.map((run) => run.submitted_at).filter(Boolean);
  const begin = Math.max(now - longest_ms, Math.min(now - 10_000, ...times));
  const rows = shown.slice().reverse().map((run) => {
    const name = el('span', 'name', `${run.batch} · ${run.run}`);
    name.title = run.run;
    return el('div', 'run', name, track(run, begin, now), el('span', 'count', counters(run)));
  });
  const scale = el('div', 'run', el('span', ''),
    el('div', 'scale', el('span', '', clock(begin)), el('span', '', clock(now))),
    el('span', ''));
  $('runs').replaceChildren(scale, ...rows);
  setText('runs-note', live.runs.length === 0 ? 'No open runs.'
    : `${count(live.active_runs)} active, ${count(live.unread_runs)} being read, `
      + `${count(live.runs_done)} done`
      + (live.runs_not_shown > 0 ? `; ${count(live.runs_not_shown)} more are not shown` : ''));
}
