// @ts-check
// Exports the comparison as files.

const kinds = /** @type {[string, Pair[]][]} */ (Object.entries({
  token: data.tokens, [linkWord.toLowerCase()]: data.links, path: data.paths,
}));

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
  const shown = data[side];
  if (kind === 'token') return { position: index, token: shown.tokens[index], share };
  if (kind === 'path') return { ...pathFacts(shown, shown.paths[index]), share };
  return { ...linkFacts(shown, shown.links[index]), share };
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
  const names = sideNames.flatMap((side) => columnsOf(data[side]).map((name) => `${side}_${name}`));
  const rows = differences().map(({ kind, b_minus_a: more, ...facts }) =>
    [kind, ...sideNames.flatMap((side) => columnsOf(data[side]).map((name) => cellOf(facts[side]?.[name]))), more]);
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
