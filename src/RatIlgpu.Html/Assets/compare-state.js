// @ts-check
// The data of the page of two traces or flows, and the correspondence of their marks.

/**
 * @typedef {Places & Prompt & { ids: number[], paths: Path[], links: Link[], layouts: Record<string, Layout>,
 *   measure?: string }} Trace
 * @typedef {[a: number, b: number, shareA: number, shareB: number, step: string, words: string]} Pair
 * @typedef {{ side: 'a' | 'b', kind: string, index: number }} Mark
 */

/** @type {Drawing & { a: Trace, b: Trace, counterparts: number[], tokens: Pair[], links: Pair[], paths: Pair[] }} */
const data = await readData('data');

const sideNames = /** @type {('a' | 'b')[]} */ (['a', 'b']);
for (const name of sideNames) prepare(data[name]);
const choices = { colour: ['difference', 'path'], cols: columnChoices };
const address = { n: 'sel', d: 'colour', c: 'cols' };

/** `sel` and `over` name a side, a kind (n, e or p) and a position, a link or a path: an12 is token 12 of A. */
const initial = { colour: 'difference', cols: columnChoices[0] };

const counterpartsOfB = new Map(data.counterparts.flatMap((b, a) => (b < 0 ? [] : [[b, a]])));

/** The pairs, by the names of their marks. @type {Map<string, Pair>} */
const pairOf = new Map();
for (const [kind, pairs] of Object.entries({ n: data.tokens, e: data.links, p: data.paths }))
  for (const pair of pairs) {
    if (pair[0] >= 0) pairOf.set('a' + kind + pair[0], pair);
    if (pair[1] >= 0) pairOf.set('b' + kind + pair[1], pair);
  }

/** @param {string} name @returns {Mark | null} */
function markOf(name) {
  const [whole, side, kind, index] = /^([ab])([nep])(\d{1,9})$/.exec(name) ?? [];
  if (whole === undefined) return null;
  const trace = data[/** @type {'a' | 'b'} */ (side)];
  const { length } = { n: trace.tokens, e: trace.links, p: trace.paths }[kind] ?? [];
  return Number(index) < length ? { side: /** @type {'a' | 'b'} */ (side), kind, index: Number(index) } : null;
}

/**
 * Returns the index of a mark or of its counterpart on a side; -1 for none.
 * @param {Mark} mark
 * @param {'a' | 'b'} side
 */
function indexOn({ side: own, kind, index }, side) {
  if (own === side) return index;
  if (kind !== 'n') return pairOf.get(own + kind + index)?.[side === 'a' ? 0 : 1] ?? -1;
  return (side === 'b' ? data.counterparts[index] : counterpartsOfB.get(index)) ?? -1;
}

/** @param {URLSearchParams} address */
function read(address) {
  const sel = address.get('n') ?? '';
  if (markOf(sel)) state.sel = sel;
}

/**
 * Picks a mark, or clears the pick if the mark is picked.
 * @param {string} sel
 */
const pick = (sel) => set({ sel: state.sel === sel ? '' : sel });
