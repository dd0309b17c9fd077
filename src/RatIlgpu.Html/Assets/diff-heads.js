// @ts-check
// One number of all heads as a matrix and as a list, and all numbers of one head.

const fewRows = 20;

const grid = heatMap(byId('grid'), {
  label: 'Heads by layer. Arrow keys move, Enter keeps.',
  pick: (row, column) => pick(keys[row * data.heads + column]),
});

/** @param {number} value @param {number} most */
const shadeOf = (value, most) => (most === 0 ? 0
  : state.scale === 'root' ? Math.sign(value) * Math.sqrt(Math.abs(value) / most) : value / most);

/**
 * Shows the two ends of a scale.
 * @param {string} id of the legend @param {boolean} isSigned @param {string} most
 */
function showEnds(id, isSigned, most) {
  if (isSigned) byId(id + '-low').textContent = '−' + most;
  byId(id + '-high').textContent = most + (state.scale === 'root' ? ', √' : '');
}

function showGrid() {
  const measure = measureNow();
  if (!measure || !isNew('grid', state.measure, state.scale)) return;
  const { values, signed, percent: isPercent } = measure;
  const most = mostOf(values);
  const at = (/** @type {number} */ row, /** @type {number} */ column) => values[row * data.heads + column];
  grid.show({
    rows: data.layers, columns: data.heads, rowTitle: 'Layer', columnTitle: 'Head', signed,
    shade: (row, column) => {
      const value = at(row, column);
      return value === null ? null : shadeOf(value, most);
    },
    text: (row, column) => cellText(at(row, column), isPercent),
    rowLabel: String, columnLabel: String, cell: { width: [22, 52], height: [21, 21] },
  });
  for (const [kind, isShown] of /** @type {[string, boolean][]} */ ([['unsigned', !signed], ['signed', signed]]))
    byId(kind + '-high').parentNode.hidden = !isShown;
  showEnds(signed ? 'signed' : 'unsigned', signed, shown(most, isPercent));
  byId('legend').textContent = measure.name + (isPercent ? ', cells in %' : '');
  byId('meaning').textContent = measure.meaning;
}

function showRanks() {
  const measure = measureNow();
  if (!measure || !isNew('ranks', state.measure, state.rows)) return;
  const ranked = rankedHeads();
  const others = measures.filter(({ id, norms }) => id !== measure.id && (norms || id === 'js' || id === 'moved'));
  const few = state.rows === 'some' ? ranked.slice(0, fewRows) : ranked;
  byId('columns').replaceChildren(make('tr', {}, ...['Rank', 'Head', measure.name, ...others.map(({ name }) => name)]
    .map((name) => make('th', { scope: 'col' }, name.replace(', relative change', '')))));
  byId('rows').replaceChildren(...few.map((head, place) => make('tr', { 'data-n': keys[head] },
    make('td', {}, String(place + 1)), make('td', {}, make('button', { 'data-n': keys[head] }, headNames[head])),
    ...[measure, ...others].map(({ values, percent: isPercent }) => make('td', {}, shown(values[head], isPercent))))));
  byId('ranked-of').textContent = `By the size of: ${measure.name}`;
  byId('more').hidden = ranked.length <= fewRows;
  byId('more').textContent = state.rows === 'some' ? `Show all ${ranked.length}` : `Show the first ${fewRows}`;
}

/** Returns the details of a head. @param {number} head @returns {[string, (string | number)?][]} */
function headDetails(head) {
  return [
    ['Head', headNames[head]],
    ['Key/value head', Math.floor((head % data.heads) / (data.heads / data.groups))],
    ...data.roles.filter(([of]) => of === head).map(([, role, gained]) => /** @type {[string, string]} */ (
      [role, gained ? 'gained in B' : 'lost in B'])),
    ...measures.filter(({ both }) => !both).flatMap((measure) => measureDetails(measure, head)),
    ...scoreDetails(head),
  ];
}

/** @param {Measure} measure @param {number} head @returns {[string, string?][]} */
function measureDetails({ name, values, percent: isPercent, ranks, effective, most }, head) {
  const rank = ranks && values[head] !== 0 ? `, rank ${rankText(ranks[head])}` + (effective?.[head]
    ? ` (effective ${Number(effective[head]).toFixed(1)})` : '') : '';
  const peak = most ? `, most ${shown(most[head], isPercent)}` : '';
  return [[name.replace(', relative change', ''), shown(values[head], isPercent) + rank + peak]];
}

/** Returns the score that is shown, or else those that differ most. @param {number} head */
function scoreDetails(head) {
  const { both: isScore, id } = measureNow() ?? {};
  const found = measures.filter((one) => one.both?.[head] && (isScore ? one.id === id : one.both[head]?.[6] === 1))
    .sort((a, b) => Math.abs(Number(b.values[head])) - Math.abs(Number(a.values[head]))).slice(0, 3);
  return found.flatMap(({ name, values, both }) => {
    const [a, lowA, highA, b, lowB, highB, differs] = /** @type {Numbers} */ (both?.[head]);
    const range = (/** @type {number | null} */ low, /** @type {number | null} */ high) =>
      (low === null ? '' : ` [${short(low)}, ${short(high)}]`);
    return /** @type {[string, string?][]} */ ([
      [name + ':'], ['A', short(a) + range(lowA, highA)], ['B', short(b) + range(lowB, highB)],
      ['B − A', short(values[head]) + (differs === null ? '' : differs ? ', differs' : ', intervals meet')],
    ]);
  });
}

/** @type {number[]} */
let hits = [];

function find() {
  const wanted = state.q.trim().toLowerCase();
  hits = wanted === '' ? [] : keys.flatMap((key, head) =>
    (headNames[head].toLowerCase().startsWith(wanted) || key === wanted ? [head] : []));
  tellHits(hits);
}

function pickNext() {
  if (hits.length > 0) set({ sel: keys[hitAfter(hits, selectedHead())], over: '' });
}

onClick('more', () => set({ rows: state.rows === 'some' ? 'all' : 'some' }));
on(byId('measure'), 'change', () => set({ measure: byId('measure').value }));
