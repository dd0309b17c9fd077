// @ts-check
// The lens page: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.metric = state.metric;
  root.dataset.prompt = String(state.prompt);
  root.dataset.states = state.states;
  root.dataset.input = state.input;
  root.dataset.of = state.of;
  for (const name of ['metric', 'line']) byId(name).value = state[name];
  if (byId('prompt')) byId('prompt').value = String(state.prompt);
  drawText();
  showGrid();
  showText();
  showOver();
  revealPick();
}

let revealed = '';

/** Scrolls the grid to the picked cell when another one is picked. */
function revealPick() {
  const picked = cellAt(state.sel);
  const isNew = picked && state.sel !== revealed;
  revealed = state.sel;
  if (isNew && rows.includes(picked.state)) grid.reveal(rows.indexOf(picked.state), picked.column);
}

/** @param {number} to a prompt, from 1 */
async function choosePrompt(to) {
  if (!data.prompts[to - 1]) return;
  askedPrompt = to;
  await cellsOf(to - 1);
  // The reader can have asked for another one meanwhile.
  if (askedPrompt !== to || to === state.prompt) return;
  await openPrompt(to);
  set({ sel: '', over: '' });
  find();
}
let askedPrompt = 0;

/**
 * Picks the cell that is so many states after the picked one, or so many columns beside.
 * @param {number} later
 * @param {number} beside
 */
function step(later, beside) {
  const { state: row, column } = pickedCell();
  const position = prompt().positions[column + beside];
  if (row + later < 0 || row + later > last || position === undefined) return;
  set({ over: '', sel: nameOf(row + later, position) });
}

/** @type {number[]} */
let hits = [];

function find() {
  hits = hitsOf(words, state.q);
  markHits(strip, hits);
}

function pickNext() {
  const read = hits.filter((position) => prompt().positions.includes(position));
  if (read.length === 0) return;
  const { state: row, position } = pickedCell();
  const next = state.sel === '' ? read[0] : hitAfter(read, position);
  set({ over: '', sel: nameOf(row, next) });
}

on(document, 'click', ({ target }) => {
  const name = target.closest('.t, #plot .hold') ? nameAt(target) : '';
  if (name) pick(name);
});
for (const name of ['metric', 'line']) on(byId(name), 'change', () => set({ [name]: byId(name).value }));
byId('prompt')?.addEventListener('change', () => choosePrompt(Number(byId('prompt').value)));
moveInStrip(byId('toks'), () => strip);

start({
  initial, address, choices, read, render, showOver, nameAt, describe, find, pickNext,
  keys: {
    'Escape': () => set({ sel: '' }),
    '.': () => step(1, 0),
    ',': () => step(-1, 0),
    ']': () => step(0, 1),
    '[': () => step(0, -1),
    '}': () => choosePrompt(state.prompt + 1),
    '{': () => choosePrompt(state.prompt - 1),
  },
});
