// @ts-check
// The tables of the page: a plan with the tokens of all prompts, and the table of each prompt, which is decoded when it
// is shown. `k` is the place of a token in the list of tokens.

/**
 * @typedef {[k: number, change: number]} Moved
 * @typedef {{ kind: string, name: string, heads: string[], layer?: number,
 *   components?: { projection: string, component: number }[], scope?: string | null, token: number, logit: number,
 *   probability: number, same: boolean, change: number, log: number, kl: number, risen: Moved[], fallen: Moved[] }} Row
 *   components and their scope are there together
 * @typedef {{ label: string, at: number[], position: number, rows: Row[] }} Table
 */

/**
 * @type {{ head: Record<string, any>, heads: string[], chosen: boolean, top: number, masked: number, ids: number[],
 *   tokens: string[], shown: Record<string, string>, prompts: string[], summary: Record<string, any>[] }}
 */
const data = await readData('data');

/** @type {Map<number, Promise<Table>>} */
const decodedTables = new Map();

/**
 * Returns the table of a prompt, which is decoded once.
 * @param {number} place
 */
function tableOf(place) {
  const found = decodedTables.get(place) ?? readData('prompt-' + place);
  decodedTables.set(place, found);
  return found;
}

/** The table that is shown. @type {Table} */
let shownTable;

/** @param {number} k */
const textOf = (k) => tokenText(/** @type {any} */ (data), k);

/** Returns a number of at least two digits, however small it is. @param {number} number @param {number} digits */
const rounded = (number, digits) => {
  if (number === 0 || number >= 10 ** (1 - digits)) return number.toFixed(digits);
  return number < 1e-3 ? number.toExponential(1) : number.toPrecision(2);
};

/** @param {number} number @param {number} digits */
const signed = (number, digits) =>
  (number === 0 ? '' : number < 0 ? '−' : '+') + rounded(Math.abs(number), digits);
