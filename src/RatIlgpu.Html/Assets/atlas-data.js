// @ts-check
// The numbers of the atlas page: a plan, the scores and profiles of all heads, the texts, and the numbers of each full
// card, which are decoded when the card is shown.

/**
 * @typedef {{ id: string, name: string, meaning: string, pass: string, attention: boolean, unit?: string }} Score
 * @typedef {[role: number, score: number, confidence: number, verdict: number | null]} Role
 * @typedef {{ kv: number, peak?: number, roles?: Role[], feeders?: number[][], effects?: number[][] }} AtlasHead
 * @typedef {{ maps: Uint8Array[], examples: { away: Uint16Array, attention: Uint8Array }[], vectors: Uint16Array[] }}
 *   Card
 */

/**
 * @type {{ file: Record<string, any>, layers: number, heads: number, distances: number, scores: Score[],
 *   roles: [name: string, code: string, hue: number, id: string][],
 *   verdicts: [name: string, sign: string, none: null, id: string][],
 *   behaviours: [name: string, unit: string, none: null, id: string][],
 *   inputs: string[], pairs: [text: number, random: number][],
 *   all: AtlasHead[], ids: number[], tokens: string[], shown: Record<string, string>,
 *   texts: [number: number, length: number][], points: number,
 *   cards: { head: number, maps: string[], biases: number[],
 *     examples: [decile: number, text: number, activity: number, peak: number][],
 *     vectors: [kind: number, first: number, second: number, low: number, high: number][] }[] }}
 */
const data = await readData('data');
const { scores, roles, verdicts } = data;
const headCount = data.all.length;

const [scoreBytes, profileBytes, textBytes] = await Promise.all(['scores', 'profiles', 'texts'].map(readBytes));

const takeScores = planesOf(scoreBytes);
/** The numbers of scores by their names, [scores, heads]; NaN for none. @type {Record<string, Float32Array>} */
const measured = Object.fromEntries(['raw', 'count', 'chance', 'noFirst', 'noSelf', 'low', 'high'].map((name) =>
  [name, takeScores(Float32Array, scores.length * headCount)]));

// The code of a number that is not there, and the largest code of one that is.
const nothing = 0xffff;
const mostCode = 0xfffe;

/** @type {Uint16Array} */
const profileCodes = planesOf(profileBytes)(Uint16Array, headCount * data.distances);

/** @param {number} head @returns {(number | null)[]} the mean attention to each distance */
const profileOf = (head) => Array.from({ length: data.distances }, (_, i) => {
  const code = profileCodes[head * data.distances + i];
  return code === nothing ? null : code / mostCode;
});

const takeTexts = planesOf(textBytes);
/** The places of the tokens of all texts in the table of tokens. @type {Uint32Array} */
const textTokens = takeTexts(Uint32Array, data.texts.reduce((sum, [, length]) => sum + length, 0));
const [pointTexts, pointPositions] = [takeTexts(Uint16Array, data.points), takeTexts(Uint16Array, data.points)];
const textStarts = data.texts.map((_, i) => data.texts.slice(0, i).reduce((sum, [, length]) => sum + length, 0));

/** @param {number} text @returns {number[]} the places of its tokens */
const tokensOf = (text) =>
  Array.from(textTokens.subarray(textStarts[text], textStarts[text] + data.texts[text][1]));

/** @param {number} place in the table of tokens */
const textAt = (place) => tokenText(/** @type {any} */ (data), place);

/** @param {number} code of a square root */
const ofRoot = (code) => (code === 0 ? null : ((code - 1) / 254) ** 2);

/** @type {Map<number, Card>} */
const decodedCards = new Map();

/**
 * Decodes a card, once.
 * @param {number} place
 */
async function decodeCard(place) {
  if (place < 0 || decodedCards.has(place)) return;
  const take = planesOf(await readBytes('card-' + place));
  const { maps, examples, vectors } = data.cards[place];
  const cells = (/** @type {number} */ text) => data.texts[text][1] * 8;
  decodedCards.set(place, {
    maps: maps.map(() => take(Uint8Array, 64 * 64)),
    examples: examples.map(([, text]) =>
      ({ away: take(Uint16Array, cells(text)), attention: take(Uint8Array, cells(text)) })),
    vectors: vectors.map(() => take(Uint16Array, data.points * 2)),
  });
}

/**
 * Returns a number of a score of a head; null for none.
 * @param {number} score
 * @param {number} head
 * @param {string} name
 */
function scoreOf(score, head, name) {
  const i = score * headCount + head;
  if (name !== 'excess') return known(measured[name][i]);
  const [raw, chance] = [measured.raw[i], measured.chance[i]];
  return known(chance < 1 ? (raw - chance) / (1 - chance) : raw);
}

/** @param {number} number */
const known = (number) => (Number.isFinite(number) ? number : null);
