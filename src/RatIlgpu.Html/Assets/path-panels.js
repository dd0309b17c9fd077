// @ts-check
// The panels beside the diagram: the numbers of the picked mark, and the list of paths.

/** @typedef {[term: string, value?: string | number]} Row */

/** @type {typeof data.links | undefined} */
let drawnLinks;
/** @type {HTMLElement[]} */
let rows = [];

/** Shows the parts that depend only on the trace. */
function showTrace() {
  if (drawnLinks === data.links) return;
  drawnLinks = data.links;
  drawPaths();
  several?.show();
  const options = data.paths.map((_, path) => make('option', { value: path }, `Path ${path + 1}`));
  byId('beam').replaceChildren(make('option', { value: '' }, 'All'), ...options);
  rows = [...document.querySelectorAll(/** @type {'button'} */ ('.table tbody button'))];
  rows.forEach(nameRow);
}

function drawPaths() {
  const routes = pathRoutes();
  byId('paths').replaceChildren(...data.paths.map((path, index) =>
    make('li', {}, make('button', { 'data-beam': index },
      chip(index),
      make('span', {}, `Path ${index + 1}`),
      make('span', { class: 'number' }, pathNumbers(path)),
      make('span', { class: 'route', dir: 'ltr' }, routes[index])))));
}

/** @param {number} path */
function chip(path) {
  const box = makeSvg('rect', { width: 22, height: 18, rx: 3 });
  const number = makeSvg('text', { x: 11, y: 13 }, String(path + 1));
  const cue = cueOf(path, data.hues, { d: 'M2 16.5H20' });
  const marks = { class: `chip hue-${path % data.hues}`, viewBox: '0 0 22 18', 'aria-hidden': 'true' };
  return makeSvg('svg', marks, box, number, ...cue);
}

function showPanels() {
  for (const button of byId('paths').querySelectorAll('button'))
    press(button, Number(button.dataset.beam) === state.path);
  byId('beam').value = state.path < 0 ? '' : state.path;
  for (const row of rows)
    press(row, row.dataset.beam ? Number(row.dataset.beam) === state.path : state.sel === row.dataset.pick);
  showInfo(...details());
}

/** @param {number[]} paths */
const listOf = (paths) => (paths.length === 0 ? 'none' : paths.map((path) => path + 1).join(', '));
