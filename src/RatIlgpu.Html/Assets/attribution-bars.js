// @ts-check
// The components as signed bars, and the line that says whether they sum to the logit.

const barList = byId('bars');

/** @returns {HTMLElement[]} */
const barElements = () => [...barList.querySelectorAll('.bar[data-row]')];

/** The view and rows that were drawn last. */
let drawnBars = '';

/**
 * Returns the parts of a bar as places between 0 and 1, where 0.5 is zero: the bar, and the spread to both sides.
 * @param {Row} row
 * @param {number} most the end of the scale
 * @returns {[kind: string, left: number, width: number][]}
 */
function partsOf({ value, from, spread }, most) {
  const place = (/** @type {number} */ edge) => .5 + edge / most / 2;
  return [
    [value < from ? 'less' : 'more', place(Math.min(value, from)), Math.abs(value - from) / most / 2],
    ...(spread ? [/** @type {[string, number, number]} */ (['spread', place(value - spread), spread / most])] : []),
  ];
}

/** @param {Row[]} rows */
const endOf = (rows) => highestOf(rows.map(({ value, spread = 0 }) => Math.abs(value) + spread), 0) || 1;

function showBars() {
  const { unit, rows, extra, hidden, rounding } = shownRows();
  const most = endOf([...rows, ...extra]);
  const drawn = JSON.stringify([state.view, rows, extra]);
  if (drawn !== drawnBars) {
    drawnBars = drawn;
    const { row: held } = /** @type {HTMLElement} */ (document.activeElement).dataset;
    barList.replaceChildren(...[...rows, ...extra].map((row) => barOf(row, most, !extra.includes(row))));
    const again = barElements().find(({ dataset }) => dataset.row === held);
    (again ?? barElements()[0])?.setAttribute('tabindex', '0');
    again?.focus({ preventScroll: true });
  }
  const { component } = markOf(state.sel);
  for (const bar of barElements()) press(bar, bar.dataset.row === component);
  const measured = shownView()?.measured ?? views.reduce((sum, view) => sum + view.measured, 0) / views.length;
  const sum = unit.cumulative ? measured - rounding.value : rows.reduce((all, { value }) => all + value, 0);
  const rest = unit.cumulative ? 0 : extra[0].value;
  const parts = [
    `${unit.cumulative ? 'Last row' : 'Rows'} ${signed(sum)}`,
    ...(extra.length > 1 ? [`unaccounted ${signed(rest)}`] : []), `rounding ${small(rounding.value)}`,
  ];
  const error = measured - (sum + (extra.length > 1 ? rest : 0) + rounding.value);
  byId('balance').textContent = `${parts.join(' + ')} = ${shownView() ? 'logit' : 'mean logit'} ${signed(measured)}, `
    + `error ${small(error)}. Bars end at ±${most.toFixed(2)}.`
    + (unit.cumulative && hidden > 0 ? ` ${hidden} rows are not shown.` : '');
}

/** @param {number} value */
const small = (value) => (value === 0 ? '0' : value.toExponential(1));

/**
 * @param {Row} row
 * @param {number} most
 * @param {boolean} canPick
 */
function barOf(row, most, canPick) {
  const track = partsOf(row, most).map(([kind, left, width]) => {
    const part = make('i', { class: kind });
    Object.assign(part.style, { left: left * 100 + '%', width: width * 100 + '%' });
    return part;
  });
  const parts = [
    make('span', { class: 'name' }, row.name), make('span', { class: 'track', 'aria-hidden': 'true' }, ...track),
    make('span', { class: 'value' }, valueText(row)),
  ];
  return make('li', {}, canPick
    ? make('button', { class: 'bar', 'data-row': row.name, tabindex: -1, 'aria-pressed': 'false' }, ...parts)
    : make('div', { class: 'bar rest' }, ...parts));
}

rove(barList, '.bar[data-row]', (from, key) => {
  const bars = barElements();
  const here = bars.indexOf(from);
  const there = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: bars.length - 1 }[key];
  return there === undefined ? null : bars[there] ?? from;
});

/** Draws the bars as a part of a file. */
function barsDrawing() {
  const { rows, extra } = shownRows();
  const all = [...rows, ...extra];
  const colours = coloursOf(['ink', 'line-2', 'v11', 'v2']).map((colour) => hexOf(packed(colour)));
  const [ink, line] = colours;
  const [left, wide, step] = [150, 420, 18];
  const box = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width,
    /** @type {number} */ height, /** @type {string} */ fill) => makeSvg('rect', { x, y, width, height, fill });
  return makeSvg('svg', {
    'width': left + wide + 150, 'height': all.length * step + 12, 'font-size': 11, 'fill': ink,
    'font-family': getComputedStyle(barList).fontFamily,
  }, box(left + wide / 2, 0, 1, all.length * step, line), ...all.flatMap((row, i) => {
    const text = { y: i * step + 13 };
    return [
      makeSvg('text', { ...text, 'x': left - 8, 'text-anchor': 'end' }, row.name),
      ...partsOf(row, endOf(all)).map(([kind, start, width]) => (kind === 'spread'
        ? box(left + start * wide, i * step + 8, width * wide, 2, ink)
        : box(left + start * wide, i * step + 3, Math.max(.5, width * wide), 12, colours[kind === 'more' ? 2 : 3]))),
      makeSvg('text', { ...text, x: left + wide + 8 }, valueText(row)),
    ];
  }));
}
