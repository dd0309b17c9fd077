// @ts-check
// The text of a sample, and the choice of one.

/** Returns the text of a sample, as the strip draws it. @param {number} sample @returns {Prompt} */
function wordsOf(sample) {
  const { at, position } = data.samples[sample];
  const shown = Object.fromEntries(at.flatMap((/** @type {number} */ place, /** @type {number} */ i) =>
    (data.shown[place] ? [[i, data.shown[place]]] : [])));
  return { target: position ?? 0, tokens: at.map((/** @type {number} */ place) => data.tokens[place]), shown };
}

let words = wordsOf(0);
/** @type {HTMLElement[]} */
let strip = [];
/** @type {number[]} */
let hits = [];

byId('sample').append(...data.samples.map((/** @type {any} */ _, /** @type {number} */ i) => {
  const { position } = data.samples[i];
  const where = position === null ? '' : `, at ${position}`;
  return make('option', { value: i + 1 }, `${i + 1}${where}: ${clip(wordsOf(i).tokens.join('').trim(), 28)}`);
}));

/** Draws the text of the sample; the changed position is marked. */
function drawText() {
  byId('sample').value = String(state.sample);
  if (!isNew('text', state.sample)) return;
  words = wordsOf(state.sample - 1);
  byId('toks').replaceChildren();
  strip = drawStrip(byId('toks'), words);
  mark(strip[words.target], 'data-changed', data.everywhere !== true);
  scrollToToken(byId('toks'), strip[words.target]);
  find();
}

function find() {
  hits = hitsOf(words, state.q);
  markHits(strip, hits);
}

/** Outlines positions in the text. @param {number} over @param {number} picked -1 for none */
function outlineText(over, picked) {
  strip.forEach((token, i) => {
    mark(token, 'data-over', over === i);
    mark(token, 'aria-current', picked === i && 'true');
  });
}

/** @param {string} name of a mark; -1 where it is no position of the sample */
const positionOf = (name) => (/^\d+$/.test(name) && Number(name) < words.tokens.length ? Number(name) : -1);

/** @param {number} place in the table of tokens */
const textAt = (place) => tokenText(/** @type {any} */ (data), place);

moveInStrip(byId('toks'), () => strip);

/** Returns the samples as the files of the command have them. */
const sampleFiles = () => data.samples.map((/** @type {any} */ { at, position }, /** @type {number} */ i) => ({
  sample: i + 1, tokens: at.map((/** @type {number} */ place) => ({ id: data.ids[place], text: data.tokens[place] })),
  position,
}));
