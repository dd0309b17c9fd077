// @ts-check
// What the comparison of two traces of one layer says about links and paths.

/**
 * @typedef {{ at: number[], share: number }} Path
 * @typedef {{ key: number, query: number, attention: number, paths: number[] }} Link
 */

const columnChoices = ['hops', 'position'];
const columns = ['position', 'token', 'key_position', 'key_token', 'positions', 'attention', 'share'];
const linkWord = 'Link';
const linkTerm = 'Attention';

/** Makes a trace ready to be shown: its positions are its places. */
const prepare = () => {};

/** @param {Trace} trace @param {Link} link */
const linkName = (trace, { key, query }) => `${named(trace, key)} → ${named(trace, query)}`;

/** @param {Link} link */
const linkNumber = ({ attention }) => decimal(attention);

/** @param {Trace} trace @param {Path} path */
const pathName = (trace, { at }) => routeText(trace, at, () => true);

/** @param {Trace} trace @param {Link} link */
const linkFacts = ({ tokens }, { query, key, attention }) =>
  ({ position: query, token: tokens[query], key_position: key, key_token: tokens[key], attention });

/** @param {Trace} trace @param {Path} path */
const pathFacts = (trace, { at }) => ({ positions: at });
