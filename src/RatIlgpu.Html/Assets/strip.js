// @ts-check
// What every text of a prompt shares: its tokens one after another, in chunks that are drawn only where they are seen.

const chunkLength = 256;

/**
 * @param {Element} region
 * @param {string[]} tokens
 * @param {(position: number) => string} shown
 * @returns {HTMLElement[]} an element for each token
 */
function drawStrip(region, tokens, shown) {
  const elements = tokens.map((_, i) =>
    /** @type {HTMLElement} */ (make('span', { class: 't', 'data-i': i, dir: 'auto', role: 'button' }, shown(i))));
  const chunks = [];
  for (let start = 0; start < tokens.length; start += chunkLength) {
    const chunk = make('div', { class: 'chunk' });
    for (let i = start; i < Math.min(start + chunkLength, tokens.length); i++) {
      chunk.append(elements[i]);
      if (tokens[i].includes('\n')) chunk.append(make('br'));
    }
    chunks.push(chunk);
  }
  region.replaceChildren(...chunks);
  return elements;
}

/**
 * @param {HTMLElement[]} elements
 * @param {HTMLElement} from
 * @param {string} key
 */
function nextToken(elements, from, key) {
  const here = Number(from.dataset.i);
  const last = elements.length - 1;
  const there = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[key];
  return there === undefined ? null : elements[Math.min(last, Math.max(0, there))];
}
