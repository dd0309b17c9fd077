// @ts-check
// Reads the attention patterns of a page. A pattern is unpacked when it is asked for; the last ones stay unpacked.
// PooledPattern.cs, ExactPattern.cs and ShortNumbers.cs say how they are packed.

// In patterns, and in bytes of their numbers.
const mostPatterns = 64;
const mostPatternBytes = 192e6;
const patternOne = 65535;
const pictureBytes = 15e5; // of the pooled cells that stand in a picture of about 600 pixels, and in a thumbnail

/**
 * A pattern, whether of one head or of all.
 * @typedef {object} Matrix
 * @property {number} size the number of queries and of keys
 * @property {(query: number, key: number) => number | null} value null for a masked cell, and for padding
 * @property {(query: number, key: number) => string} quality of the value: empty if it is exact to five digits; '≈' if
 *   its square root is rounded to 256 steps; '≤' if it is the most that the value can be
 * @property {(query: number, count: number) => { key: number, value: number, winner?: number }[]} strongest the
 *   strongest keys of a query whose values are exact, the strongest first
 * @property {(query: number) => number} rowMean the mean over the visible keys; for the largest over the heads, that of
 *   the strongest keys
 * @property {(side: number) => Float32Array} pooled the largest value in each of side × side blocks of cells, row by
 *   row; -1 if a block has no cell; side is at most size
 * @property {(query: number, key: number) => number} winner the index of the head that has the value; -1 if that is
 *   unknown
 */

/**
 * Reads the numbers of a block one after the other.
 * @param {Uint8Array} bytes
 */
function readerOf(bytes) {
  let at = 0;
  const take = (/** @type {number} */ count) => bytes.subarray(at, (at += count));
  return {
    take,
    /** @param {number} count of numbers: a byte each, or 255 and then two bytes, in planes */
    numbers(count) {
      const first = take(count);
      let long = 0;
      for (let i = 0; i < count; i++) if (first[i] === 255) long++;
      const low = take(long);
      const high = take(long);
      const numbers = new Uint16Array(count);
      for (let i = 0, next = 0; i < count; i++) {
        if (first[i] < 255) numbers[i] = first[i];
        else numbers[i] = low[next] | (high[next++] << 8);
      }
      return numbers;
    },
  };
}

/**
 * The cells of a pattern, in the order of their queries, then of their keys.
 * @param {number} size
 * @param {boolean} causal
 */
const cellsOf = (size, causal) => ({
  keys: (/** @type {number} */ query) => (causal ? query + 1 : size),
  start: (/** @type {number} */ query) => (causal ? (query * (query + 1)) / 2 : query * size),
});

/**
 * @param {any} prompt
 */
function shapeOf({ tokens, causal, mask, tier, k, side }) {
  const size = tokens.length;
  const cells = cellsOf(size, causal);
  const real = (/** @type {number} */ i) => !mask || mask[i] === 1;
  return {
    size, ...cells, causal, tier, k, side, real,
    shows: (/** @type {number} */ query, /** @type {number} */ key) =>
      key < cells.keys(query) && real(query) && real(key),
    seen: (/** @type {number} */ query) =>
      (mask ? mask.slice(0, cells.keys(query)).filter(Boolean).length : cells.keys(query)),
  };
}

/** @typedef {ReturnType<typeof shapeOf>} PatternShape */

/**
 * Returns a function that keeps its results.
 * @template K, T
 * @param {(of: K) => T} compute
 * @param {number} [most] the number of results; with one more, the others are dropped
 */
function once(compute, most = Infinity) {
  /** @type {Map<K, T>} */
  const known = new Map();
  return (/** @type {K} */ of) => {
    const found = known.get(of) ?? compute(of);
    if (known.size >= most && !known.has(of)) known.clear();
    known.set(of, found);
    return found;
  };
}

/**
 * @param {{ key: number, value: number, winner?: number }[]} found
 * @param {number} count
 */
const strongestOf = (found, count) =>
  found.sort((one, other) => other.value - one.value || one.key - other.key).slice(0, count);

/**
 * Returns what every pattern can tell, from the codes of each query.
 * @param {PatternShape} shape
 * @param {Float32Array | null} factors of the keys
 * @param {(query: number) => Uint16Array} rowOf
 */
