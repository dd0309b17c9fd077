// @ts-check
// The data of the page of explanations, decoded when they are shown, and the meaning of its state.

/**
 * @typedef {{ score: number | null, attention: number | null, metric: number | null }} Measured
 * @typedef {{ input: 'key' | 'query', label: string, attributed: number, held: Measured, recomputed: Measured }} Taken
 * @typedef {{ answer: any, foil: any, direction: any, unchanged: Measured, parts: Taken[] }} Verification
 * @typedef {{ name: string, prompt: number, head: string, query: number, key: number, split: boolean, score: number,
 *   attention: number, row: number[], address: string, verification?: Verification }} Link `row` has the attention of
 *   the query by position, `address` the state of a page of attention
 * @typedef {{ link: number, reading: string, foil?: number, score: number, attention: number, measured: number,
 *   rounding: number, alone: number, queryParts: number, keyParts: number, verified: boolean, balance: string,
 *   facts: [string, string][], notices: string[] }} View a reading of a link; the parts are lists of `parts`
 * @typedef {{ byQuery: Float64Array, byKey: Float64Array, without: Float64Array, pairs: Float64Array, most: number }}
 *   Numbers `pairs` by part of the query, then by part of the key
 */

/**
 * @type {{ head: any, prompts: (Prompt & { label: string, ids: number[], interventions?: string[] })[],
 *   links: Link[], views: View[], parts: string[][] }}
 */
const data = await readData('data');

const { links, views } = data;
const linkNames = links.map(({ name }) => name);
const readingNames = [...new Set(views.map(({ reading }) => reading))];

/** The links of one prompt, head and query, in the order of the page. @type {Link[][]} */
const groups = Object.values(Object.groupBy(links, ({ prompt, head, query }) => `${prompt}.${head}.${query}`));

const choices = { link: linkNames, reading: readingNames, order: ['size', 'model'] };
const address = { v: 'link', r: 'reading', o: 'order', n: 'sel' };

/**
 * `sel` and `over` name a part of the query (`L1H0@`), a part of the key (`@L1H0`), a pair (`embed@L1H0`), or a token
 * by its position (`5`).
 */
const initial = { link: linkNames[0], reading: readingNames[0], order: 'size' };

/** @type {Map<View, Numbers>} */
const decoded = new Map();

const shownLink = () => links[linkNames.indexOf(state.link)];
const shownGroup = () => /** @type {Link[]} */ (groups.find((group) => group.includes(shownLink())));
const shownPrompt = () => data.prompts[shownLink().prompt];

/** Returns the view of a link in the chosen reading, or in the first that it has. @param {Link} link */
function viewOf(link) {
  const own = views.filter((view) => links[view.link] === link);
  return own.find(({ reading }) => reading === state.reading) ?? own[0];
}

const shownView = () => viewOf(shownLink());
const shownNumbers = () => /** @type {Numbers} */ (decoded.get(shownView()));

/** @param {View} view */
const queryPartsOf = (view) => data.parts[view.queryParts];
/** @param {View} view */
const keyPartsOf = (view) => data.parts[view.keyParts];

/** @param {View} view */
async function decode(view) {
  if (decoded.has(view)) return;
  const [queries, keys] = [queryPartsOf(view).length, keyPartsOf(view).length];
  const next = planesOf(await readBytes('view-' + views.indexOf(view)));
  const all = next(Float64Array, queries + keys * 2 + queries * keys);
  const pairs = all.subarray(queries + keys * 2);
  let most = 0;
  for (const pair of pairs) most = Math.max(most, Math.abs(pair));
  decoded.set(view, {
    byQuery: all.subarray(0, queries), byKey: all.subarray(queries, queries + keys),
    without: all.subarray(queries + keys, queries + keys * 2), pairs, most: most || 1,
  });
}

/** Decodes the shown view; returns null if it is there. */
const decodeShown = () => (decoded.has(shownView()) ? null : decode(shownView()));

/**
 * Returns the parts of a name: labels, empty for none, or a token.
 * @param {string} name
 */
function markOf(name) {
  const at = name.indexOf('@');
  return at < 0
    ? { query: '', key: '', token: name === '' ? -1 : Number(name) }
    : { query: name.slice(0, at), key: name.slice(at + 1), token: -1 };
}

/** Tells whether the shown view has what a name names. @param {string} name */
function isThere(name) {
  const { query, key, token } = markOf(name);
  return name.includes('@')
    ? name !== '@' && (query === '' || queryPartsOf(shownView()).includes(query))
      && (key === '' || keyPartsOf(shownView()).includes(key))
    : name === '' || (/^\d{1,9}$/.test(name) && token < shownPrompt().tokens.length);
}

/** @param {URLSearchParams} from */
async function read(from) {
  const sel = from.get('n') ?? '';
  if (isThere(sel)) state.sel = sel;
  await decodeShown();
}

/** Names a part; of a head that was split it names the token that was read. @param {string} label */
function partName(label) {
  const source = / <- (\d+)$/.exec(label);
  return source ? `${label} ${isolated(clip(tokenText(shownPrompt(), Number(source[1])), 12))}` : label;
}

/** Returns the places of numbers in the chosen order. @param {Float64Array} numbers */
function orderOf(numbers) {
  const places = Array.from(numbers, (_, i) => i);
  return state.order === 'size' ? places.sort((a, b) => Math.abs(numbers[b]) - Math.abs(numbers[a])) : places;
}

/** Returns the rank of a number by its size, from 1. @param {Float64Array} numbers @param {number} place */
const rankOf = (numbers, place) =>
  numbers.reduce((rank, number) => rank + Number(Math.abs(number) > Math.abs(numbers[place])), 1);

/** @param {number} part of 1 */
const share = (part) => (part > 0 && part < 5e-5 ? part.toExponential(1) : part.toFixed(4));

/** Picks a mark, or lets it go. @param {string} sel */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });
