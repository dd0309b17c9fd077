// @ts-check
// The text of a prompt: its tokens in a row, in chunks that the browser draws only while they are visible.

/**
 * @typedef {{ target: number, tokens: string[], shown: Record<string, string>, promptLength?: number,
 *   mask?: number[] }} Prompt `shown` has the visible text of the tokens that need another one; the tokens after
 *   `promptLength` were generated; `mask` is 0 for padding
 */

const chunkLength = 256;

/**
 * Returns the visible text of a token.
 * @param {Prompt} prompt
 * @param {number} position
 */
const tokenText = ({ tokens, shown }, position) => shown[position] ?? tokens[position].replaceAll(' ', '·');

/**
 * Tells whether a token was generated.
 * @param {Prompt} prompt
 * @param {number} position
 */
const isMade = ({ promptLength = Infinity }, position) => position >= promptLength;

/**
 * Names a token in a sentence: its text and its position.
 * @param {Prompt} prompt
 * @param {number} position
 * @param {number} length of the text
 */
const named = (prompt, position, length = 24) =>
  `${isolated(clip(tokenText(prompt, position), length))} ${position}`;

/**
 * Scrolls a region, and not the page, to one of its tokens.
 * @param {Element} region
 * @param {Element} token
 * @param {number} [again] the number of times the place is corrected, since parts are measured as they become visible
 */
function scrollToToken(region, token, again = 3) {
  const [area, place] = [region.getBoundingClientRect(), token.getBoundingClientRect()];
  region.scrollTop += place.top - area.top - (area.height - place.height) / 2;
  if (again > 0) requestAnimationFrame(() => scrollToToken(region, token, again - 1));
}

/**
 * Returns the positions of the tokens that contain a text; a number also finds the token at this position.
 * @param {Prompt} prompt
 * @param {string} text
 */
function hitsOf(prompt, text) {
  const wanted = text.toLowerCase();
  if (wanted === '') return [];
  return prompt.tokens.flatMap((token, i) => (token.toLowerCase().includes(wanted)
    || tokenText(prompt, i).toLowerCase().includes(wanted) || String(i) === wanted ? [i] : []));
}

/**
 * Tells how many tokens contain the text that is searched.
 * @param {number[]} hits
 */
const tellHits = (hits) => (byId('hits').textContent = state.q === '' ? '' : `${hits.length} found`);

/**
 * Marks the tokens at some positions, and tells how many these are.
 * @param {Element[]} elements one for each token
 * @param {number[]} hits
 */
function markHits(elements, hits) {
  const found = new Set(hits);
  elements.forEach((element, i) => mark(element, 'data-hit', found.has(i)));
  tellHits(hits);
}

/**
 * Returns the first of some positions behind a position, or the first of all.
 * @param {number[]} hits
 * @param {number} position
 */
const hitAfter = (hits, position) => hits.find((hit) => hit > position) ?? hits[0];

/**
 * Shows a prompt.
 * @param {Element} region
 * @param {Prompt} prompt
 * @returns {HTMLElement[]} an element for each token
 */
function drawStrip(region, prompt) {
  const { tokens, target, promptLength } = prompt;
  const elements = tokens.map((_, i) => /** @type {HTMLElement} */ (
    make('span', { class: 't', 'data-i': i, dir: 'auto', role: 'button' }, tokenText(prompt, i))));
  for (let start = 0; start < tokens.length; start += chunkLength)
    region.append(make('div', { class: 'chunk' }, ...elements.slice(start, start + chunkLength)
      .flatMap((element, i) => (tokens[start + i].includes('\n') ? [element, make('br')] : [element]))));
  elements.forEach((element, i) => {
    mark(element, 'data-made', isMade(prompt, i) && (i === promptLength ? 'first' : true));
    mark(element, 'data-pad', prompt.mask?.[i] === 0);
  });
  elements[target]?.setAttribute('tabindex', '0');
  return elements;
}

/**
 * Lets Tab reach one token of a text, and keys move to the others.
 * @param {Element} region
 * @param {() => HTMLElement[]} elementsOf
 */
function moveInStrip(region, elementsOf) {
  rove(region, '.t', (from, key) => {
    const here = Number(from.dataset.i);
    const elements = elementsOf();
    const there = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: elements.length - 1 }[key];
    return there === undefined ? null : elements[there] ?? from;
  });
  on(region, 'click', (event) => {
    const token = event.target.closest('.t');
    if (token) focusOn(region, '.t', token);
  });
}
