// @ts-check
// What the comparison of two flows through all layers says about steps and paths.

/** @typedef {{ at: number[], share: number, route: string }} Path */

const columnChoices = ['layers'];
const columnsOf = () => ['layer', 'position', 'token', 'key_position', 'key_token', 'positions', 'flow', 'share'];
const linkWord = 'Step';
const linkTerm = () => 'Share of the step';

/** @param {any} flow @param {Link} link */
const linkName = (flow, link) => `L${layerOf(flow, link)}: ${stepText(flow, link)}`;

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
