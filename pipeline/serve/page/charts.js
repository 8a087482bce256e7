// Charts of at most the last five minutes, from one sample per second. A
// sample is [time, tokens, submits, polls, pages, 429s, captures, bytes].

import { $, el, svg, count } from './dom.js';

export const window_ms = 300_000;
const column_ms = 5_000;
const width = 600;
const height = 100;

/** The position of a time, from 0 to `width`; `shown` is the chart's span. */
const x = (at, now, shown) => width * (1 - (now - at) / shown);

/** The chart of a young job spans less, so that it is not mostly empty. */
const shown_of = (samples, now) =>
  Math.min(window_ms, Math.max(60_000, now - (samples[0]?.[0] ?? now)));

function draw(id, label, parts, top) {
  const picture = svg('svg', {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none',
    role: 'img', 'aria-label': label });
  picture.append(svg('line', { class: 'axis', x1: 0, x2: width, y1: height, y2: height }),
    ...parts);
  $(id).replaceChildren(picture, el('span', 'top', top));
}

/** How much the samples grew in each column of five seconds, oldest first. */
function columns(samples, fields, begin) {
  const sums = new Map();
  for (let i = 1; i < samples.length; ++i) {
    const column = Math.floor(samples[i][0] / column_ms);
    const sum = sums.get(column) ?? fields.map(() => 0);
    fields.forEach((field, k) => {
      sum[k] += Math.max(0, samples[i][field] - samples[i - 1][field]);
    });
    sums.set(column, sum);
  }
  return [...sums].map(([column, values]) =>
    ({ at: column * column_ms, values }))
    .filter(({ at }) => at >= begin);
}

export function drawTokens(samples, burst, now) {
  const shown = shown_of(samples, now);
  const known = samples.filter((sample) => sample[1] >= 0);
  const y = (tokens) => height * (1 - Math.min(1, tokens / burst));
  const points = known.map((sample) =>
    `${x(sample[0], now, shown).toFixed(1)},${y(sample[1]).toFixed(1)}`);
  const parts = [];
  if (points.length > 1) {
    const first = x(known[0][0], now, shown), last = x(known.at(-1)[0], now, shown);
    parts.push(
      svg('polygon', { class: 'area', points:
        `${first},${height} ${points.join(' ')} ${last},${height}` }),
      svg('polyline', { class: 'line', points: points.join(' ') }));
  }
  for (let i = 1; i < samples.length; ++i)
    if (samples[i][5] > samples[i - 1][5]) {
      const at = x(samples[i][0], now, shown);
      parts.push(svg('line', { class: 'mark', x1: at, x2: at, y1: 0, y2: height }));
    }
  draw('tokens', 'Tokens in the bucket over time; red lines are 429s', parts,
    `${count(burst)} tokens`);
}

/** Stacked columns; `colours` are names of CSS variables. */
export function drawColumns(id, label, samples, fields, colours, now, per, unit) {
  const shown = shown_of(samples, now);
  const all = columns(samples, fields, now - shown);
  const total = (values) => values.reduce((a, b) => a + b, 0);
  const most = Math.max(per, ...all.map(({ values }) => total(values)));
  const parts = [];
  for (const { at, values } of all) {
    const left = x(at, now, shown);
    const wide = Math.min(0.8 * width * column_ms / shown, width - left);
    let base = height;
    values.forEach((value, k) => {
      const part = height * value / most;
      if (part <= 0) return;
      base -= part;
      parts.push(svg('rect', {
        x: left.toFixed(1), y: base.toFixed(2), height: part.toFixed(2),
        width: wide.toFixed(1), fill: `var(--${colours[k]})` }));
    });
  }
  draw(id, label, parts, `${count(Math.round(most / per * 10) / 10)} ${unit}`);
}
