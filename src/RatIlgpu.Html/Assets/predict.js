// @ts-check
// The page of prediction tables: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.prompt = String(state.prompt);
  if (byId('prompt')) byId('prompt').value = String(state.prompt);
  drawTable();
  showMarks();
}

/** @param {number} to a prompt, from 1 */
async function choosePrompt(to) {
  if (!data.prompts[to - 1]) return;
  askedPrompt = to;
  const table = await tableOf(to - 1);
  // The reader can have asked for another one meanwhile.
  if (askedPrompt !== to || to === state.prompt) return;
  shownTable = table;
  set({ prompt: to, over: '' });
  find();
}
let askedPrompt = 0;

/** @param {URLSearchParams} from */
async function read(from) {
  const number = Number(from.get('s') ?? 1);
  state.prompt = data.prompts[number - 1] ? number : 1;
  shownTable = await tableOf(state.prompt - 1);
  const sel = from.get('n') ?? '';
  if (/^\d+$/.test(sel) && Number(sel) < data.ids.length) state.sel = String(Number(sel));
}

/** The tokens on the page that contain the text that is searched. @type {number[]} */
let hits = [];

function find() {
  const elements = Array.from(document.querySelectorAll('main [data-k]'), (element) =>
    /** @type {HTMLElement} */ (element));
  const places = new Set(elements.map(({ dataset }) => Number(dataset.k)));
  hits = hitsOf(/** @type {any} */ (data), state.q).filter((k) => places.has(k)
    && textOf(k).toLowerCase().includes(state.q.toLowerCase().replaceAll(' ', '·')));
  const found = new Set(hits);
  for (const element of elements) mark(element, 'data-hit', found.has(Number(element.dataset.k)));
  tellHits(hits);
}

/** @param {string} sel */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });

/** @param {Element} element */
const nameAt = (element) => /** @type {HTMLElement | null} */ (element.closest('main [data-k]'))?.dataset.k ?? '';

/** @param {Element} element */
function describe(element) {
  const name = nameAt(element);
  const full = /** @type {HTMLElement | null} */ (element.closest('[data-full]'))?.dataset.full;
  const of = element.closest('#rows tbody')?.querySelector('th')?.textContent;
  return [
    ...(name === '' ? [] : [`${isolated(clip(textOf(Number(name)), 60))} #${data.ids[Number(name)]}`]),
    ...(full === undefined ? [] : [inFull(Number(full))]),
    ...(of && (name !== '' || full !== undefined) ? [of] : []),
  ].join(' · ');
}

function pickNext() {
  if (hits.length > 0) set({ over: '', sel: String(hitAfter(hits, state.sel === '' ? -1 : Number(state.sel))) });
}

on(document, 'click', ({ target }) => {
  const name = nameAt(target);
  if (name) pick(name);
});
byId('prompt')?.addEventListener('change', () => choosePrompt(Number(byId('prompt').value)));
rove(byId('rows'), '.tk', besideCell);
on(byId('rows'), 'click', ({ target }) => {
  const token = target.closest('.tk');
  if (token) focusOn(byId('rows'), '.tk', token);
});

start({
  initial: { prompt: 1 }, address: { n: 'sel', s: 'prompt' }, choices: {}, read, render, showOver: showMarks, nameAt,
  describe, find, pickNext,
  keys: {
    'Escape': () => set({ sel: '' }),
    '}': () => choosePrompt(state.prompt + 1),
    '{': () => choosePrompt(state.prompt - 1),
  },
});
