// @ts-check
// The numbers of the lens page: a plan with the tokens of all prompts, and the predictions of each prompt, which are
// decoded when the prompt is shown.

/**
 * @typedef {{ token: number, rank: number, logit: number, probability: number }} Likely `token` is a place in the table
 * @typedef {{ tokens: Uint32Array, ranks: Uint32Array, logits: Float32Array, chances: Float64Array, count: number }}
 *   TokenLists
 * @typedef {{ top: TokenLists, followed: TokenLists, along: Uint32Array, values: Float64Array, entropy: Float64Array,
 *   kl: Float64Array }} Cells a cell is the column times the number of states, plus the state
 * @typedef {{ label: string, at: number[], positions: number[], order: number[], mask?: number[],
 *   interventions?: string[] }} LensPrompt
 * @typedef {[mean: number | null, spread: number | null]} Spread
 * @typedef {{ state: string, entropy: Spread, kl_divergence: Spread, followed: Record<string, Spread>[],
 *   projections: Record<string, Spread>[] }} LensMean
 */

/**
 * @type {{ head: Record<string, any>, states: string[], tokens: string[], ids: number[],
 *   shown: Record<string, string>, top: number, followed: number, projections: number, directions: string[],
 *   names: string[], ranges: { topLogit: number[], logit: number[], rank: number, kl: number, entropy: number,
 *   projection: number }, prompts: LensPrompt[], mean: LensMean[] }}
 */
const data = await readData('data');

// In place of a token or a direction that a state does not have.
const nothing = 0xffffffff;

/** @type {Map<number, Promise<Cells>>} */
const decodedPrompts = new Map();

/**
 * Returns the predictions of a prompt, which are decoded once.
 * @param {number} prompt
 */
function cellsOf(prompt) {
  const found = decodedPrompts.get(prompt) ?? decode(prompt);
  decodedPrompts.set(prompt, found);
  return found;
}

/** @param {number} prompt @returns {Promise<Cells>} */
async function decode(prompt) {
  const bytes = await readBytes('prompt-' + prompt);
  const take = planesOf(bytes);
  const cells = data.prompts[prompt].positions.length * data.states.length;
  const lists = (/** @type {number} */ count) => ({
    tokens: take(Uint32Array, cells * count), ranks: take(Uint32Array, cells * count),
    logits: take(Float32Array, cells * count), chances: take(Float64Array, cells * count), count,
  });
  const [top, followed] = [lists(data.top), lists(data.followed)];
  const along = take(Uint32Array, cells * data.projections);
  const values = take(Float64Array, cells * data.projections);
  return { top, followed, along, values, entropy: take(Float64Array, cells), kl: take(Float64Array, cells) };
}

/**
 * Returns a token of a cell; null where there is none.
 * @param {TokenLists} lists
 * @param {number} cell
 * @param {number} place
 * @returns {Likely | null}
 */
function likelyAt({ tokens, ranks, logits, chances, count }, cell, place) {
  const i = cell * count + place;
  if (place >= count || tokens[i] === nothing) return null;
  return { token: tokens[i], rank: ranks[i], logit: logits[i], probability: chances[i] };
}

/**
 * Returns the tokens of a cell, in their order.
 * @param {TokenLists} lists
 * @param {number} cell
 */
const likelyOf = (lists, cell) => /** @type {Likely[]} */ (
  Array.from({ length: lists.count }, (_, place) => likelyAt(lists, cell, place)).filter((one) => one !== null));

/**
 * Returns what directions read in a cell.
 * @param {Cells} cells
 * @param {number} cell
 */
function projectionsOf({ along, values }, cell) {
  const first = cell * data.projections;
  return Array.from({ length: data.projections }, (_, i) => ({ direction: along[first + i], value: values[first + i] }))
    .filter(({ direction }) => direction !== nothing);
}

/** @param {number} place in the table of tokens */
const textAt = (place) => tokenText(/** @type {any} */ (data), place);
