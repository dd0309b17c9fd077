// @ts-check
// The page of attributions: shows the state, and turns the reader's actions into changes of the state.

function render() {
  const loading = decodeShown();
  if (loading) {
    loading.then(show);
    return;
  }
  for (const name of ['unit', 'view', 'order', 'plot']) root.dataset[name] = state[name];
  showPickers();
  showBars();
  showMatrix();
  showText();
  const { component, token } = markOf(state.sel);
  showInfo(component ? (token < 0 ? 'component' : 'cell') : token < 0 ? '' : 'token', detailsOf(component, token));
  showOver();
}

/**
 * Describes a component, if a unit has it: first the shown one.
 * @param {string} component
 * @returns {[string, string][]}
 */
function rowFacts(component) {
  for (const unit of [shownUnit(), ...units]) {
    const rows = rowsOf(unit).slice(0, -2);
    const row = rows.find(({ name }) => name === component);
    if (row) return unit.cumulative
      ? [['Logit of the stream', valueText(row)], ['Step', signed(row.value - row.from)]]
      : [['Adds to the logit', valueText(row)], ['Rank by size', `${bySize(rows).indexOf(row) + 1} of ${rows.length}`]];
  }
  return [];
}

/**
 * Returns the strongest of some names with numbers.
 * @param {[name: string, value: number][]} all
 */
const strongest = (all) => all.toSorted((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 5)
  .map(([name, value]) => /** @type {[string, string]} */ ([name, signed(value)]));

/**
 * @param {string} component
 * @param {number} token
 * @returns {[string, (string | number)?][]}
 */
function detailsOf(component, token) {
  if (component === '' && token < 0) return [['Select a component, a cell or a token to see its numbers.']];
  const prompt = shownPrompt();
  const reads = readsOf(component, shownView());
  /** @type {[string, (string | number)?][]} */
  const rows = component ? [['Component', component], ...rowFacts(component)] : [];
  if (token >= 0) rows.push(['Token', tokenText(prompt, token)], ['Position', token], ['Id', prompt.ids[token]]);
  if (!reads) return rows;
  if (token < 0)
    return [...rows, ['It reads most from'], ...strongest(reads.map((value, key) => [named(prompt, key), value]))];
  rows.push([`Read by ${component || 'all heads'}`, token < reads.length ? signed(reads[token]) : 'comes later']);
  if (!component && token < reads.length) rows.push(['Most is read by'], ...strongest(
    (readers ?? []).filter((name) => /^L/.test(name)).map((name) => [name, readsOf(name, shownView())?.[token] ?? 0])));
  return rows;
}

function showPickers() {
  const view = shownView();
  const prompt = shownPrompt();
  for (const button of /** @type {any} */ (document.querySelectorAll('button:is([data-view], [data-set])'))) {
    const { view: name, set: kind } = button.dataset;
    if (name) press(button, name === state.view);
    else button.disabled = (kind === 'order' && shownUnit().cumulative) || (kind === 'plot' && !view);
  }
  byId('top').value = state.top;
  const byPrompt = byId('prompt');
  if (byPrompt) byPrompt.value = view ? prompt.number : 'mean';
  const byPosition = byId('position');
  if (byPosition) {
    const options = (view || !byPrompt ? prompt.views : []).map(({ position, name = String(position) }) =>
      make('option', { value: name }, named(prompt, position)));
    if (!byPrompt) options.unshift(make('option', { value: 'mean' }, `Mean of all ${views.length}`));
    byPosition.replaceChildren(...options);
    byPosition.value = view?.position ?? 'mean';
  }
  byId('facts').replaceChildren(...(view ? view.facts : data.meanFacts ?? []).map(([term, value]) =>
    make('div', term === 'Explains' ? { class: 'predicts' } : {}, make('dt', {}, term),
      make('dd', {}, term === 'Model' ? make('bdi', {}, value) : value))));
}

/**
 * Shows another view; the picked token stays if the prompt does.
 * @param {string} view
 */
function choose(view) {
  const { component, token } = markOf(state.sel);
  const stays = views.find(({ name }) => name === view)?.prompt === shownView()?.prompt;
  set({ view, over: '', sel: nameOf(component, stays ? token : -1) });
}

/** @param {number} number of a prompt; its last view is shown */
const choosePrompt = (number) => choose(views.findLast(({ prompt }) => prompt.number === number)?.name ?? state.view);

for (const [id, react] of /** @type {[string, (value: string) => void][]} */ ([
  ['top', (top) => set({ top })],
  ['prompt', (value) => (value === 'mean' ? choose(value) : choosePrompt(Number(value)))],
  ['position', (value) => choose(value === 'mean' ? value : `${shownPrompt().number}.${value}`)],
])) if (byId(id)) on(byId(id), 'change', ({ target }) => react(target.value));

/**
 * Returns the name of the mark that an element shows; empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const { row, i } = /** @type {HTMLElement | null} */ (element.closest('.bar, .t'))?.dataset ?? {};
  const cell = heat && cellOf(element);
  return row ?? (i ? '@' + i : cell ? cellName(...cell) : '');
}

/**
 * Returns the tool tip of an element; empty for none.
 * @param {Element} element
 */
function describe(element) {
  const prompt = shownPrompt();
  const cell = heat && cellOf(element);
  if (cell) {
    const value = cellRows[cell[0]]?.cells[cell[1]] ?? null;
    return value === null ? '' : `${cellRows[cell[0]].name} ← ${named(prompt, cell[1])}: ${signed(value)}`;
  }
  const { component, token } = markOf(nameAt(element));
  const value = readsOf(markOf(state.sel).component, shownView())?.[token];
  return token >= 0 ? named(prompt, token) + (value === undefined ? '' : ': ' + signed(value))
    : [component, ...rowFacts(component).map(([term, text]) => `${term.toLowerCase()} ${text}`)].join(' · ');
}

on(document, 'click', ({ target }) => {
  const view = target.closest('button[data-view]')?.dataset.view;
  if (view) choose(view);
  else if (target.closest('.bar[data-row], .t')) pick(nameAt(target));
});

/** @param {number} by */
function stepThroughRows(by) {
  const next = barBeside(barList, markOf(state.sel).component, by);
  if (next) set({ sel: next.dataset.row });
  next?.scrollIntoView({ block: 'nearest' });
}

/** @param {number} by */
function stepThroughPositions(by) {
  const next = siblings()[siblings().findIndex(({ name }) => name === state.view) + by];
  if (next) choose(next.name);
}

/** @param {number} by */
const stepThroughUnits = (by) => set({ unit: unitNames[unitNames.indexOf(state.unit) + by] ?? state.unit });

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find,
  pickNext: pickNextHit,
  keys: {
    'Escape': () => set({ sel: '' }),
    '[': () => stepThroughRows(-1),
    ']': () => stepThroughRows(1),
    ',': () => stepThroughUnits(-1),
    '.': () => stepThroughUnits(1),
    '(': () => stepThroughPositions(-1),
    ')': () => stepThroughPositions(1),
    '{': () => choosePrompt(shownPrompt().number - 1),
    '}': () => choosePrompt(shownPrompt().number + 1),
  },
});
