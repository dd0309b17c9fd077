// @ts-check
// The patterns of the heads whose attention changes most, and the lengths of values.

const patternMaps = ['before', 'after', 'difference'].map((id) => heatMap(byId(id), {
  label: 'Attention of a head. Arrow keys move, Enter keeps the position.',
  pick: (row) => pick(String(sample().first + row)),
}));
const lengthMap = heatMap(byId('lengths'), {
  label: 'Lengths of values by head and position. Arrow keys move.', pick: (_, column) => pick(String(column)),
});

/** Returns the heads that are kept, and the chosen one among them. */
function keptNow() {
  const heads = sample().kept[Number(state.condition)] ?? [];
  const chosen = heads[Number(state.head)] ? Number(state.head) : 0;
  return { heads, chosen, pattern: heads[chosen]?.[0] ?? -1 };
}

function showAttention() {
  const { heads, chosen, pattern } = keptNow();
  const names = heads.map(([place]) => sample().patterns[place]);
  byId('attention').dataset.empty = String(pattern < 0);
  byId('no-attention').textContent = pattern >= 0 ? '' : sample().values.length + sample().patterns.length === 0
    ? 'Patterns are kept of the first samples alone.' : 'The attention of no head changes.';
  if (!isNew('attention', state.condition, state.sample, chosen)) return;
  byId('head').replaceChildren(...names.map((name, i) => make('option', { value: i }, name)));
  byId('head').value = String(chosen);
  byId('varied').textContent = pattern < 0 ? ''
    : `total variation ${heads[chosen][1].toFixed(3)}, mean of the rows`;
  if (patterns && pattern >= 0)
    paintPatterns(patterns.before[pattern], patterns.changes[Number(state.condition)][chosen]);
}

/** @param {Int16Array} before @param {Int16Array} change */
function paintPatterns(before, change) {
  const { first, at } = sample();
  let most = 1;
  for (const step of change) most = Math.max(most, Math.abs(step));
  const place = (/** @type {number} */ row, /** @type {number} */ key) =>
    (key > first + row ? -1 : cellsBefore(row, first) + key);
  /** @type {(shade: (i: number) => number) => (row: number, key: number) => number | null} */
  const ofCell = (shade) => (row, key) => {
    const i = place(row, key);
    return i < 0 ? null : shade(i);
  };
  const shades = [
    ofCell((i) => Math.sqrt(before[i] / data.steps)), ofCell((i) => Math.sqrt((before[i] + change[i]) / data.steps)),
    ofCell((i) => Math.sign(change[i]) * Math.sqrt(Math.abs(change[i]) / most))];
  patternMaps.forEach((map, i) => map.show({
    rows: at.length - first, columns: at.length, signed: i === 2, shade: shades[i],
    rowLabel: (row) => named(words, first + row, 9), columnLabel: (key) => named(words, key, 9),
    rowTitle: 'Query', columnTitle: 'Key', cell: { width: [2, 16], height: [2, 16] },
  }));
  showScale('attended', true, '0', '1');
  showScale('differs', true, '−' + (most / data.steps).toFixed(3), '+' + (most / data.steps).toFixed(3));
}

function showLengths() {
  const { values, position, at } = sample();
  byId('values').hidden = values.length === 0;
  if (!patterns || values.length === 0 || !isNew('lengths', state.sample)) return;
  const { lengths } = patterns;
  const most = highestOf(lengths.map((row) => highestOf(row)), 1e-9);
  lengthMap.show({
    rows: values.length, columns: at.length, rowTitle: 'Head', columnTitle: 'Token',
    shade: (row, column) => lengths[row][column] / most, rowLabel: (row) => values[row],
    columnLabel: (column) => named(words, column, 9), cell: { width: [4, 28], height: [17, 17] },
  });
  showScale('length', true, '0', most.toPrecision(3));
  lengthMap.outline(null, data.everywhere ? null : position);
}

/** Outlines the query in focus. @param {number} position */
function outlineAttention(position) {
  const { pattern } = keptNow();
  if (pattern < 0) return;
  const row = position - sample().first;
  for (const map of patternMaps) map.outline(row < 0 ? null : row, null);
}

/** @param {Element} element @returns {string} */
function describePattern(element) {
  const which = ['before', 'after', 'difference'].findIndex((id) => byId(id).contains(element));
  const cell = cellOf(element);
  if (!cell || which < 0 || !patterns) return '';
  const { pattern, chosen } = keptNow();
  const { first } = sample();
  const [row, key] = cell;
  if (key > first + row || pattern < 0) return '';
  const i = cellsBefore(row, first) + key;
  const [before, change] = [patterns.before[pattern][i], patterns.changes[Number(state.condition)][chosen][i]];
  const text = (/** @type {number} */ steps) => (steps / data.steps).toFixed(3);
  return `${named(words, first + row)} looks at ${named(words, key)}: ${text(before)} without the change, `
    + `${text(before + change)} with it`;
}

/** @param {Element} element @returns {string} */
function describeLength(element) {
  const cell = byId('lengths').contains(element) ? cellOf(element) : null;
  if (!cell || !patterns) return '';
  const [row, column] = cell;
  return `${sample().values[row]} reads ${named(words, column)}: length `
    + patterns.lengths[row][column].toPrecision(4);
}
