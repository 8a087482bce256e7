// What the ledger says: the account of every URL, the work done, the batches
// that need a decision. The same numbers as `sluice status --json`.

import { $, el, setText, fill, count, span, shellWord } from './dom.js';

const states = ['captured', 'missing', 'failed', 'rejected', 'held', 'set_aside', 'pending'];
const skipped = ['invalid', 'duplicate'];

/** A name of the JSON as people write it. */
const words = (name) => name.replaceAll('_', ' ');

export function figure(value, name) {
  return el('div', 'figure', el('b', '', value), el('span', '', name));
}

/** The first sink whose last attempt failed: the job gets on only with it. */
export const waitingSink = (live) =>
  live.phase === 'running' ? live.sinks.find((sink) => sink.waits) : undefined;

/** A pair of a legend; the swatch is the name of a CSS variable. */
export function pair(name, value, swatch, field) {
  const term = el('dt', swatch ? 'swatch' : '', name);
  if (swatch) term.style.setProperty('--swatch', `var(--${swatch})`);
  const text = el('dd', '', value);
  if (field) text.dataset.field = field;
  return el('div', '', term, text);
}

function stack(parts) {
  const sum = parts.reduce((all, [, value]) => all + value, 0);
  return parts.filter(([, value]) => value > 0).map(([name, value, swatch]) => {
    const part = el('i', '');
    part.style.flex = `${value / sum} 0 0`;
    part.style.background = `var(--${swatch})`;
    part.title = `${words(name)}: ${count(value)}`;
    return part;
  });
}

export function showAccount(urls) {
  fill('states', urls, () => stack(states.map((state) => [state, urls[state], state])));
  $('states').setAttribute('aria-label', states.map((state) =>
    `${urls[state]} ${words(state)}`).join(', '));
  fill('account', urls, () => [
    ...states.map((state) => pair(words(state), count(urls[state]), state, `urls.${state}`)),
    ...skipped.filter((state) => urls[state] > 0).map((state) =>
      pair(state, count(urls[state]), '', `urls.${state}`)),
    pair('total', count(urls.total), '', 'urls.total')]);
}

/** "380 captured, 20 missing": what is zero is left out. */
const counts = (names, numbers) => names.filter((name) => numbers[name] > 0)
  .map((name) => `${count(numbers[name])} ${words(name)}`).join(', ');

/** What each round brought, once URLs were submitted again. */
export function showRounds(rounds) {
  fill('rounds', rounds, () => rounds.map(({ round, taken, urls }) => el('p', 'muted',
    (round === 0 ? 'First round' : `Retry ${round} (${counts(['missing', 'failed', 'rejected'], taken)})`)
    + `: ${count(urls.total)} ${urls.total === 1 ? 'URL' : 'URLs'}, ${counts(states, urls)}`)));
}

export function showProgress(status, live) {
  const urls = status.urls;
  const all = urls.total - urls.invalid - urls.duplicate;
  const settled = all - urls.pending - urls.held - urls.set_aside;
  const share = all === 0 ? (status.imported ? 100 : 0) : 100 * settled / all;
  setText('share', `${Math.floor(share * 10) / 10}%`);
  const left = live?.progress?.seconds_left;
  const parts = [
    [`${count(settled)} of ${count(all)}`, 'URLs settled'],
    ...(left == null || live.phase === 'ended' || waitingSink(live) ? [] : [[span(left), 'left']]),
    [span(status.seconds), 'worked'],
    [count(Math.round(status.credits)), 'credits, about'],
  ];
  fill('figures', parts, () => parts.map(([value, name]) => figure(value, name)));
}

/** Each cause has its colour, the CSS variable of its name, whatever its rank. */
export function showWhy(why) {
  $('why-card').hidden = !why;
  if (!why) return;
  const parts = Object.entries(why).filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name, value]) => [name, value, name]);
  fill('why', parts, () => stack(parts));
  fill('why-legend', parts, () => parts.map(([name, value, swatch]) =>
    pair(name, `${value}%`, swatch)));
}

/** Captures come in `fetch`: pages or downloads. */
export function showWork(status, fetch) {
  const rows = [];
  for (const part of ['runs', 'captures', 'requests'])
    for (const [name, value] of Object.entries(status[part]))
      rows.push([`${part} ${name === 'pages' ? fetch : words(name)}`,
        value, `${part}.${name}`]);
  fill('work', rows, () => rows.flatMap(([name, value, field]) => {
    const text = el('dd', '', count(value));
    text.dataset.field = field;
    return [el('dt', '', name), text];
  }));
}

function stuckBatch(kind, batch, commands) {
  return el('div', 'stuck',
    el('p', '', el('b', '', `Batch ${batch.batch}, ${kind}`),
      ` · ${count(batch.urls)} ${batch.urls === 1 ? 'URL' : 'URLs'}`
      + (batch.run ? ` · run ${batch.run}` : '')),
    el('p', 'muted', batch.reason),
    ...commands.map((command) => el('code', '', command)));
}

/** Held batches and runs set aside with what decides about them, rejected ones with what lists them. */
export function showStuck(status, commands) {
  const { held, set_aside: aside, rejected } = status;
  $('stuck-card').hidden = held.length + aside.length + rejected.length === 0;
  fill('stuck', [held, aside, rejected, commands], () => commands.resolve ? [
    ...(held.length ? [el('p', 'muted', 'Held: nobody knows whether a run exists. Look at the API '
      + 'for it, then adopt it, submit the batch again, which pays twice if there is one, or give it up.')] : []),
    ...held.map((batch) => stuckBatch('held', batch, [
      `${commands.resolve} ${batch.batch} adopt ${batch.run ? shellWord(batch.run) : 'RUN_ID'}`,
      `${commands.resolve} ${batch.batch} resubmit`,
      `${commands.resolve} ${batch.batch} abandon`])),
    ...(aside.length ? [el('p', 'muted', 'Set aside: the captures of these runs lie at the API, paid '
      + 'for, and cannot be read. When the API is right again, read them again, or give them up.')] : []),
    ...aside.map((batch) => stuckBatch('set aside', batch, [
      `${commands.resolve} ${batch.batch} read-again`,
      `${commands.resolve} ${batch.batch} abandon`])),
    ...rejected.map((batch) => stuckBatch('rejected', batch, [])),
    ...(rejected.length ? [el('p', 'muted', 'Rejected: the API refuses these URLs. Correct them and '
      + 'run them as a job of their own; this lists them:'), el('code', '', commands.rejected)] : []),
  ] : [
    el('p', 'muted', 'This is a rehearsal: nothing was sent to the real API, so there is nothing to decide.'),
    ...held.map((batch) => stuckBatch('held', batch, [])),
    ...aside.map((batch) => stuckBatch('set aside', batch, [])),
    ...rejected.map((batch) => stuckBatch('rejected', batch, []))]);
}
