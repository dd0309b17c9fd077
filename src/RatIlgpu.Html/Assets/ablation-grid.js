// @ts-check
// All conditions: by layer as a matrix, and as a table that can be sorted.

const grid = heatMap(byId('grid'), {
  label: 'Conditions. Arrow keys move, Enter chooses.',
  pick: (row, column) => {
    const cell = gridNow().at(row, column);
    if (cell.condition >= 0) choose(cell.condition);
  },
});

const heads = [...new Set(data.conditions.flatMap((one) => one.heads))];
const kinds = [...new Set(data.conditions.map(({ kind }) => kind))];
const areSingle = data.part !== 'component' && data.conditions.every((one) => one.heads.length === 1);

/**
 * @typedef {{ condition: number, layer: number }} GridCell the layer is a place among those of the condition; -1 for
 *   numbers that are of no layer
 * @typedef {{ rows: string[], columns: string[], rowTitle: string, columnTitle: string,
 *   at: (row: number, column: number) => GridCell }} Grid
 */

/** Returns what the matrix shows: conditions by layers, or heads by kinds. @returns {Grid} */
function gridNow() {
  if (state.measure === 'projection' || state.measure === 'cosine') {
    const columns = Array.from({ length: lastLayer - firstLayer + 1 }, (_, i) => String(firstLayer + i));
    return {
      rows: data.conditions.map(({ name }) => name), columns, rowTitle: 'Condition', columnTitle: 'Layer',
      at: (row, column) => ({ condition: row, layer: column + firstLayer - data.conditions[row].layer }),
    };
  }
  if (!areSingle)
    return {
      rows: data.conditions.map(({ name }) => name), columns: ['all'], rowTitle: 'Condition', columnTitle: 'Positions',
      at: (row) => ({ condition: row, layer: -1 }),
    };
  return {
    rows: heads, columns: kinds.map((kind) => kind.replace('_', '-')), rowTitle: 'Head', columnTitle: 'Kind',
    at: (row, column) => ({
      condition: data.conditions.findIndex(({ heads: [head], kind }) => head === heads[row] && kind === kinds[column]),
      layer: -1,
    }),
  };
}

/** @param {GridCell} cell @returns {Spread} */
function spreadOf({ condition: index, layer }) {
  const found = data.conditions[index]?.[/** @type {'projection'} */ (state.measure)];
  return (/** @type {any} */ (layer < 0 && isOfLayers() ? undefined : isOfLayers() ? found?.[layer] : found))
    ?? [null, null, 0];
}

const isOfLayers = () => state.measure === 'projection' || state.measure === 'cosine';

function showGrid() {
  if (!isNew('grid', state.measure)) return;
  const where = data.everywhere ? 'as a mean over all positions' : 'at the changed position';
  const { rows, columns, rowTitle, columnTitle, at } = gridNow();
  const signed = isOfLayers();
  const distance = (/** @type {number} */ value) => (signed ? value - 1 : value);
  const means = rows.flatMap((_, row) => columns.map((_column, column) => spreadOf(at(row, column))[0]));
  const most = highestOf(means.map((value) => (value === null ? 0 : Math.abs(distance(value)))), 1e-9);
  grid.show({
    rows: rows.length, columns: columns.length, rowTitle, columnTitle, signed,
    shade: (row, column) => {
      const [mean] = spreadOf(at(row, column));
      if (mean === null) return null;
      return state.measure === 'divergence' ? Math.sqrt(Math.max(0, mean) / most) : distance(mean) / most;
    },
    text: (row, column) => cellText(at(row, column)),
    rowLabel: (row) => clip(rows[row], 20), columnLabel: (column) => columns[column],
    cell: { width: [38, 96], height: [20, 20] },
  });
  showScale('unsigned', !signed, '0', state.measure === 'changed' ? percent(most) : most.toPrecision(3));
  showScale('signed', signed, (1 - most).toFixed(2), (1 + most).toFixed(2));
  byId('legend').textContent = {
    projection: `NIP ${where}; 1 is no change`, cosine: `Cosine ${where}`,
    divergence: 'KL, nats, square-root scale', changed: 'Share of changed predictions',
  }[/** @type {'cosine'} */ (state.measure)];
}

/** @param {GridCell} cell */
function cellText(cell) {
  const [mean] = spreadOf(cell);
  if (mean === null) return cell.layer < 0 && isOfLayers() ? '' : 'none';
  return state.measure === 'changed' ? percent(mean) : mean.toFixed(state.measure === 'divergence' ? 4 : 2);
}

/** Shows the numbers at the ends of a scale, or hides it. @param {string} id */
function showScale(id, isShown, low, high) {
  byId(id + '-low').parentNode.hidden = !isShown;
  byId(id + '-low').textContent = low;
  byId(id + '-high').textContent = high;
}

/** Outlines the chosen condition, or the cell under the pointer. @param {[number, number] | null} over */
function outlineGrid(over) {
  if (over) return grid.outline(...over);
  const { rows, columns, at } = gridNow();
  for (let row = 0; row < rows.length; row++)
    for (let column = 0; column < columns.length; column++)
      if (at(row, column).condition === Number(state.condition))
        return grid.outline(row, isOfLayers() || !areSingle ? null : column);
}

/** @param {GridCell} cell */
function describeCell(cell) {
  const one = data.conditions[cell.condition];
  if (!one) return '';
  const where = isOfLayers() ? `, layer ${one.layer + cell.layer}` : '';
  if (isOfLayers() && cell.layer < 0) return `${one.words}${where}: before the changed layer nothing changes.`;
  const [mean, spread, count] = spreadOf(cell);
  const value = state.measure === 'changed' && mean !== null ? percent(mean)
    : state.measure === 'divergence' && mean !== null ? mean.toPrecision(3) : spreadText([mean, spread, count]);
  return `${one.words}${where}: ${measureNames[state.measure]} ${value}, ${count} sample${count === 1 ? '' : 's'}`;
}

/** What the table is sorted by. @type {Record<string, (one: Condition) => number | null>} */
const sortKeys = {
  divergence: (one) => one.divergence[0], changed: (one) => one.changed[0], there: (one) => one.projection[0][0],
  cosine: (one) => one.cosine[0][0], last: (one) => one.projection[one.projection.length - 1][0],
};

const tableRows = /** @type {HTMLElement[]} */ ([...byId('rows').children]);

function showTable() {
  const { order, turn } = state;
  tableRows.forEach((row, i) => mark(row, 'data-on', i === Number(state.condition)));
  for (const column of document.querySelectorAll('[data-column]'))
    mark(column, 'aria-sort', /** @type {HTMLElement} */ (column).dataset.column === order
      && (turn === 'down' ? 'descending' : 'ascending'));
  if (!isNew('table', order, turn)) return;
  const sign = turn === 'down' ? -1 : 1;
  const key = (/** @type {number} */ i) => sortKeys[order]?.(data.conditions[i]) ?? -sign * -Infinity;
  const sorted = tableRows.map((_, i) => i).sort((a, b) =>
    (order === 'name' || order === '' ? (order === '' ? 1 : -sign) * (a - b) : sign * (key(a) - key(b)) || a - b));
  byId('rows').replaceChildren(...sorted.map((i) => tableRows[i]));
}

on(byId('table'), 'click', ({ target }) => {
  const column = target.closest('button[data-order]')?.dataset.order;
  if (column) set({ order: column, turn: state.order === column && state.turn === 'down' ? 'up' : 'down' });
  const row = target.closest('button[data-c]')?.dataset.c;
  if (row) choose(Number(row));
});
