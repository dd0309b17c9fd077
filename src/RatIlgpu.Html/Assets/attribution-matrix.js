// @ts-check
// What components read from each token: a matrix, and the shades of the text.

const heat = readers
  ? heatMap(byId('heat'), { label: 'Components by token. Arrow keys move, Enter selects.', pick: pickCell }) : null;

/** The rows of the matrix as it was drawn last. @type {{ name: string, cells: (number | null)[] }[]} */
let cellRows = [];

/** What the matrix was drawn for. */
let drawnMatrix = '';

/** @param {number} row @param {number} column */
function pickCell(row, column) {
  const sel = cellName(row, column);
  const view = showsPositions() ? siblings()[row].name : state.view;
  set({ view, sel: state.sel === sel && state.view === view ? '' : sel });
}

/** @param {number} row @param {number} column */
const cellName = (row, column) => nameOf(showsPositions() ? markOf(state.sel).component : cellRows[row].name, column);

/** Returns the picked component if it reads tokens, else the empty name, all heads. */
function readerName() {
  const { component } = markOf(state.sel);
  return readsOf(component, shownView()) ? component : '';
}

function showMatrix() {
  const view = shownView();
  if (!heat || !view) return;
  const reader = readerName();
  const isByPosition = showsPositions();
  const drawn = [state.view, isByPosition && reader, state.order, isByPosition].join();
  if (drawn === drawnMatrix) return;
  drawnMatrix = drawn;
  if (isByPosition) cellRows = siblings().map((one) => (
    { name: named(view.prompt, one.position, 12), cells: readsOf(reader, one) ?? [] }));
  else {
    const rows = rowsOf(/** @type {Unit} */ (units.find(({ name }) => name === 'head'))).slice(0, -2);
    cellRows = (state.order === 'size' ? bySize(rows) : rows).map(({ name, value }) => ({
      name,
      // What is no head writes at the explained position.
      cells: readsOf(name, view) ?? view.prompt.tokens.slice(0, view.position + 1)
        .map((_, key) => (key === view.position ? value : null)),
    }));
    const rest = readsOf('unaccounted', view);
    if (rest) cellRows.push({ name: 'unaccounted', cells: rest });
  }
  const isSum = isByPosition && !/^L/.test(reader);
  const most = (isSum ? endOf(cellRows.flatMap(({ cells }) => cells.map((value) => (
    { name: '', from: 0, value: value ?? 0 })))) : data.most) || 1;
  heat.show({
    rows: cellRows.length,
    columns: highestOf(cellRows.map(({ cells }) => cells.length)),
    shade: (row, column) => {
      const value = cellRows[row].cells[column] ?? null;
      return value === null ? null : value / most;
    },
    signed: true,
    rowLabel: (row) => cellRows[row].name,
    columnLabel: (column) => `${clip(tokenText(view.prompt, column), 14)} ${column}`,
    rowTitle: isByPosition ? 'explained position' : 'component',
    columnTitle: 'token read',
    cell: { width: [14, 40], height: [15, 22] },
  });
  byId('domain-low').textContent = `−${most.toFixed(2)}`;
  byId('domain-high').textContent = `+${most.toFixed(2)}`;
  byId('sources-title').textContent = isByPosition ? `Read by ${reader || 'all heads'} at each position`
    : 'What components read from each token';
  mark(byId('of-components'), 'hidden', isByPosition);
  mark(byId('of-positions'), 'hidden', !isByPosition);
}

/** Outlines the mark under the pointer or the keyboard, or else the picked one. */
function showOver() {
  const { component, token } = markOf(state.over || state.sel);
  for (const bar of barsOf(barList)) mark(bar, 'data-over', state.over !== '' && bar.dataset.row === component);
  for (const element of tokens) mark(element, 'data-over', state.over !== '' && Number(element.dataset.i) === token);
  if (!heat) return;
  const view = shownView();
  const row = view && showsPositions() ? siblings().indexOf(view)
    : cellRows.findIndex(({ name }) => name === component);
  const column = token >= 0 && token < (cellRows[0]?.cells.length ?? 0) ? token : null;
  /** @type {[number | null, number | null]} */
  const place = cellOf(byId('heat')) ?? [row < 0 ? null : row, column];
  heat.outline(...place);
}

const strip = byId('toks');
/** @type {HTMLElement[]} */
let tokens = [];
/** @type {PromptPlan | undefined} */
let drawnPrompt;

function showText() {
  const view = shownView();
  const prompt = shownPrompt();
  if (prompt !== drawnPrompt) {
    drawnPrompt = prompt;
    strip.replaceChildren();
    tokens = drawStrip(strip, { ...prompt, target: view?.position ?? 0 });
    find();
  }
  const { component, token } = markOf(state.sel);
  const reads = readsOf(component, view);
  const most = highestOf((reads ?? []).map(Math.abs), 0) || 1;
  tokens.forEach((element, i) => {
    mark(element, 'data-v', Math.round((6 * (reads?.[i] ?? 0)) / most) || null);
    mark(element, 'aria-current', i === view?.position && 'true');
    mark(element, 'data-on', i === token);
    press(element, i === token);
  });
  byId('shaded').textContent = reads ? `read by ${component || 'all heads'}, up to ±${most.toFixed(2)}` : '';
}

function find() {
  markHits(tokens, hitsOf(shownPrompt(), state.q));
}

function pickNextHit() {
  const hits = hitsOf(shownPrompt(), state.q);
  const { component, token } = markOf(state.sel);
  const next = hitAfter(hits, token);
  if (next === undefined) return;
  set({ sel: nameOf(component, next) });
  scrollToToken(strip, tokens[next]);
}

moveInStrip(strip, () => tokens);
