// @ts-check
// The text of a prompt: its tokens in a row, in chunks that the browser draws only while they are visible.

/**
 * @typedef {{ target: number, tokens: string[], shown: Record<string, string> }} Prompt `shown` has the visible text of
 *   the tokens that need another one
 */

const chunkLength = 256;

/**
 * Returns the visible text of a token.
 * @param {Prompt} prompt
 * @param {number} position
 */
const tokenText = ({ tokens, shown }, position) => shown[position] ?? tokens[position].replaceAll(' ', '·');

/**
 * Names a token in a sentence: its text and its position.
 * @param {Prompt} prompt
 * @param {number} position
 * @param {number} length of the text
 */
const named = (prompt, position, length = 24) =>
  `${isolated(clip(tokenText(prompt, position), length))} ${position}`;

/**
 * Returns the tokens of a path, the earliest first.
 * @param {Prompt} prompt
 * @param {number[]} at
 * @param {boolean} [apart] whether the positions are shown too
 */
const routeText = (prompt, at, apart) => at.toReversed()
  .map((position) => (apart ? named(prompt, position, 18) : isolated(clip(tokenText(prompt, position), 18))))
  .join(' → ');

/**
 * Returns the texts of paths. Paths that read alike are told apart by their positions.
 * @param {Prompt} prompt
 * @param {{ at: number[] }[]} paths
 */
function routesOf(prompt, paths) {
  const texts = paths.map(({ at }) => routeText(prompt, at));
  return texts.map((text, i) => (texts.indexOf(text) === texts.lastIndexOf(text)
    ? text : routeText(prompt, paths[i].at, true)));
}

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
 * Scrolls a region to one of its tokens as soon as the region is visible: before, its parts are not measured.
 * @param {Element} region
 * @param {Element} token
 */
function openAtToken(region, token) {
  new IntersectionObserver(([{ isIntersecting }], observer) => {
    if (!isIntersecting) return;
    observer.disconnect();
    scrollToToken(region, token);
  }).observe(region);
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
 * Shows a prompt. Tab reaches one of its tokens, keys move to the others.
 * @param {Element} region
 * @param {Prompt} prompt
 * @returns {HTMLElement[]} an element for each token
 */
function drawStrip(region, prompt) {
  const { tokens, target } = prompt;
  const elements = tokens.map((_, i) => /** @type {HTMLElement} */ (
    make('span', { class: 't', 'data-i': i, dir: 'auto', role: 'button' }, tokenText(prompt, i))));
  for (let start = 0; start < tokens.length; start += chunkLength)
    region.append(make('div', { class: 'chunk' }, ...elements.slice(start, start + chunkLength)
      .flatMap((element, i) => (tokens[start + i].includes('\n') ? [element, make('br')] : [element]))));
  elements[target]?.setAttribute('tabindex', '0');
  rove(region, '.t', (from, key) => {
    const here = Number(from.dataset.i);
    const there = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: tokens.length - 1 }[key];
    return there === undefined ? null : elements[there] ?? from;
  });
  on(region, 'click', (event) => {
    const token = event.target.closest('.t');
    if (token) focusOn(region, '.t', token);
  });
  return elements;
}
