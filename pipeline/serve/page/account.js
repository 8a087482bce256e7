// What the ledger says: the account of every URL, the work done, the batches
// that need a decision. The same numbers as `sluice status --json`.

import { $, el, setText, fill, count, span, shellWord } from './dom.js';

const states = ['captured', 'missing', 'failed', 'rejected', 'held', 'set_aside', 'pending'];
const skipped = ['invalid', 'duplicate'];

/** A name in the JSON as people write it. */
const words = (name) => name.replaceAll('_', ' ');

export function figure(value, name) {
  return el('div', 'figure', el('b', '', value), el('span', '', name));
}

/** The first sink whose last attempt failed: the job waits for it. */
export const waitingSink = (live) =>
  live.phase === 'running' ? live.sinks.find((sink) => sink.waits) : undefined;

/** An entry of a legend; the swatch is the name of a CSS variable. */
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

/** Shows what is bought until something is delivered. */
function shareText({ urls, runs, imported }, settled, all) {
  if (all === 0) return imported ? '100%' : '0%';
  const share = (part) => `${Math.floor(1000 * part / all) / 10}%`;
  return urls.captured === 0 && urls.pending > 0 && runs.urls > 0
    ? `${share(Math.min(runs.urls, all))} bought` : share(settled);
}

/** "380 captured, 20 missing": zeros are left out. */
const counts = (names, numbers) => names.filter((name) => numbers[name] > 0)
  .map((name) => `${count(numbers[name])} ${words(name)}`).join(', ');

/** What each round brought, if URLs were submitted again. */
export function showRounds(rounds) {
  fill('rounds', rounds, () => rounds.map(({ round, taken, urls }) => el('p', 'muted',
    (round === 0 ? 'First round' : `Retry ${round} (${counts(['missing', 'failed', 'rejected'], taken)})`)
    + `: ${count(urls.total)} ${urls.total === 1 ? 'URL' : 'URLs'}, ${counts(states, urls)}`)));
}

export function showProgress(status, live) {
  const urls = status.urls, limit = status.credit_limit;
  const all = urls.total - urls.invalid - urls.duplicate;
  const settled = all - urls.pending - urls.held - urls.set_aside;
  setText('share', shareText(status, settled, all));
  const left = live?.progress?.seconds_left;
  const parts = [
    [`${count(settled)} of ${count(all)}`, 'URLs settled'],
    ...(left == null || live.phase === 'ended' || waitingSink(live) ? [] : [[span(left), 'left']]),
    [span(status.seconds), 'worked'],
    ...(limit ? [[`${count(Math.ceil(limit.committed))} of ${count(limit.most)}`,
      'credits of runs.max_credits, at most']] : []),
  ];
  fill('figures', parts, () => parts.map(([value, name]) => figure(value, name)));
}

/** What is paid for, and what came of it. */
export function showBought(status) {
  const bought = status.credits_bought;
  const rows = [
    ['bought', ['runs.urls', status.runs.urls], null,
      bought === null ? 'no bound' : `at most ${count(Math.ceil(bought))}`],
    ['delivered', ['urls.captured', status.urls.captured],
      ['captures.delivered', status.captures.delivered],
      `about ${count(Math.round(status.credits))}`]];
  fill('bought', rows, () => {
    const cell = (value) => {
      if (!value) return el('td', 'number', '–');
      const made = el('td', 'number', count(value[1]));
      made.dataset.field = value[0];
      return made;
    };
    const head = el('tr', '', el('th', ''), ...['URLs', 'captures', 'credits'].map((name) =>
      el('th', 'number', name)));
    return [el('table', '', el('thead', '', head), el('tbody', '', ...rows.map(
      ([name, urls, captures, credits]) => el('tr', '', el('td', '', name), cell(urls),
        cell(captures), el('td', 'number', credits)))))];
  });
}

/** Each cause keeps its colour, the CSS variable of its name, at any rank. */
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

/** What the numbers of the work mean, if their names do not say it. */
const meanings = {
  'runs.urls': 'bought: the URLs of these runs',
  'captures.extra': 'for URLs that were not submitted, such as the target of a redirect; '
    + 'delivered like the others',
  'captures.repeated': 'listed again by the API; delivered once',
  'captures.short': 'a run reported them, but the API never listed them: they cannot be delivered',
  'captures.dead_lettered': 'refused by a sink and written to its dead letter file',
};

