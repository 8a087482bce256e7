// The only way for text to reach the page: as text. Nothing here, or anywhere
// on the page, parses outside data as markup.

const svgNames = 'http://www.w3.org/2000/svg';

export const $ = (id) => document.getElementById(id);

/** An element with a class and children, which are elements or text. */
export function el(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children.map((child) =>
    child instanceof Node ? child : document.createTextNode(String(child))));
  return made;
}

export function svg(tag, attributes) {
  const made = document.createElementNS(svgNames, tag);
  for (const [name, value] of Object.entries(attributes))
    made.setAttribute(name, value);
  return made;
}

export const setText = (id, text) => {
  if ($(id).textContent !== text) $(id).textContent = text;
};

const shown = new Map();

/**
 * Rebuilds the children of an element if `data` has changed since they were
 * built, so that a command being copied keeps its selection.
 */
export function fill(id, data, build) {
  const key = JSON.stringify(data);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  $(id).replaceChildren(...build(data));
}

/** One word of a shell command line. */
export const shellWord = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// -- values as people read them ----------------------------------------------

export const count = (number) => Number(number).toLocaleString('en-US');

export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`;
}

export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; number >= 1024 && unit < units.length - 1; ++unit) number /= 1024;
  return `${unit ? number.toFixed(1) : number} ${units[unit]}`;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');