function matrixOf({ size, shows, keys, real }, factors, rowOf) {
  const at = (/** @type {Uint16Array} */ row, /** @type {number} */ key) =>
    (row[key] / patternOne) * (factors ? factors[key] : 1);
  return {
    size,
    value: (/** @type {number} */ query, /** @type {number} */ key) =>
      (shows(query, key) ? at(rowOf(query), key) : null),
    winner: (/** @type {number} */ query, /** @type {number} */ key) => -1,
    pooled: once((/** @type {number} */ side) => {
      const blocks = new Float32Array(side * side).fill(-1);
      const column = Uint16Array.from({ length: size }, (_, key) => Math.floor((key * side) / size));
      for (let query = 0; query < size; query++) {
        if (!real(query)) continue;
        const row = rowOf(query);
        const start = column[query] * side;
        for (let key = 0, end = keys(query); key < end; key++) {
          if (!real(key)) continue;
          const value = at(row, key);
          if (value > blocks[start + column[key]]) blocks[start + column[key]] = value;
        }
      }
      return blocks;
    }, 2),
  };
}

/**
 * A pattern with the code of every cell.
 * @param {PatternShape} shape
 * @param {Uint16Array} codes
 * @param {Float32Array | null} factors of the keys
 * @returns {Matrix}
 */
function exactMatrix(shape, codes, factors) {
  const { keys, start, seen } = shape;
  const matrix = matrixOf(shape, factors, (query) => codes.subarray(start(query), start(query + 1)));
  return {
    ...matrix,
    quality: () => '',
    strongest(query, count) {
      const found = [];
      for (let key = 0; key < keys(query); key++) {
        const value = matrix.value(query, key);
        if (value) found.push({ key, value });
      }
      return strongestOf(found, count);
    },
    rowMean: once((query) => {
      const [first, end] = [start(query), keys(query)];
      let sum = 0;
      // Padding has the code 0.
      for (let key = 0; key < end; key++) sum += codes[first + key] * (factors ? factors[key] : 1);
      return sum && sum / patternOne / seen(query);
    }),
  };
}

// The code that a square root in 256 steps stands for, and the largest code that has it.
const rootCodes = Uint16Array.from({ length: 256 }, (_, root) => Math.round((root * root * patternOne) / 65025));
const rootMost = Uint16Array.from({ length: 256 }, (_, root) =>
  Math.min(patternOne, Math.ceil((patternOne * (root + 0.5) ** 2) / 65025) - 1));

/**
 * Unpacks a map of a pattern and the strongest keys of each query.
 * @param {PatternShape} shape
 * @param {ReturnType<typeof readerOf>} reader
 * @param {number} weightings the number of sums that each query has
 */
function readPooled({ size, causal, k, side }, reader, weightings) {
  const map = reader.take(cellsOf(side, causal).start(side));
  const counts = reader.take(size);
  const starts = new Uint32Array(size + 1);
  for (let query = 0; query < size; query++) starts[query + 1] = starts[query] + counts[query];
  const keys = reader.numbers(starts[size]);
  const codes = reader.numbers(starts[size]);
  // No other key of a query has a larger code than this.
  const others = new Uint16Array(size);
  for (let query = 0; query < size; query++) {
    let least = patternOne;
    for (let place = starts[query]; place < starts[query + 1]; place++) {
      if (place > starts[query]) keys[place] += keys[place - 1] + 1;
      least = Math.min(least, codes[place]);
    }
    others[query] = counts[query] < k ? 0 : least;
  }
  const sums = Array.from({ length: weightings }, () => {
    const [low, high] = [reader.numbers(size), reader.numbers(size)];
    return Float64Array.from(low, (number, i) => number + high[i] * 65536);
  });
  return { map, starts, keys, codes, others, sums };
}

/**
 * A pattern of which each query has its strongest keys.
 * @param {PatternShape} shape
 * @param {ReturnType<typeof readPooled> & { winners?: Uint16Array }} pattern
 * @param {Float32Array | null} factors of the keys
 * @param {number} weighting
 * @returns {Matrix}
 */
