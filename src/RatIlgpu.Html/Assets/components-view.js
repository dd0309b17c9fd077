// @ts-check
// The matrix of the page of components, what chooses it, and the text of the prompt.

const heat = heatMap(byId('heat'), {
  label: 'Matrix of the figure. Arrow keys move, Enter keeps a cell.',
  pick: (row, column) => set({ sel: state.sel === `${row}.${column}` ? '' : `${row}.${column}` }),
});

let drawnFigure = '';
let drawnMatrix = '';

function drawMatrix() {
  const figure = figureNow();
  const drawn = [state.figure, placesNow().join('.'), state.scale].join();
  if (drawn === drawnMatrix) return;
  drawnMatrix = drawn;
  const [rows, columns] = sidesNow();
  const [high, wide, numbers] = [rows.labels.length, columns.labels.length, matrixNow()];
  const most = largestOf(state.scale === 'all' ? decoded.get(state.figure) ?? [] : numbers);
  const isLarge = high > 48 && wide > 48;
  const roomy = wide <= 16 && high <= 64;
  heat.show({
    rows: high, columns: wide, signed: figure.signed,
    shade: (row, column) => {
      const number = numbers[row * wide + column];
      return Number.isNaN(number) ? null : most === 0 ? 0 : number / most;
    },
    rowLabel: (row) => rows.labels[row], columnLabel: (column) => columns.labels[column],
    rowTitle: rows.name, columnTitle: columns.name,
    cell: isLarge ? { width: [3, 20], height: [3, 20] } : { width: [12, roomy ? 84 : 40], height: [13, 22] },
    text: !roomy ? undefined : (row, column) => shortNumber(numbers[row * wide + column], most),
  });
  const ends = figure.signed ? 'domain' : 'plain';
  byId(ends + '-low').textContent = figure.signed ? '−' + shortNumber(most, most) : '0';
  byId(ends + '-high').textContent = (figure.signed ? '+' : '') + shortNumber(most, most);
  mark(byId('signed'), 'hidden', !figure.signed);
  mark(byId('unsigned'), 'hidden', figure.signed);
}

/**
 * Returns a number with as many decimals as the largest beside it needs.
 * @param {number} number @param {number} most
 */
function shortNumber(number, most) {
  if (Number.isNaN(number)) return '';
  const decimals = most >= 100 || (most >= 1 && Number.isInteger(most)) ? 0 : most >= 10 ? 1 : most >= 1 ? 2 : 3;
  const text = number.toFixed(decimals);
  return /[1-9]/.test(text) ? text : '0';
}

/** Writes the controls that choose one of several matrices. */
function drawPickers() {
  if (drawnFigure !== state.figure) {
    drawnFigure = state.figure;
    byId('pickers').replaceChildren(...chooserAxes().map(({ name, labels }, i) => make('label', {}, name + ' ',
      make('select', { 'data-axis': i }, ...labels.map((label, place) => make('option', { value: place }, label))))));
  }
  placesNow().forEach((place, i) => (byId('pickers').querySelectorAll('select')[i].value = String(place)));
  byId('figure').value = state.figure;
  byId('figure-title').textContent = figureNow().title;
  byId('note').textContent = figureNow().note;
}

/** @param {number} axis @param {number} place */
const choose = (axis, place) => go({ at: placesNow().map((old, i) => (i === axis ? place : old)).join('.') });

/** The cell of a name; null for none. @param {string} name @returns {[number, number] | null} */
const cellNamed = (name) => (/^\d+\.\d+$/.test(name)
  ? /** @type {[number, number]} */ (name.split('.').map(Number)) : null);

function showDetails() {
  const cell = cellNamed(state.over) ?? cellNamed(state.sel);
  const [rows, columns] = sidesNow();
  /** @type {[string, (string | number)?][]} */
  const facts = chooserAxes().map(({ name, labels }, i) => [name, labels[placesNow()[i]]]);
  if (!cell || cell[0] >= rows.labels.length || cell[1] >= columns.labels.length) {
    showInfo('', [...facts, ['Point at a cell of the matrix for its number.']]);
    return;
  }
  const [wide, numbers] = [columns.labels.length, matrixNow()];
  const [row, column] = cell;
  const number = numbers[row * wide + column];
  const sum = (/** @type {number[]} */ some) => some.reduce((total, one) => total + (numbers[one] || 0), 0);
  showInfo('cell', [
    ...facts,
    [rows.name, rows.labels[row]], [columns.name, columns.labels[column]],
    ['number', Number.isNaN(number) ? 'none' : decimal(number)],
    ['sum of the row', decimal(sum(columns.labels.map((_, i) => row * wide + i)))],
    ['sum of the column', decimal(sum(rows.labels.map((_, i) => i * wide + column)))],
    ['sum of the matrix', decimal(sum(Array.from(numbers, (_, i) => i)))],
  ]);
}

const strip = byId('toks');
const tokens = drawStrip(strip, prompt);
tokens[prompt.target]?.setAttribute('aria-current', 'true');

/** The axis that chooses a name; -1 for none. @param {string} name */
const axisOf = (name) => chooserAxes().findIndex((axis) => axis.name === name);

/** Shades the text by the attention of the chosen head, or by the largest of all heads. */
function shadeText() {
  const axis = axisOf('head');
  const isOne = axis >= 0 && axisOf('key') >= 0;
  const head = isOne ? placesNow()[axis] : -1;
  const count = data.attention.length / keys.length;
  const shares = keys.map((_, i) => highestOf(Array.from({ length: count }, (_, one) =>
    (head < 0 || one === head ? data.attention[one * keys.length + i] : 0))));
  const most = largestOf(shares) || 1;
  tokens.forEach((element, position) => {
    const i = keys.indexOf(position);
    const kept = isOne && i >= 0 && placesNow()[axisOf('key')] === i;
    mark(element, 'data-h', i < 0 ? null : Math.round(7 * Math.sqrt(shares[i] / most)) || null);
    mark(element, 'data-on', kept);
    press(element, kept);
  });
  byId('shaded').textContent = `attention of the query at ${data.query}`
    + (isOne ? `, ${figureNow().axes[axis].labels[head]}` : ', largest of all heads');
}