/** `fetch`: captures come in pages or downloads. */
export function showWork(status, fetch) {
  const rows = [];
  for (const part of ['runs', 'captures', 'requests'])
    for (const [name, value] of Object.entries(status[part]))
      rows.push([`${part} ${name === 'pages' ? fetch : words(name)}`,
        value, `${part}.${name}`]);
  fill('work', rows, () => rows.flatMap(([name, value, field]) => {
    const text = el('dd', '', count(value));
    text.dataset.field = field;
    const meaning = meanings[field];
    return [el('dt', '', name, ...(meaning ? [el('small', '', meaning)] : [])), text];
  }));
}

/** What the gaps of a column are; empty if it has none. */
const gaps = ({ missing, mismatched, replaced }) => [
  [missing, 'without a value'], [mismatched, 'with another type'],
  [replaced, 'with characters that are not valid']]
  .filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`).join(', ');

/** What the sinks that write rows have done, as committed. */
export function showRows(sinks) {
  $('rows-card').hidden = sinks.length === 0;
  const row = (name, value) => [el('dt', '', name), el('dd', '', value)];
  fill('rows', sinks, () => sinks.flatMap(({ sink, rows, dead_lettered: letters, columns }) => [
    ...row(`${sink}: rows`, count(rows)),
    ...(letters > 0 ? row(`${sink}: dead letters`, count(letters)) : []),
    ...columns.filter((column) => gaps(column)).flatMap((column) =>
      row(`${sink}: ${column.column}`, gaps(column)))]));
}

function stuckBatch(kind, batch, commands) {
  return el('div', 'stuck',
    el('p', '', el('b', '', `Batch ${batch.batch}, ${kind}`),
      ` · ${count(batch.urls)} ${batch.urls === 1 ? 'URL' : 'URLs'}`
      + (batch.run ? ` · run ${batch.run}` : '')),
    el('p', 'muted', batch.reason),
    ...commands.map((command) => el('code', '', command)));
}

/** Held batches and runs set aside with the commands that decide about them, others with those that list them. */
export function showStuck(status, commands) {
  const { held, set_aside: aside, rejected, failed } = status;
  $('stuck-card').hidden = held.length + aside.length + rejected.length + failed.length === 0;
  fill('stuck', [held, aside, rejected, failed, commands], () => commands.resolve ? [
    ...(held.length ? [el('p', 'muted', 'Held: it is unknown whether a run exists. Look for it at '
      + 'the API, then adopt it, submit the batch again (pays twice if a run exists), or give it up.')] : []),
    ...held.map((batch) => stuckBatch('held', batch, [
      `${commands.resolve} ${batch.batch} adopt ${batch.run ? shellWord(batch.run) : 'RUN_ID'}`,
      `${commands.resolve} ${batch.batch} resubmit`,
      `${commands.resolve} ${batch.batch} abandon`])),
    ...(aside.length ? [el('p', 'muted', 'Set aside: the captures of these runs are paid for, but '
      + 'cannot be read from the API. When the API works again, read them again, or give them up.')] : []),
    ...aside.map((batch) => stuckBatch('set aside', batch, [
      `${commands.resolve} ${batch.batch} read-again`,
      `${commands.resolve} ${batch.batch} abandon`])),
    ...rejected.map((batch) => stuckBatch('rejected', batch, [])),
    ...(rejected.length ? [el('p', 'muted', 'Rejected: the API refuses these URLs. Correct them and '
      + 'run them as a separate job; this command lists them:'), el('code', '', commands.rejected)] : []),
    ...failed.map((batch) => stuckBatch('failed', batch, [])),
    ...(failed.length ? [el('p', 'muted', 'Failed: the API reports that these runs failed or were stopped, or no '
      + 'longer knows them, or you abandoned them. What they captured is delivered and paid for; only the API '
      + 'shows what else they cost. To buy the remaining URLs again:'),
    el('code', '', commands.failed)] : []),
  ] : [
    el('p', 'muted', 'This is a rehearsal: nothing was sent to the real API, so there is nothing to decide.'),
    ...held.map((batch) => stuckBatch('held', batch, [])),
    ...aside.map((batch) => stuckBatch('set aside', batch, [])),
    ...rejected.map((batch) => stuckBatch('rejected', batch, [])),
    ...failed.map((batch) => stuckBatch('failed', batch, []))]);
}