function pooledMatrix(shape, { map, starts, keys, codes, others, sums, winners }, factors, weighting) {
  const { size, side, causal, seen } = shape;
  const blocks = cellsOf(side, causal);
  const blockOf = (/** @type {number} */ position) => Math.floor((position * side) / size);
  const roots = side === size ? rootCodes : rootMost;
  const placeOf = (/** @type {number} */ query, /** @type {number} */ key) => {
    let [low, high] = [starts[query], starts[query + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low < starts[query + 1] && keys[low] === key ? low : -1;
  };
  // Readers go from key to key of one query.
  const row = new Uint16Array(size);
  let unpacked = -1;
  const rowOf = (/** @type {number} */ query) => {
    if (query === unpacked) return row;
    unpacked = query;
    const first = blocks.start(blockOf(query));
    const last = blockOf(shape.keys(query) - 1);
    for (let block = 0, key = 0; block <= last; block++) {
      const end = Math.ceil(((block + 1) * size) / side);
      row.fill(Math.min(others[query], roots[map[first + block]]), key, end);
      key = end;
    }
    for (let place = starts[query]; place < starts[query + 1]; place++) row[keys[place]] = codes[place];
    return row;
  };
  return {
    ...matrixOf(shape, factors, rowOf),
    quality: (query, key) =>
      (others[query] === 0 || placeOf(query, key) >= 0 ? '' : side === size ? '≈' : '≤'),
    winner(query, key) {
      const place = winners ? placeOf(query, key) : -1;
      return winners && place >= 0 ? winners[place] : -1;
    },
    strongest(query, count) {
      const found = [];
      for (let place = starts[query]; place < starts[query + 1]; place++) {
        const key = keys[place];
        const value = (codes[place] / patternOne) * (factors ? factors[key] : 1);
        found.push(winners ? { key, value, winner: winners[place] } : { key, value });
      }
      return strongestOf(found, count);
    },
    rowMean: (query) => (sums[weighting][query] && sums[weighting][query] / patternOne / seen(query)),
  };
}

/**
 * Returns a function that keeps what it built last.
 * @template {{ bytes: number }} T
 * @param {(name: string) => Promise<T>} build
 * @returns {(name: string) => Promise<T>}
 */
function keeping(build) {
  /** @type {Map<string, Promise<T>>} */
  const entries = new Map();
  /** @type {Map<string, number>} */
  const sizes = new Map();
  const made = async (/** @type {string} */ name) => {
    const built = await build(name);
    sizes.set(name, built.bytes);
    let held = 0;
    for (const kept of [...entries.keys()].reverse()) {
      held += sizes.get(kept) ?? 0;
      if (kept === name || held <= mostPatternBytes) continue;
      entries.delete(kept);
      sizes.delete(kept);
    }
    return built;
  };
  return (name) => {
    const entry = entries.get(name) ?? made(name);
    entries.delete(name);
    entries.set(name, entry);
    for (const oldest of [...entries.keys()].slice(0, Math.max(0, entries.size - mostPatterns))) {
      entries.delete(oldest);
      sizes.delete(oldest);
    }
    return entry;
  };
}

/**
 * Reads the patterns of a page.
 * @param {any} data the plan
 */
function attentionOf(data) {
  /** @type {PatternShape[]} */
  const shapes = data.prompts.map(shapeOf);
  // Heads can be shown in another order than that of their numbers in the data.
  const numbers = data.numbers ?? data.heads.map((/** @type {any} */ _, /** @type {number} */ i) => i);
  const places = Uint16Array.from(numbers, (_, number) => numbers.indexOf(number));
  const head = keeping(async (/** @type {string} */ name) => {
    const shape = shapes[parseInt(name, 10)];
    const { size, start, tier } = shape;
    const reader = readerOf(await readBytes('head-' + name));
    const codes = tier === 'exact' ? reader.numbers(start(size)) : null;
    const pooled = codes ? null : readPooled(shape, reader, data.weights.length);
    /** @type {Record<string, Float32Array | null>} */
    const factors = { standard: null };
    for (const weights of data.weights.slice(1))
      factors[weights] = Float32Array.from(reader.numbers(size), (number) => number / patternOne);
    return {
      bytes: pictureBytes + 2 * (codes?.length ?? 2 * (pooled?.codes.length ?? 0)),
      // What was read of a matrix is known when it is shown again.
      of: once((/** @type {string} */ weights) => (codes
        ? exactMatrix(shape, codes, factors[weights])
        : pooledMatrix(shape, /** @type {any} */ (pooled), factors[weights], data.weights.indexOf(weights)))),
    };
  });
  const summary = keeping(async (/** @type {string} */ name) => {
    const shape = summaryShape(shapes[parseInt(name, 10)]);
    const reader = readerOf(await readBytes('sum-' + name));
    const pooled = readPooled(shape, reader, 1);
    const winners = name.includes('max') ? reader.numbers(pooled.codes.length).map((head) => places[head]) : undefined;
    return {
      bytes: pictureBytes + 4 * pooled.codes.length,
      matrix: pooledMatrix(shape, { ...pooled, winners }, null, 0),
    };
  });
  return {
    /**
     * @param {number} prompt
     * @param {number} place of the head among those of the plan
     * @param {string} weights
     * @returns {Promise<Matrix>}
     */
    async head(prompt, place, weights) {
      return (await head(`${prompt}-${numbers[place]}`)).of(weights);
    },
    /**
     * @param {number} prompt
     * @param {string} reduction
     * @param {string} weights
     * @returns {Promise<Matrix>}
     */
    async summary(prompt, reduction, weights) {
      return (await summary(`${prompt}-${reduction}-${weights}`)).matrix;
    },
  };
}

/**
 * Returns the shape of the summaries of a prompt, which are smaller than the patterns of its heads.
 * @param {PatternShape} shape
 * @returns {PatternShape}
 */
const summaryShape = (shape) =>
  ({ ...shape, side: Math.min(shape.side, 512), k: shape.k ? Math.min(shape.k, 32) : 32 });
