// @ts-check
// Exports the atlas as files.

/** The numbers of a score, by their names in the command's file. @type {Record<string, string>} */
const fileNames = {
  raw: 'raw', chance: 'chance', excess: 'excess', noFirst: 'no_sink', noSelf: 'no_self', low: 'lo', high: 'hi',
  count: 'n',
};

/** @param {number} score @param {number} head */
const bundleFile = (score, head) => Object.fromEntries(Object.entries(fileNames).map(([name, id]) =>
  [id, rounded(scoreOf(score, head, name))]));

/** Single precision has seven digits. @param {number | null} value */
const rounded = (value) => (value === null ? null : Number(value.toPrecision(7)));

/** @param {number} head */
function headFile(head) {
  const { kv, peak, roles: own = [], feeders = [], effects = [] } = data.all[head];
  return {
    head: headNames[head], layer: Math.floor(head / data.heads), number: head % data.heads, kv,
    roles: own.map(([role, score, confidence, verdict]) => ({
      role: roles[role][3], score: scores[score]?.id ?? null, confidence,
      verdict: verdict === null ? null : verdicts[verdict][3],
    })),
    scores: Object.fromEntries(scores.flatMap(({ id }, i) =>
      (scoreOf(i, head, 'raw') === null ? [] : [[id, bundleFile(i, head)]]))),
    peak_offset: peak ?? null, profile: profileOf(head).map(rounded),
    feeders: feeders.map(([layer, number, input, score, effect]) => ({
      source: `L${layer}H${number}`, input: ['query', 'key', 'value'][input], score: scores[score]?.id ?? null, effect,
    })),
    effects: effects.map(([role, behaviour, kind, effect, mean, spread, count, verdict, sameLayer]) => ({
      role: roles[role][3], behaviour: data.behaviours[behaviour][3], ablation: kind === 0 ? 'zero' : 'mean', effect,
      null: { mean, spread, count }, is_same_layer: sameLayer === 1, verdict: verdicts[verdict][3],
    })),
  };
}

const scoreColumns = ['raw', 'excess', 'low', 'high', 'chance', 'noFirst', 'noSelf', 'count'];
const columnNames = ['head', 'layer', 'number', 'key_value_head', 'roles', 'score',
  'raw', 'excess', 'low', 'high', 'chance', 'without_first', 'without_self', 'count'];

/** @param {number} score @param {number} head @returns {(string | number)[]} */
const tableRow = (score, head) => [
  headNames[head], Math.floor(head / data.heads), head % data.heads, data.all[head].kv,
  (data.all[head].roles ?? []).map(([role]) => roles[role][0]).join('; '), scoreIds[score],
  ...scoreColumns.map((name) => rounded(scoreOf(score, head, name)) ?? ''),
];

/** Draws the matrix of roles as a part of a file. */
function rolesDrawing() {
  const [left, top, size] = [40, 40, 22];
  const [ink, none] = coloursOf(['ink-2', 'surface-2']).map((colour) => hexOf(packed(colour)));
  const paint = Object.fromEntries(cells.map(({ className }) => className).concat('').map((name) => [name, name
    ? [styleOf(name, 'backgroundColor'), styleOf(name, 'color')] : [none, ink]]));
  const drawing = makeSvg('svg', {
    width: left + data.heads * size + 16, height: top + data.layers * size + 16, 'font-size': 11, fill: ink,
  });
  cells.forEach((cell, i) => {
    const [x, y] = [left + (i % data.heads) * size, top + Math.floor(i / data.heads) * size];
    const [fill, colour] = paint[cell.className];
    drawing.append(makeSvg('rect', { x, y, width: size - 1, height: size - 1, fill }),
      makeSvg('text', { x: x + size / 2, y: y + 15, 'text-anchor': 'middle', fill: colour },
        cell.firstChild?.textContent ?? ''));
  });
  for (let head = 0; head < data.heads; head++)
    drawing.append(makeSvg('text', { x: left + (head + .5) * size, y: top - 6, 'text-anchor': 'middle' }, `${head}`));
  for (let layer = 0; layer < data.layers; layer++)
    drawing.append(makeSvg('text', { x: left - 8, y: top + layer * size + 15, 'text-anchor': 'end' }, String(layer)));
  return drawing;
}

/** @param {string} name of a class of cells @param {'backgroundColor' | 'color'} what */
const styleOf = (name, what) => getComputedStyle(/** @type {any} */ (matrix.querySelector('td.' + name)))[what];

function picture() {
  const score = scoreIds.indexOf(state.score);
  return heatFile([rolesDrawing(), ...(score < 0 ? [] : [grid.toSvg()])], [`${document.title}: roles`,
    ...(score < 0 ? [] : [`${scores[score].name}, ${measureNames[measureOf(score)]}`])]);
}

offerFiles((kind) => (kind === 'ranks' ? `atlas-${state.score}.csv` : `atlas.${kind}`), {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: () => new Blob([JSON.stringify({
    kind: 'atlas', ...data.file, probes: scores, heads: data.all.map((_, head) => headFile(head)),
  }, null, 2) + '\n'], { type: 'application/json' }),
  csv: () => tableFile([columnNames, ...data.all.flatMap((_, head) => scores.flatMap((_score, i) =>
    (scoreOf(i, head, 'raw') === null ? [] : [tableRow(i, head)])))]),
  ranks: () => tableFile([['rank', ...columnNames], ...rankedHeads().map(({ head, rank }) =>
    [rank, ...tableRow(scoreIds.indexOf(state.score), head)])]),
});
