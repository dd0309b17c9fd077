// @ts-check
// The components as signed bars, and the line that says whether they sum to the logit.

const barList = byId('bars');

/** The view and rows that were drawn last. */
let drawnBars = '';

function showBars() {
  const { unit, rows, extra, hidden, rounding } = shownRows();
  const most = endOf([...rows, ...extra]);
  const drawn = JSON.stringify([state.view, rows, extra]);
  if (drawn !== drawnBars) {
    drawnBars = drawn;
    fillBars(barList, [...rows, ...extra].map((row) =>
      barOf(row, most, extra.includes(row) ? null : row.name, valueText(row))));
  }
  const { component } = markOf(state.sel);
  for (const bar of barsOf(barList)) press(bar, bar.dataset.row === component);
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

moveInBars(barList);

/** Draws the bars as a part of a file. */
function rowsDrawing() {
  const { rows, extra } = shownRows();
  return barsDrawing(barList, [...rows, ...extra], (row) => valueText(row));
}
