// @ts-check
// What the reader of the page of two checkpoints can choose, and what the choices mean.

const measureIds = measures.map(({ id }) => id);

const choices = {
  measure: measureIds,
  scale: ['linear', 'root'],
  text: texts.map((_, i) => String(i)),
  rows: ['some', 'all'],
};
const address = { n: 'sel', m: 'measure', c: 'scale', x: 'text', a: 'rows' };

/**
 * `sel` is what is kept: a head, such as 3.2; a weight, such as w3.2 (its layer and its column); or a token, such as
 * t0.17 (its text and its position). `over` is the same of what the pointer or the keyboard is at.
 */
const initial = { measure: data.opening, scale: 'linear', text: '0', rows: 'some' };

/** @param {string} name of a mark @returns {boolean} whether there is such a mark */
function isThere(name) {
  if (name[0] === 'w') return weightPlaces.has(name.slice(1));
  const [text, position] = name.slice(1).split('.').map(Number);
  return name[0] === 't' ? /^t\d+\.\d+$/.test(name) && position < (texts[text]?.kl.length ?? 0) : keys.includes(name);
}

/** @param {URLSearchParams} from */
function read(from) {
  const name = from.get('n') ?? '';
  if (!isThere(name)) return;
  state.sel = name;
  if (name[0] === 't') state.text = name.slice(1).split('.')[0];
}

/** @param {string} name */
const pick = (name) => set({ sel: state.sel === name ? '' : name });

const measureNow = () => measures[measureIds.indexOf(state.measure)];

/** The head that is kept; -1 for none. */
const selectedHead = () => keys.indexOf(state.sel);

/** The heads in the order of the number that is shown. */
const rankedHeads = () => {
  const { values } = measureNow();
  return keys.map((_, head) => head).filter((head) => values[head] !== null)
    .sort((a, b) => Math.abs(Number(values[b])) - Math.abs(Number(values[a])) || a - b);
};

/** @type {Record<string, string>} */
const drawnParts = {};

/**
 * Tells whether a part must be drawn anew, since what it shows has changed.
 * @param {string} part
 * @param {...any} what
 */
function isNew(part, ...what) {
  const wanted = what.join('|');
  if (drawnParts[part] === wanted) return false;
  drawnParts[part] = wanted;
  return true;
}
