// @ts-check
// The places of a flow through all layers, and its steps. A place is a position in a column: the column times the
// number of tokens, and the position.

/** @typedef {{ key: number, query: number, flow: number, paths: number[] }} Link a step, from place to place */

/**
 * Makes a flow ready to be shown.
 * @param {any} flow
 */
function prepare(flow) {
  flow.tokenAt = (/** @type {number} */ place) => place % flow.tokens.length;
  flow.placesOf = (/** @type {number} */ position) =>
    flow.layouts.layers.bars.map((/** @type {Bar} */ [place]) => place)
      .filter((/** @type {number} */ place) => flow.tokenAt(place) === position);
}

/** Returns the layer of a step. @param {any} flow @param {Link} link */
const layerOf = ({ fromLayer, tokens }, { key }) => fromLayer + Math.floor(key / tokens.length);

/** Says where a step goes. @param {any} flow @param {Link} link */
function stepText(flow, { key, query }) {
  const [from, to] = [flow.tokenAt(key), flow.tokenAt(query)];
  return from === to ? `${named(flow, to)} stays` : `${named(flow, from)} → ${named(flow, to)}`;
}

/**
 * Scrolls to the first column and the first token, or as far as the bar that is picked: the first of a place, a token
 * or a step, or else of a path.
 * @param {View} view
 */
function showStart({ canvas, flow }) {
  canvas.scrollTo(0, 0);
  const picked = flow.querySelector('.nd[data-state=on]') ?? flow.querySelector('.nd[data-state=vis]');
  if (!picked) return;
  const [area, bar] = [canvas.getBoundingClientRect(), picked.getBoundingClientRect()];
  const [right, below] = [bar.right - area.left - canvas.clientWidth, bar.bottom - area.top - canvas.clientHeight];
  canvas.scrollTo(
    right > 0 ? right + (canvas.clientWidth - bar.width) / 2 : 0,
    below > 0 ? below + (canvas.clientHeight - bar.height) / 2 : 0);
}
