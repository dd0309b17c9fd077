// @ts-check
// Reads the attention patterns of a page. A pattern is unpacked when it is asked for; the last ones stay unpacked.

// In patterns, and in bytes of their numbers.
const mostPatterns = 64;
const mostPatternBytes = 192e6;
const patternOne = 65535;

/**
 * What can be read of a pattern, whether of one head or of all.
 * @typedef {object} Matrix
 * @property {number} size the number of queries and of keys
 * @property {(query: number, key: number) => number | null} value null for a masked cell, and for padding
 * @property {(query: number, key: number) => string} quality empty if the value is exact to the last digit shown; '≈'
 *   if it is rounded to 256 steps; '≤' if the true value can be smaller
 * @property {(query: number, count: number) => { key: number, value: number, winner?: number }[]} strongest keys of a
 *   query, the strongest first
 * @property {(query: number) => number} rowMean mean over the visible keys
 * @property {(side: number) => Float32Array} pooled the largest value of each of side × side blocks; -1 if a block has
 *   no cell
 * @property {(query: number, key: number) => number} [winner] the index of the head that has the value
 */

/**
 * Unpacks a block of numbers.
 * @param {string} id
 */
async function readBytes(id) {
  const text = byId(id).textContent;
  const packed = 'fromBase64' in Uint8Array ? /** @type {any} */ (Uint8Array).fromBase64(text) : bytesOf(atob(text));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {string} letters */
function bytesOf(letters) {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/**
 * Reads numbers of 16 bits from a plane of low bytes and a plane of high bytes.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} count
 */
function readPlanes(bytes, at, count) {
  const numbers = new Uint16Array(count);
  for (let i = 0; i < count; i++) numbers[i] = bytes[at + i] | (bytes[at + count + i] << 8);
  return numbers;
}

/**
 * The cells of the patterns of a prompt, in the order of their queries, then of their keys.
 * @param {any} prompt
 */
function shapeOf({ tokens, causal, mask }) {
  const size = tokens.length;
  const real = (/** @type {number} */ i) => !mask || mask[i] === 1;
  const keys = (/** @type {number} */ query) => (causal ? query + 1 : size);
  return {
    size,
    keys,
    start: (/** @type {number} */ query) => (causal ? (query * (query + 1)) / 2 : query * size),
    shows: (/** @type {number} */ query, /** @type {number} */ key) => key < keys(query) && real(query) && real(key),
    real,
  };
}

/**
 * @param {{ key: number, value: number }[]} found
 * @param {number} count
 */
const strongestOf = (found, count) =>
  found.sort((one, other) => other.value - one.value || one.key - other.key).slice(0, count);

/**
 * A pattern with the number of every cell.
 * @param {ReturnType<typeof shapeOf>} cells
 * @param {Uint16Array} codes
 * @param {Float32Array | null} factors of the keys
 * @returns {Matrix}
 */
function exactMatrix(cells, codes, factors) {
  const { size, shows, start, keys, real } = cells;
  const at = (/** @type {number} */ query, /** @type {number} */ key) =>
    (codes[start(query) + key] / patternOne) * (factors ? factors[key] : 1);
  return {
    size,
    value: (query, key) => (shows(query, key) ? at(query, key) : null),
    quality: () => '',
    strongest(query, count) {
      const found = [];
      for (let key = 0; key < keys(query); key++)
        if (shows(query, key) && codes[start(query) + key]) found.push({ key, value: at(query, key) });
      return strongestOf(found, count);
    },
    rowMean(query) {
      let [sum, seen] = [0, 0];
      for (let key = 0; key < keys(query); key++)
        if (shows(query, key)) [sum, seen] = [sum + at(query, key), seen + 1];
      return seen ? sum / seen : 0;
    },
    pooled(side) {
      const blocks = new Float32Array(side * side).fill(-1);
      for (let query = 0; query < size; query++) {
        if (!real(query)) continue;
        const row = Math.floor((query * side) / size) * side;
        for (let key = 0; key < keys(query); key++) {
          if (!real(key)) continue;
          const block = row + Math.floor((key * side) / size);
          const value = at(query, key);
          if (value > blocks[block]) blocks[block] = value;
        }
      }
      return blocks;
    },
  };
}

/**
 * Keeps what was made last.
 * @param {(name: string) => Promise<{ bytes: number }>} build
 */
function kept(build) {
  /** @type {Map<string, Promise<any>>} */
  const entries = new Map();
  const sizes = new Map();
  let held = 0;
  const drop = (/** @type {string} */ name) => {
    held -= sizes.get(name) ?? 0;
    sizes.delete(name);
    entries.delete(name);
  };
  return (/** @type {string} */ name) => {
    const entry = entries.get(name) ?? build(name).then((built) => {
      if (entries.has(name)) {
        sizes.set(name, built.bytes);
        held += built.bytes;
      }
      for (const oldest of [...entries.keys()])
        if (oldest !== name && (entries.size > mostPatterns || held > mostPatternBytes)) drop(oldest);
      return built;
    });
    entries.delete(name);
    entries.set(name, entry);
    return entry;
  };
}

/**
 * Reads the patterns of a page.
 * @param {any} data the plan
 */
function attentionOf(data) {
  const cells = data.prompts.map(shapeOf);
  const head = kept(async (name) => {
    const bytes = await readBytes('head-' + name);
    const { size, start } = cells[parseInt(name, 10)];
    const count = start(size);
    /** @type {Record<string, Float32Array | null>} */
    const factors = { standard: null };
    data.weights.slice(1).forEach((/** @type {string} */ weights, /** @type {number} */ i) => {
      factors[weights] = Float32Array.from(readPlanes(bytes, 2 * count + 2 * size * i, size), (code) =>
        code / patternOne);
    });
    return { bytes: 2 * count, codes: readPlanes(bytes, 0, count), factors };
  });
  return {
    /**
     * @param {number} prompt
     * @param {number} number
     * @param {string} weights
     * @returns {Promise<Matrix>}
     */
    async head(prompt, number, weights) {
      const { codes, factors } = /** @type {any} */ (await head(`${prompt}-${number}`));
      return exactMatrix(cells[prompt], codes, factors[weights]);
    },
  };
}
