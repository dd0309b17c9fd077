// @ts-check
// What the comparison of two traces of one layer says about links and paths.

/**
 * @typedef {{ at: number[], share: number }} Path
 * @typedef {{ key: number, query: number, attention: number, paths: number[] }} Link
 */

const columnChoices = ['hops', 'position'];
const linkWord = 'Link';

/** Returns the columns of a side in the table that is exported. @param {Trace} trace */
const columnsOf = (trace) =>
  ['position', 'token', 'key_position', 'key_token', 'positions', measureColumn(trace), 'share'];

/** Returns what the number of a link is called. @param {Trace} trace */
const linkTerm = (trace) => measureTerm(trace);

/** Makes a trace ready to be shown: its positions are its places. */
const prepare = () => {};

/** @param {Trace} trace @param {Link} link */
const linkName = (trace, { key, query }) => `${named(trace, key)} → ${named(trace, query)}`;

/** @param {Link} link */
const linkNumber = ({ attention }) => decimal(attention);

/** @param {Trace} trace @param {Path} path */
const pathName = (trace, { at }) => routeText(trace, at, () => true);

/** @param {Trace} trace @param {Link} link */
const linkFacts = (trace, { query, key, attention }) => ({
  position: query, token: trace.tokens[query], key_position: key, key_token: trace.tokens[key],
  [measureColumn(trace)]: attention,
});

/** @param {Trace} trace @param {Path} path */
const pathFacts = (trace, { at }) => ({ positions: at });
