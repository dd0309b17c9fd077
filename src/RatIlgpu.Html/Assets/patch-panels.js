// @ts-check
// The details, the list of the largest effects, the pickers, and the files.

const mostListed = 20;

/** @param {number} index @returns {[string, (string | number)?][]} */
function detailsOf(index) {
  const { numbers, spreads, clean, corrupted } = shownNow();
  const text = (/** @type {string} */ kind) => numberText(numbers[kind][index], kind)
    + (spreads ? ` ± ${numberText(spreads[kind][index], kind)}` : '');
  return [
    [isPaths ? 'Path' : 'Patch', nameOf(index)],
    ['Effect', text('effect')], ['Recovery', text('recovery')], ['Metric', text('metric')],
    ['Clean run', meanText(clean)], ['Corrupted run', meanText(corrupted)],
    ...(spreads ? [/** @type {[string, string]} */ (['Pairs', `${pairsWith(index)} of ${pairs.length}`])] : []),
  ];
}

/** @param {number} index @returns {number} how many pairs have the patch */
const pairsWith = (index) => values.filter((one) => !Number.isNaN(one[index])).length;

function showDetails() {
  const places = kept();
  const over = patchOver();
  if (over !== null) showInfo('cell', detailsOf(over));
  else if (/^x\d+$/.test(state.over)) {
    const missing = Number(state.over.slice(1));
    showInfo('none', [[isPaths ? 'Path' : 'Patch', nameOf(missing)], [reasonOf(missing)]]);
  } else if (places.every((place) => place >= 0) && isThere(indexOf(places)))
    showInfo('cell', detailsOf(indexOf(places)));
  else showInfo(state.sel === '' ? '' : 'kept', [
    ...places.flatMap((place, axis) => (place < 0 ? []
      : [/** @type {[string, string]} */ ([axes[axis].title, placeName(axis, place)])])),
    [isPaths ? 'Point at a cell or a curve for its numbers; click a source for its paths.'
      : 'Point at a cell for its numbers; click one to keep its place.'],
  ]);
}

function showLargest() {
  const { effect, recovery } = shownNow().numbers;
  const places = kept();
  // Kept on all axes, a place is one row; the list then shows all, and marks it.
  const isOne = places.every((place) => place >= 0);
  const found = [];
  for (let index = 0; index < size; index++) {
    if (Number.isNaN(effect[index])) continue;
    const at = placesOf(index);
    if (isOne || places.every((place, axis) => place < 0 || place === at[axis])) found.push(index);
  }
  const count = found.length;
  const largest = found.sort((a, b) => Math.abs(effect[b]) - Math.abs(effect[a]) || a - b).slice(0, mostListed);
  byId('of').textContent = `${largest.length} of ${count}`;
  byId('largest').replaceChildren(...largest.map((index) => {
    const button = make('button', { 'data-pick': index }, make('bdi', {}, nameOf(index)),
      make('span', { class: 'number' }, signedText(effect[index])),
      make('span', { class: 'number muted' }, numberText(recovery[index], 'recovery')));
    mark(button, 'data-sign', effect[index] < 0 ? 'minus' : 'plus');
    press(button, isOne && indexOf(places) === index);
    return make('li', {}, button);
  }));
}

/** @param {number} value */
const signedText = (value) => (value > 0 ? '+' : '') + numberText(value);

let listedPair = '';

function showPickers() {
  const places = kept();
  axes.forEach((axis, i) => {
    const picker = byId('axis-' + i);
    if (listedPair !== state.pair) picker.replaceChildren(make('option', { value: -1 }, 'strongest'),
      ...Array.from({ length: axis.length }, (_, place) => make('option', { value: place }, placeName(i, place))));
    picker.value = places[i];
  });
  listedPair = state.pair;
  if (hasSeveral) {
    byId('pair').value = state.pair;
    byId('stats').hidden = state.pair !== 'mean';
  }
}

function showLegend() {
  const { most } = strengthNow();
  const [, middle] = state.number === 'metric' && !isSpread() ? [0, shownNow().corrupted[0]] : [0, 0];
  byId('signed').hidden = isSpread();
  if (byId('unsigned')) byId('unsigned').hidden = !isSpread();
  const text = (/** @type {number} */ value) => numberText(value, state.number);
  byId('legend-low').textContent = text(middle - most);
  byId('legend-high').textContent = text(middle + most);
  if (byId('spread-high')) byId('spread-high').textContent = text(most);
}

/** @returns {(string | number)[][]} */
function tableRows() {
  const { numbers, spreads } = shownNow();
  const named = axes.flatMap(({ name, labels }) => (labels.length ? [name] : [name, name + '_token']));
  const rows = [];
  for (let index = 0; index < size; index++) {
    if (!isThere(index)) continue;
    const places = placesOf(index);
    rows.push([
      ...places.flatMap((place, axis) => (axes[axis].labels.length
        ? [axes[axis].name === 'source' ? axes[axis].labels[place] : place] : [place, tokenOfRow(place)])),
      ...[numbers, ...(spreads ? [spreads] : [])].flatMap((all) =>
        ['metric', 'effect', 'recovery'].map((kind) => (Number.isNaN(all[kind][index]) ? '' : all[kind][index]))),
    ]);
  }
  return [[...named.map((name) => name.replace(' ', '_')), 'metric', 'effect', 'recovery',
    ...(spreads ? ['metric_spread', 'effect_spread', 'recovery_spread'] : [])], ...rows];
}

/** @param {number} position */
const tokenOfRow = (position) => (tokenAt(position) === '' ? '' : pairNow().corrupted.tokens[position]);

function figure() {
  const names = drawn.map((_, i) => byId('pane-title-' + i).textContent);
  const drawings = drawn.map((_, i) => heats[i].toSvg());
  if (!diagram) return heatFile(drawings, names);
  const paths = /** @type {any} */ (drawingOf(/** @type {any} */ ({ flow, layout: () => diagram }), 0));
  return heatFile([...drawings, paths], [...names, 'The strongest paths']);
}

byId('export-json').hidden = !data.hasFile;
// The JSON has all pairs; the other files are of what is shown.
const suffix = () => (state.pair === 'mean' ? '-mean' : '-' + (Number(state.pair) + 1));
offerFiles((kind) => `patch${hasSeveral && kind !== 'json' ? suffix() : ''}.${kind}`, {
  svg: figure,
  png: () => pixelsOf(figure()),
  csv: () => tableFile(tableRows()),
  json: async () => new Blob([await unpacked(byId('file').textContent)], { type: 'application/json' }),
});
