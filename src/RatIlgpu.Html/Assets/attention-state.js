// @ts-check
// The data of the attention page, and the meaning of its state.

/**
 * @typedef {{ name: string, layer?: number, head?: number }} Head
 * @typedef {Awaited<ReturnType<ReturnType<typeof attentionOf>['head']>>} Pattern
 * @typedef {Prompt & { label: string, ids?: number[], interventions?: string[], causal: boolean, tier: string,
 *   k: number, side: number, bound: number }} Seen a prompt of the page
 */

/**
 * @type {{ heads: Head[], prompts: Seen[], weights: string[], reductions: string[], vectors?: any,
 *   initial: { mode: string, weights: string } }}
 */
const data = await readData('data');
const attention = attentionOf(data);

/** The view of vectors, if the page has any: attention-lines.js makes it. @type {any} */
let lines;

const { heads } = data;
/** The heads as the address names them. */
const headKeys = heads.map(({ layer, head }, i) => (layer === undefined ? String(i) : `${layer}.${head}`));
const layers = [...new Set(heads.flatMap(({ layer }) => (layer === undefined ? [] : [layer])))]
  .sort((one, other) => one - other).map(String);

const address = {
  h: 'head', k: 'token', d: 'direction', s: 'prompt', l: 'layer', w: 'weights', c: 'scale', r: 'summary', mode: 'mode',
};
const choices = {
  mode: ['small', 'large', ...(data.vectors ? ['lines'] : [])],
  weights: data.weights,
  summary: data.reductions,
  direction: ['query', 'key'],
  scale: ['root', 'linear'],
  prompt: Object.keys(data.prompts),
  head: ['', ...headKeys],
  layer: ['', ...layers],
};

/**
 * `head`, `token` and `layer` are the locks, empty for none; `over` is h and a head, t and a position, or c and a
 * query and a key.
 */
const initial = {
  ...data.initial, summary: data.reductions[0], direction: 'query', scale: 'root', prompt: '0', layer: '', token: '',
  head: data.initial.mode === 'small' && heads.length > 1 ? '' : headKeys[0],
};

const prompt = () => data.prompts[state.prompt];

/** @param {string} kind @returns {number[]} what is under the pointer or the keyboard, if it is of that kind */
const overOf = (kind) => (state.over[0] === kind ? state.over.slice(1).split(',').map(Number) : []);

/** Returns the head that is shown: the one under the pointer, or else the locked one; -1 for the summary. */
const headShown = () => overOf('h')[0] ?? headKeys.indexOf(state.head);

const isByQuery = () => state.direction === 'query';

/** Returns the token that is shown, as query or as key; -1 for none. */
const tokenShown = () =>
  overOf('t')[0] ?? overOf('c')[isByQuery() ? 0 : 1] ?? (state.token === '' ? -1 : Number(state.token));

/** Locks a head or a token, or lets it go. @param {'head' | 'token'} what @param {string | number} which */
const lock = (what, which) => set({ [what]: state[what] === String(which) ? '' : String(which) });

/** @param {number} position */
const isPadding = (position) => prompt().mask?.[position] === 0;

/** Names a token in a sentence. @param {number} position */
const tokenName = (position) => named(prompt(), position, 40);

/** Returns a value of the state on the scale of colours. @param {number} value */
const shadeOf = (value) => (state.scale === 'root' ? Math.sqrt(value) : value);

/** @param {number} value of 1 @returns {number} the step of its shade, 0 for nothing, to 7 */
const heatOf = (value) => Math.round(shadeOf(value) * 7);

/** The pattern that is shown, and what the state says of it. @type {{ name: string, pattern: Pattern }} */
let shown;

/** The layer through which the rollout goes: the chosen one, or the last. */
const rolledTo = () => state.layer || layers.at(-1);

/** Returns the summary that is shown, and its weights: a rollout has none, and one for each layer. */
const summaryShown = () => (state.summary === 'rollout' ? ['rollout' + rolledTo(), 'standard']
  : [state.summary, state.weights]);

const nameOf = (/** @type {number} */ head) =>
  [state.prompt, ...(head < 0 ? summaryShown() : [head, state.weights])].join();

/**
 * Decodes a pattern of the prompt and the weights of the state.
 * @param {number} head -1 for the summary
 * @returns {Promise<Pattern>}
 */
const patternOf = (head) => (head < 0
  ? attention.summary(Number(state.prompt), summaryShown()[0], summaryShown()[1])
  : attention.head(Number(state.prompt), head, state.weights));

/** Returns the weights as the end of a title. */
const weightsShown = () => (state.weights === 'standard' ? '' : `, ${state.weights}-weighted`);

/** Returns what the shown pattern is of. */
function titleShown() {
  const head = headShown();
  if (head >= 0) return heads[head].name + weightsShown();
  if (state.summary === 'rollout') return `Rollout of layers 0 to ${rolledTo()}`;
  return `${{ max: 'Largest', mean: 'Mean' }[state.summary]} of ${heads.length} heads${weightsShown()}`;
}

/**
 * Writes a value, or why there is none.
 * @param {number} query
 * @param {number} key
 */
function valueText(query, key) {
  const value = shown.pattern.value(query, key);
  if (value !== null) return shown.pattern.quality(query, key) + decimal(value);
  return isPadding(query) || isPadding(key) ? 'padding' : 'masked (after the query)';
}

/** @param {URLSearchParams} address */
async function read(address) {
  const token = address.get('k') ?? '';
  if (/^\d{1,9}$/.test(token) && Number(token) < prompt().tokens.length) state.token = String(Number(token));
  shown = { name: nameOf(headShown()), pattern: await patternOf(headShown()) };
}
