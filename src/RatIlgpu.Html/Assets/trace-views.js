// @ts-check
// The views of a page that has several: one for each prompt, target, layer and choice of heads. Each is decoded when it
// is shown.

/**
 * @typedef {[token: string, part: number | null, path: string, number: number | null]} PromptRow
 * @typedef {{ number: number, first: number, label: string, targets: number[], layers: number[], heads: string[],
 *   rows?: PromptRow[] }} PromptPlan `first` is the index of the first view
 * @typedef {{ prompt: number, target: number, layer: number, heads: number, view: number }} Place indices in the plan
 */

/** @type {PromptPlan[]} */
const plans = /** @type {any} */ (data).prompts;

/** The values of a dimension, for a prompt. @type {Record<string, (plan: PromptPlan) => (number | string)[]>} */
const valuesOf = {
  prompt: () => plans.map(({ number }) => number),
  target: ({ targets }) => targets,
  layer: ({ layers }) => layers,
  heads: ({ heads }) => heads,
};

/** The view that is shown, and the last one that was asked for, which can still be under way. */
let [place, asked] = [placeOf({}), placeOf({})];
let shownPrompt = -1;

/**
 * Returns the place of wanted values; an unknown value stands for the first prompt or heads, the last target or layer.
 * @param {Record<string, any>} wanted
 * @returns {Place}
 */
function placeOf(wanted) {
  const indexOf = (/** @type {(number | string)[]} */ values, /** @type {string} */ name, otherwise = 0) => {
    const index = values.findIndex((value) => String(value) === String(wanted[name]));
    return index < 0 ? otherwise : index;
  };
  const prompt = indexOf(valuesOf.prompt(plans[0]), 'prompt');
  const { targets, layers, heads: choices, first } = plans[prompt];
  const target = indexOf(targets, 'target', targets.length - 1);
  const layer = indexOf(layers, 'layer', layers.length - 1);
  const heads = indexOf(choices, 'heads');
  return { prompt, target, layer, heads, view: first + (target * layers.length + layer) * choices.length + heads };
}

/** @param {Place} at */
function namesAt({ prompt, target, layer, heads }) {
  const { number, targets, layers, heads: choices } = plans[prompt];
  return { prompt: number, target: targets[target], layer: layers[layer], heads: choices[heads] };
}

/**
 * Decodes a view.
 * @param {Record<string, any>} wanted
 * @returns {Promise<(() => void) | null>} what shows it; null if the reader has asked for another one meanwhile
 */
async function decoded(wanted) {
  const to = placeOf(wanted);
  asked = to;
  const [prompt, view] = await Promise.all([
    to.prompt === shownPrompt ? {} : readData('prompt-' + to.prompt), readData('view-' + to.view),
  ]);
  return asked !== to ? null : () => {
    [place, shownPrompt] = [to, to.prompt];
    // Members that the new prompt or view does not have must not stay.
    Object.assign(data, prompt.tokens && { promptLength: undefined, mask: undefined }, { empty: '' }, prompt, view);
    Object.assign(state, namesAt(to));
    useTrace();
  };
}

/** @param {URLSearchParams} address */
const openAddress = async (address) => (await decoded({
  prompt: address.get('s'), target: address.get('p'), layer: address.get('l'), heads: address.get('h'),
}))?.();

/**
 * Shows another view. The picked mark and the focus stay where the view has the same mark.
 * @param {Record<string, any>} change
 */
async function choose(change) {
  const open = await decoded({ ...namesAt(asked), ...change });
  if (!open) return;
  /** @type {any} */
  const held = document.activeElement;
  const name = ['node', 'beam', 'pick', 'prompt'].find((one) => held.dataset[one]);
  const value = name && held.dataset[name];
  const { kind, index } = markOf(state.sel);
  const [link, tokens] = [data.links[index], data.tokens];
  open();
  set({ over: '', path: -1, k: 0, sel: data.tokens === tokens ? sameMark(state.sel, kind, link) : '' });
  if (!name || held.checkVisibility()) return;
  // The elements are new: the focus goes to the same token, path, link or prompt, or else to the target.
  const same = document.querySelectorAll(`:is(.nd, button)[data-${name}="${value}"]`);
  const to = [...same, byId('nodes').lastChild].find((element) => element?.checkVisibility());
  if (to?.matches('.nd')) focusOn(byId('nodes'), '.nd', to);
  else to?.focus();
}

/**
 * Returns the mark of the shown view that corresponds to one of another view of the prompt. The same link can have
 * another number.
 * @param {string} sel
 * @param {string} kind
 * @param {Link} link
 */
function sameMark(sel, kind, link) {
  if (kind !== 'e') return sel;
  const same = data.links.findIndex(({ key, query }) => key === link.key && query === link.query);
  return same < 0 ? '' : 'e' + same;
}

/**
 * @param {'prompt' | 'target' | 'layer' | 'heads'} dimension
 * @param {number} by
 */
function step(dimension, by) {
  const next = valuesOf[dimension](plans[asked.prompt])[asked[dimension] + by];
  if (next !== undefined) choose({ [dimension]: next });
}

