// @ts-check
// The boxes of the prompt, the table of its conditions, and the details of a token.

// In characters: a longer token would make its column wide.
const longestCell = 14;

let drawnPrompt = 0;

function drawTable() {
  if (drawnPrompt === state.prompt) return;
  drawnPrompt = state.prompt;
  const { at, position, rows } = shownTable;
  byId('prompt-name').textContent = data.prompts[state.prompt - 1];
  byId('toks').replaceChildren(...at.map((k, i) => box(k, i, position)));
  // Of a long prompt, its end is what the table is about.
  byId('toks').scrollTop = byId('toks').scrollHeight;
  byId('after').replaceChildren(`After t = ${position} the model predicts `, ...predictionOf(rows[0]), '.');
  const [up, down] = ['risen', 'fallen'].map((name) =>
    Math.max(1, ...rows.map((row) => /** @type {any} */ (row)[name].length)));
  byId('risen').colSpan = up;
  byId('fallen').colSpan = down;
  byId('rows').tBodies[0].replaceChildren(...rows.map((row) => rowOf(row, up, down)));
  byId('rows').querySelector('button')?.setAttribute('tabindex', '0');
}

/** @param {number} k @param {number} i @param {number} t */
function box(k, i, t) {
  const label = i === t ? 't' : i === t - 1 ? 't−1' : '';
  return make('span', { class: 'box', 'data-k': k, 'data-at': label },
    make('bdi', {}, textOf(k)), make('small', {}, label === '' ? String(i) : `${label} = ${i}`));
}

/** @param {Row} row */
const predictionOf = ({ token, probability }) =>
  [make('bdi', { 'data-k': token }, clip(textOf(token), 24)), ' ' + percent(probability)];

/** @param {Row} row @param {number} up @param {number} down */
function rowOf(row, up, down) {
  const isBaseline = row.kind === 'baseline';
  const number = (/** @type {number} */ value, /** @type {string} */ text) =>
    (isBaseline ? make('td', {}, '–') : make('td', { 'data-sign': Math.sign(value) }, text));
  return make('tr', { 'data-kind': row.kind, 'data-same': String(row.same) },
    make('th', { scope: 'row' }, row.name),
    make('td', { class: 'predicts' },
      make('span', { class: 'mark', title: row.same ? 'the same token' : 'another token' }, row.same ? '=' : '≠'), ' ',
      ...predictionOf(row)),
    number(row.change, signed(row.change, 3)), number(row.log, signed(row.log, 3)), number(0, row.kl.toFixed(3)),
    ...cellsOf(row.risen, up, isBaseline), ...cellsOf(row.fallen, down, isBaseline));
}

/** @param {Moved[]} moved @param {number} count @param {boolean} isBaseline */
const cellsOf = (moved, count, isBaseline) => Array.from({ length: count }, (_, i) => {
  const [k, change] = moved[i] ?? [];
  const edge = i === 0 ? { class: 'first' } : {};
  return k === undefined ? make('td', edge, isBaseline ? '–' : '')
    : make('td', edge, make('button', { class: 'tk', 'data-k': k, tabindex: -1 },
      make('bdi', {}, clip(textOf(k), longestCell)),
      make('small', { 'data-sign': Math.sign(change) }, signed(change, 1))));
});

/** Returns the tokens of the table, row by row. @returns {HTMLElement[][]} */
const cellGrid = () => Array.from(byId('rows').tBodies[0].rows,
  (row) => Array.from(/** @type {HTMLElement} */ (row).querySelectorAll('.tk')));

/**
 * Returns the token beside, above or below another one.
 * @param {HTMLElement} from
 * @param {string} key
 */
function besideCell(from, key) {
  const grid = cellGrid();
  const row = grid.findIndex((cells) => cells.includes(from));
  const column = grid[row].indexOf(from);
  const place = (/** @type {HTMLElement} */ cell) => /** @type {HTMLTableCellElement} */ (cell.parentElement).cellIndex;
  const inRow = (/** @type {HTMLElement[] | undefined} */ cells) =>
    cells?.find((cell) => place(cell) >= place(from)) ?? cells?.at(-1);
  switch (key) {
    case 'ArrowLeft': return grid[row][column - 1] ?? from;
    case 'ArrowRight': return grid[row][column + 1] ?? from;
    case 'ArrowUp': return inRow(grid.slice(0, row).findLast((cells) => cells.length > 0)) ?? from;
    case 'ArrowDown': return inRow(grid.slice(row + 1).find((cells) => cells.length > 0)) ?? from;
  }
}

/** Marks the token that is selected, and the one under the pointer, wherever they stand. */
function showMarks() {
  for (const element of document.querySelectorAll('main [data-k]')) {
    const { k } = /** @type {HTMLElement} */ (element).dataset;
    mark(element, 'data-on', k === state.sel);
    mark(element, 'data-over', k === state.over);
    if (element.matches('.tk')) press(element, k === state.sel);
  }
  showDetails();
}

function showDetails() {
  const name = state.over || state.sel;
  if (name === '') {
    showInfo('', [['Point at a token: its changes under all conditions are listed here.']]);
    return;
  }
  const k = Number(name);
  const rows = shownTable.rows.flatMap((row) => {
    const found = [...row.risen, ...row.fallen].find(([place]) => place === k);
    return found ? [/** @type {[string, string]} */ ([row.name, signed(found[1], 3)])] : [];
  });
  const of = shownTable.rows.filter((row) => row.token === k).map((row) => row.name);
  showInfo('token', [
    ['Token', isolated(clip(textOf(k), 40))], ['Id', data.ids[k]],
    ...(of.length > 0 ? [/** @type {[string, string]} */ (['Predicted under', of.join('; ')])] : []),
    ...(rows.length > 0 ? /** @type {[string, string?][]} */ ([['Change of its logit, where it is listed:'], ...rows])
      : []),
  ]);
}
