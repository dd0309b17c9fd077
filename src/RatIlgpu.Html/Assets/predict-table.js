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
  const most = highestOf(rows.flatMap(({ risen, fallen }) => [risen.length, fallen.length]), 1);
  byId('moved').colSpan = most + 1;
  byId('moved').textContent = `Risen and fallen, the largest change first; ${most} at most of each, scroll sideways`;
  for (const body of [...byId('rows').tBodies]) body.remove();
  byId('rows').append(...rows.map((row) => bodyOf(row, most)));
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

/**
 * Returns the lines of a condition: what rises, and below it what falls, so that both are seen at once.
 * @param {Row} row
 * @param {number} most
 */
function bodyOf(row, most) {
  const isBaseline = row.kind === 'baseline';
  const rowspan = isBaseline ? 1 : 2;
  const number = (/** @type {number} */ value, /** @type {string} */ text) => (isBaseline ? make('td', {}, '–')
    : make('td', { rowspan, 'data-sign': Math.sign(value), 'data-full': value }, text));
  const lines = isBaseline ? [[make('td', { class: 'first', colspan: most + 1 }, '–')]]
    : [['risen', row.risen], ['fallen', row.fallen]].map(([name, moved]) =>
      [make('td', { class: 'first' }, /** @type {string} */ (name)), ...cellsOf(/** @type {Moved[]} */ (moved), most)]);
  return make('tbody', { 'data-kind': row.kind, 'data-same': String(row.same) },
    make('tr', {},
      make('th', { scope: 'rowgroup', rowspan }, row.name),
      make('td', { class: 'predicts', rowspan },
        make('span', { class: 'mark', title: row.same ? 'the same token' : 'another token' }, row.same ? '=' : '≠'),
        ' ', ...predictionOf(row)),
      number(row.change, signed(row.change, 3)), number(row.log, signed(row.log, 3)),
      make('td', isBaseline ? {} : { rowspan, 'data-full': row.kl }, isBaseline ? '–' : rounded(row.kl, 3)),
      ...lines[0]),
    ...lines.slice(1).map((cells) => make('tr', {}, ...cells)));
}

/** @param {Moved[]} moved @param {number} count */
const cellsOf = (moved, count) => Array.from({ length: count }, (_, i) => {
  const [k, change] = moved[i] ?? [];
  return k === undefined ? make('td')
    : make('td', {}, make('button', { class: 'tk', 'data-k': k, 'data-full': change, tabindex: -1 },
      make('bdi', {}, clip(textOf(k), longestCell)),
      make('small', { 'data-sign': Math.sign(change) }, signed(change, 1))));
});

/** Returns a number as its sign and all its digits. @param {number} value */
const inFull = (value) => (value < 0 ? '−' : value > 0 ? '+' : '') + Math.abs(value);

/** Returns the tokens of the table, row by row. @returns {HTMLElement[][]} */
const cellGrid = () => Array.from(byId('rows').querySelectorAll('tbody tr'),
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
  const inRow = (/** @type {HTMLElement[] | undefined} */ cells) => cells?.[column] ?? cells?.at(-1);
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