/** Shows everything that depends on the view and is not a part of every page. */
function showView() {
  const { number, label, targets } = plans[place.prompt];
  Object.assign(root.dataset, { prompt: number, target: data.target, heads: state.heads });
  const { facts, notices } = /** @type {any} */ (data);
  byId('facts').replaceChildren(...facts.map((/** @type {[string, string]} */ [term, value]) =>
    make('div', /** @type {any} */ (term === 'Predicts' ? { class: 'predicts' } : {}), make('dt', {}, term),
      make('dd', {}, term === 'Model' ? make('bdi', {}, value) : value))));
  byId('notices').replaceChildren(...notices.map((/** @type {string} */ text) => make('p', { class: 'notice' }, text)));
  byId('empty').textContent = data.empty ?? '';
  flow.setAttribute('aria-label', flow.getAttribute('aria-label')
    .replace(/^\d+(.*? path)s?/, data.paths.length + (data.paths.length === 1 ? '$1' : '$1s'))
    .replace(/\d+(?=\.)/, data.target));
  fillTables();
  const chooser = byId('target');
  chooser?.replaceChildren(...targets.map((at) =>
    make('option', { value: at }, `${at}: ${clip(tokenText(data, at), 24)}`)));
  if (chooser) chooser.value = data.target;
  if (byId('prompt')) byId('prompt').value = number;
  byId('toks').setAttribute('aria-label', `Tokens of ${label}. Arrow keys move, Enter selects.`);
  showSlider('layer', 'Layer');
  showSlider('heads', 'Head');
  showPrompts();
}

/**
 * @param {'layer' | 'heads'} name
 * @param {string} title
 */
function showSlider(name, title) {
  const slider = byId(name);
  if (!slider) return;
  slider.max = valuesOf[name](plans[place.prompt]).length - 1;
  slider.value = place[name];
  slider.setAttribute('aria-valuetext', `${title} ${state[name]}`);
  byId(name + '-shown').textContent = state[name];
}

/** Shows, for each prompt, the view that lies nearest to the shown one. */
function showPrompts() {
  const body = document.querySelector('#prompts tbody');
  if (!body) return;
  const shown = plans.map(({ number, first, rows, targets, label }) => {
    const at = placeOf({ ...state, prompt: number });
    return { number, label, target: targets[at.target], row: /** @type {PromptRow[]} */ (rows)[at.view - first] };
  });
  body.replaceChildren(...shown.map(({ number, label, target, row: [token, part, path, value] }) => {
    const button = make('button', { 'data-prompt': number }, `${number}: ${label}`);
    press(button, number === state.prompt);
    const cells = [
      button, String(target), make('bdi', {}, token), part === null ? '' : percent(part), make('bdi', {}, path),
      value === null ? '' : promptNumber(value),
    ];
    return make('tr', {}, ...cells.map((content) => make('td', {}, content)));
  }));
  const [, parts, , numbers] = document.querySelectorAll('#prompts tfoot > tr > *');
  // Where a mean says nothing, the table has none.
  if (!parts) return;
  parts.textContent = spread(shown.map(({ row }) => row[1]), (value) => (value * 100).toFixed(1), ' %');
  numbers.textContent = spread(shown.map(({ row }) => row[3]), promptNumber, '');
}

/**
 * Returns mean and sample standard deviation of numbers, and how many there are if some are unknown; a dash if all are.
 * @param {(number | null)[]} numbers
 * @param {(value: number) => string} format
 * @param {string} unit
 */
function spread(numbers, format, unit) {
  const known = /** @type {number[]} */ (numbers.filter((number) => number !== null));
  const { length } = known;
  if (length === 0) return '–';
  const mean = known.reduce((sum, value) => sum + value, 0) / length;
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1));
  return format(mean) + (length > 1 ? ` ± ${format(deviation)}` : '') + unit
    + (length < numbers.length ? ` (${length})` : '');
}

/** Returns the file of the shown view; the files of a prompt refer to lines of its first. */
async function viewFile() {
  const first = await unpacked(byId('file-' + place.prompt).textContent);
  const index = place.view - plans[place.prompt].first;
  if (index === 0) return first;
  const lines = first.split('\n');
  const parts = JSON.parse(await unpacked(byId(`file-${place.prompt}-${index}`).textContent));
  return parts.map((/** @type {string | number[]} */ part) => (
    typeof part === 'string' ? part : lines.slice(part[0], part[0] + part[1]).join('\n'))).join('\n');
}

/** Names the shown view in a file name as the command does, by the dimensions in which there is a choice. */
function suffix() {
  const { prompt, target, layer, heads } = namesAt(place);
  const isChosen = (/** @type {string} */ name) => plans.some((plan) => valuesOf[name](plan).length > 1);
  const ofHeads = isChosen('heads');
  return (isChosen('prompt') ? `-prompt${prompt}` : '') + (isChosen('target') ? `-P${target}` : '')
    + (isChosen('layer') || ofHeads ? `-L${layer}` : '') + (ofHeads ? `H${heads}` : '');
}

for (const name of ['prompt', 'target'])
  byId(name)?.addEventListener('change', () => choose({ [name]: byId(name).value }));
for (const name of ['layer', 'heads'])
  byId(name)?.addEventListener('input', () =>
    choose({ [name]: valuesOf[name](plans[place.prompt])[byId(name).value] }));
on(document, 'click', ({ target }) => {
  const { prompt } = target.closest('#prompts button')?.dataset ?? {};
  if (prompt) choose({ prompt });
});

several = {
  initial: namesAt(place),
  address: { s: 'prompt', p: 'target', l: 'layer', h: 'heads' },
  keys: {
    ',': () => step('layer', -1),
    '.': () => step('layer', 1),
    '<': () => step('heads', -1),
    '>': () => step('heads', 1),
    '(': () => step('target', -1),
    ')': () => step('target', 1),
    '{': () => step('prompt', -1),
    '}': () => step('prompt', 1),
  },
  open: openAddress,
  show: showView,
  file: viewFile,
  suffix,
};
await openAddress(new URLSearchParams(location.hash.slice(1)));
