// @ts-check
// What the comparison of two flows through all layers says about steps and paths.

/**
 * @typedef {{ at: number[], share: number, route: string }} Path
 * @typedef {{ key: number, query: number, flow: number, paths: number[] }} Link
 */

const columnChoices = ['layers'];
const columnsOf = () => ['layer', 'position', 'token', 'key_position', 'key_token', 'positions', 'flow', 'share'];
const linkWord = 'Step';
const linkTerm = () => 'Share of the step';

/**
 * Makes a flow ready to be shown: a place is a column times the number of tokens, and the position.
 * @param {any} flow
 */
function prepare(flow) {
  flow.tokenAt = (/** @type {number} */ place) => place % flow.tokens.length;
  flow.placesOf = (/** @type {number} */ position) =>
    flow.layouts.layers.bars.map((/** @type {Bar} */ [place]) => place)
      .filter((/** @type {number} */ place) => flow.tokenAt(place) === position);
}

/** @param {any} flow @param {Link} link */
const layerOf = ({ fromLayer, tokens }, { key }) => fromLayer + Math.floor(key / tokens.length);

/** @param {any} flow @param {Link} link */
function linkName(flow, link) {
  const [from, to] = [flow.tokenAt(link.key), flow.tokenAt(link.query)];
  const what = from === to ? `${named(flow, to)} stays` : `${named(flow, from)} → ${named(flow, to)}`;
  return `L${layerOf(flow, link)}: ${what}`;
}

/** @param {Link} link */
const linkNumber = ({ flow }) => percent(flow);

/** @param {any} flow @param {Path} path */
const pathName = (flow, { route }) => route;

/** @param {any} flow @param {Link} link */
function linkFacts(flow, link) {
  const [key, query] = [flow.tokenAt(link.key), flow.tokenAt(link.query)];
  return {
    layer: layerOf(flow, link), position: query, token: flow.tokens[query], key_position: key,
    key_token: flow.tokens[key], flow: link.flow,
  };
}

/** @param {any} flow @param {Path} path */
const pathFacts = (flow, { at }) => ({ positions: at.map(flow.tokenAt) });
