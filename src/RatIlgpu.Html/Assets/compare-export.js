// @ts-check
// Exports the comparison as files.

const kinds = /** @type {[string, Pair[]][]} */ (Object.entries({
  token: data.tokens, link: data.links, path: data.paths,
}));
const columnsOf = (/** @type {'a' | 'b'} */ side) => [
  'position', 'token', 'key_position', 'key_token', 'positions', measureColumn(data[side]), 'share',
];

/**
 * Describes a token, a link or a path on a side; null if it has no counterpart there.
 * @param {string} kind
 * @param {'a' | 'b'} side
 * @param {number} index
 * @param {number} share
 * @returns {Record<string, any> | null}
 */
function factsOf(kind, side, index, share) {
  if (index < 0) return null;
  const { tokens, links, paths } = data[side];
  if (kind === 'token') return { position: index, token: tokens[index], share };
  if (kind === 'path') return { positions: paths[index].at, share };
  const { query, key, attention } = links[index];
  const counted = { [measureColumn(data[side])]: attention };
  return { position: query, token: tokens[query], key_position: key, key_token: tokens[key], ...counted, share };
}

const differences = () => kinds.flatMap(([kind, pairs]) => pairs.map(([a, b, shareA, shareB]) => ({
  kind,
  a: factsOf(kind, 'a', a, shareA),
  b: factsOf(kind, 'b', b, shareB),
  b_minus_a: Number((shareB - shareA).toFixed(6)),
})));

/** Returns a row for each token, link and path; a cell is empty if the kind or the side does not have the value. */
function differenceRows() {
  const cellOf = (/** @type {any} */ value) => (Array.isArray(value) ? value.join(' ') : value ?? '');
  const names = sideNames.flatMap((side) => columnsOf(side).map((name) => `${side}_${name}`));
  const rows = differences().map(({ kind, b_minus_a: more, ...facts }) =>
    [kind, ...sideNames.flatMap((side) => columnsOf(side).map((name) => cellOf(facts[side]?.[name]))), more]);
  return [['kind', ...names, 'b_minus_a'], ...rows];
}

const headings = sideNames.map((name) => document.querySelector(`[data-side=${name}] h2`)?.textContent ?? '');

function comparisonFile() {
  const [a, b] = headings;
  return new Blob([JSON.stringify({ a, b, differences: differences() }, null, 2)], { type: 'application/json' });
}

offerFiles((kind) => `compare.${kind}`, {
  svg: () => pictureFile(views, headings),
  png: () => pixelsOf(pictureFile(views, headings)),
  json: comparisonFile,
  csv: () => tableFile(differenceRows()),
});
