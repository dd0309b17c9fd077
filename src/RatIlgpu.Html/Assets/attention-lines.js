// @ts-check
// One query and its keys: how their vectors become scores and probabilities, or the links between them as lines.

const rowHeight = 22;
const headHeight = 44;
const stripHeight = 14;
const leastLine = 1 / 256; // the opacity below which a line cannot be seen

Object.assign(address, { v: 'view', m: 'least' });
Object.assign(choices, { view: ['vectors', 'links'], least: ['0.02', '0.1', '0.3'] });
Object.assign(initial, { view: 'vectors', least: '0.1' });

/**
 * Unpacks numbers of 16 bits: their scale, their low bytes, their high bytes.
 * @param {Uint8Array} bytes
 */
function halvesOf(bytes) {
  const scale = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  const count = (bytes.length - 4) / 2;
  return Float32Array.from({ length: count }, (_, i) => {
    const [low, high] = [bytes[4 + i], bytes[4 + count + i]];
    const [exponent, part] = [(high >> 2) & 31, ((high & 3) << 8) | low];
    const size = exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : 2 ** -24 * part;
    return scale * (high & 128 ? -size : size);
  });
}

// A page with lines has one prompt.
const [only] = data.prompts;

const vectorsOf = keeping(async (name) => {
  const numbers = halvesOf(await readBytes(name));
  return { bytes: numbers.byteLength, numbers };
});

/**
 * Describes a head of the lines.
 * @param {number} head
 */
async function linesData(head) {
  const { size, queries, keys, reach } = data.vectors;
  const [pattern, query, key] = await Promise.all([
    shown.name === nameOf(head) ? shown.pattern : patternOf(head), vectorsOf('query-' + queries[head]),
    vectorsOf('key-' + keys[head]),
  ]);
  const isSeen = (/** @type {number} */ from, /** @type {number} */ to) =>
    to <= from && from - to <= reach[head] && !isPadding(from) && !isPadding(to);
  return {
    head, pattern, size, isSeen, queries: query.numbers, keys: key.numbers,
    /** Returns the score of each key of a query; null for one that is masked. @param {number} from */
    scores: (from) => Array.from(prompt().tokens, (_, to) => {
      if (!isSeen(from, to)) return null;
      let sum = 0;
      for (let i = 0; i < size; i++) sum += query.numbers[from * size + i] * key.numbers[to * size + i];
      return sum / Math.sqrt(size);
    }),
  };
}

lines = makeLines();

function makeLines() {
  const area = byId('lines-area');
  const rows = /** @type {HTMLElement[]} */ (only.tokens.map((_, i) => make('div', { class: 'lr', role: 'row' },
    make('span', { role: 'rowheader' }, make('span', {
      class: 't', 'data-i': i, dir: 'auto', role: 'button', tabindex: i ? -1 : 0, 'aria-pressed': 'false',
      'aria-label': `Query ${named(only, i, 40)}`,
    }, clip(tokenText(only, i), 20))),
    ...['', '', ''].map(() => make('i')), make('span', { class: 'score', role: 'cell' }),
    make('span', { class: 'probability', role: 'cell' }),
    make('bdi', { class: 'to', role: 'cell' }, clip(tokenText(only, i), 20)))));
  const cells = rows.map(({ children: [from, , , , score, probability, to] }) =>
    ({ from: /** @type {HTMLElement} */ (from.firstChild), score, probability, to }));
  const canvas = /** @type {HTMLCanvasElement} */ (byId('lines-canvas'));
  for (let start = 0; start < rows.length; start += 64) {
    const chunk = make('div', { class: 'lr-chunk' }, ...rows.slice(start, start + 64));
    chunk.style.containIntrinsicHeight = `auto ${Math.min(64, rows.length - start) * rowHeight}px`;
    byId('lines-rows').append(chunk);
  }
  /** @type {Awaited<ReturnType<typeof linesData>>} */
  let current;
  let written = '';
  let asked = 0;
  /** @type {string[]} */
  let colours = [];

  /** Returns the focused query, or in the view of links the focused key; -1 for none. */
  const focus = () => tokenShown();
  const isLinks = () => state.view === 'links';
  const byKey = () => isLinks() && !isByQuery();

  async function show() {
    root.dataset.view = state.view;
    if (state.mode !== 'lines') return;
    const ask = ++asked;
    const next = await linesData(Math.max(0, headShown()));
    // Meanwhile the reader can have moved on.
    if (ask !== asked) return;
    current = next;
    write();
    reveal();
    paint();
    root.dataset.lines = `${current.head},${focus()}`;
  }

  /** Writes what the focus changes in the document. */
  function write() {
    const token = focus();
    const { view, direction, least, scale } = state;
    const name = [nameOf(current.head), token, view, direction, state.token, least, scale].join();
    if (name === written) return;
    written = name;
    const { layer, head } = heads[current.head];
    for (const [id, value] of /** @type {[string, any][]} */ ([['lines-layer', layer], ['lines-head', head]]))
      if (document.getElementById(id)) byId(id).value = value;
    byId('lines-one').value = current.head;
    byId('lines-title').textContent = heads[current.head].name + weightsShown() + (token >= 0
      ? ` · ${byKey() ? 'key' : 'query'} ${tokenName(token)}`
      : isLinks() ? ` · links from ${state.least} on` : '');
    byId('lines-empty').hidden = token >= 0 || isLinks();
    const query = byKey() ? -1 : token;
    const scores = query < 0 ? [] : current.scores(query);
    const seen = scores.filter((score) => score !== null);
    const mean = seen.reduce((sum, score) => sum + score, 0) / seen.length;
    cells.forEach(({ from, score, probability, to }, i) => {
      const value = scores[i] ?? null;
      const isMasked = query >= 0 && value === null;
      score.textContent = value === null ? '' : value.toFixed(2);
      mark(score, 'data-v', value !== null && Math.round(6 * Math.tanh((value - mean) / 4)));
      const weight = value === null ? null : current.pattern.value(query, i) ?? 0;
      probability.textContent = weight === null ? (isMasked ? 'masked' : '')
        : current.pattern.quality(query, i) + decimal(weight);
      mark(probability, 'data-h', weight !== null && heatOf(weight));
      mark(rows[i], 'data-masked', isMasked);
      press(from, String(i) === state.token);
      mark(from, 'aria-current', i === query && 'true');
      mark(to, 'data-on', byKey() && i === token);
    });
  }

  let revealed = '';

  /** Scrolls to the token that is locked, once. */
  function reveal() {
    if (revealed === state.token) return;
    revealed = state.token;
    const top = Number(revealed) * rowHeight;
    const room = area.clientHeight - headHeight - rowHeight;
    if (revealed !== '' && (top < area.scrollTop || top > area.scrollTop + room)) area.scrollTop = top - room / 2;
  }

  /** Paints what is seen of the vectors and the lines. */
  function paint() {
    if (!current || state.mode !== 'lines') return;
    const scale = devicePixelRatio;
    const { clientHeight: high, scrollTop } = area;
    const wide = byId('lines-rows').clientWidth;
    canvas.width = Math.round(wide * scale);
    canvas.height = Math.round(high * scale);
    Object.assign(canvas.style, { width: wide + 'px', height: high + 'px', marginBottom: -high + 'px' });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.scale(scale, scale);
    context.imageSmoothingEnabled = false;
    if (colours.length === 0) colours = Array.from(shadesOf(true), hexOf);
    const places = [...byId('lines-names').children].map((cell) => {
      const { offsetLeft, offsetWidth } = /** @type {HTMLElement} */ (cell);
      return { x: offsetLeft, width: offsetWidth };
    });
    const token = focus();
    const middle = (/** @type {number} */ row) => headHeight + (row + .5) * rowHeight - scrollTop;
    if (!isLinks() && token >= 0) paintVectors(context, places, token, middle, high);
    context.beginPath();
    context.rect(0, headHeight, wide, high);
    context.clip();
    paintLines(context, places[1], middle, high);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ x: number, width: number }[]} places of the columns
   * @param {number} query
   * @param {(row: number) => number} middle of a row
   * @param {number} high
   */
  function paintVectors(context, [, , first, second], query, middle, high) {
    const { size, queries, keys, isSeen } = current;
    const own = queries.subarray(query * size, (query + 1) * size);
    const strip = (/** @type {{ x: number, width: number }} */ place, /** @type {number} */ y,
      /** @type {(i: number) => number} */ valueAt) => {
      const cell = (place.width - 16) / size;
      for (let i = 0; i < size; i++) {
        const value = valueAt(i);
        context.fillStyle = colours[stepOf(Math.sign(value) * Math.tanh(Math.abs(value) / 4), true)];
        context.fillRect(place.x + i * cell, y - stripHeight / 2, cell + .3, stripHeight);
      }
    };
    context.save();
    context.beginPath();
    context.rect(0, headHeight, 1e5, high);
    context.clip();
    for (let key = Math.max(0, Math.floor(area.scrollTop / rowHeight)); key <= query; key++) {
      if (middle(key) > high + rowHeight) break;
      if (!isSeen(query, key)) continue;
      strip(first, middle(key), (i) => keys[key * size + i]);
      strip(second, middle(key), (i) => own[i] * keys[key * size + i]);
    }
    context.restore();
    strip(first, headHeight - 12, (i) => own[i]);
  }

  let strong = { name: '', links: /** @type {[number, number, number][]} */ ([]) };

  /** Returns the links that are drawn: of the focused token, or all that are strong. */
  function linksShown() {
    const token = focus();
    const { pattern, isSeen, head } = current;
    const link = (/** @type {number} */ query, /** @type {number} */ key) =>
      /** @type {[number, number, number]} */ ([query, key, isSeen(query, key) ? pattern.value(query, key) ?? 0 : 0]);
    if (token >= 0) return rows.map((_, i) => (byKey() ? link(i, token) : link(token, i)));
    if (!isLinks()) return [];
    const name = [nameOf(head), state.least].join();
    if (strong.name !== name) {
      const least = Number(state.least);
      strong = {
        name,
        links: rows.flatMap((_, query) => pattern.strongest(query, Math.floor(1 / least))
          .filter(({ value }) => value >= least).map(({ key }) => link(query, key))),
      };
    }
    return strong.links;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ x: number, width: number }} place
   * @param {(row: number) => number} middle
   * @param {number} high
   */
  function paintLines(context, { x, width }, middle, high) {
    const reach = width / 2;
    [context.strokeStyle] = coloursOf(['focus']).map((colour) => hexOf(packed(colour)));
    context.lineWidth = isLinks() ? 2 : 1.5;
    for (const [query, key, value] of linksShown()) {
      const [from, to] = [middle(query), middle(key)];
      const opacity = isLinks() ? value : Math.tanh(1.8 * value);
      if (opacity < leastLine || Math.max(from, to) < 0 || Math.min(from, to) > high) continue;
      context.globalAlpha = opacity;
      context.beginPath();
      context.moveTo(x + 4, from);
      context.bezierCurveTo(x + reach, from, x + reach, to, x + width - 4, to);
      context.stroke();
    }
  }

  /** Draws the links that are shown with the tokens that they join; null if there are none. */
  function drawing() {
    const links = state.mode === 'lines' && current && linksShown().filter(([, , value]) => value >= leastLine);
    if (!links?.length) return null;
    const ends = links.flatMap(([from, to]) => [from, to]).sort((a, b) => a - b);
    const [first, last] = [ends[0], /** @type {number} */ (ends.at(-1))];
    const middle = (/** @type {number} */ row) => (row - first + .5) * rowHeight;
    const [line, ink] = coloursOf(['focus', 'ink']).map((colour) => hexOf(packed(colour)));
    const file = makeSvg('svg', {
      width: 560, height: middle(last) + rowHeight, fill: ink, 'font-size': 12,
    });
    for (let row = first; row <= last; row++) {
      const { to, score, probability } = cells[row];
      [to, to, score, probability].forEach(({ textContent }, i) => file.append(makeSvg('text', {
        x: [150, 320, 480, 548][i], y: middle(row) + 4, 'text-anchor': i === 1 ? 'start' : 'end',
      }, String(textContent).replace(/\p{C}/gu, ' '))));
    }
    for (const [from, to, value] of links)
      file.append(makeSvg('path', {
        d: `M156 ${middle(from)}C235 ${middle(from)} 235 ${middle(to)} 314 ${middle(to)}`, fill: 'none', stroke: line,
        'stroke-width': 2, 'stroke-opacity': value.toFixed(3),
      }));
    return file;
  }

  const pickHead = (/** @type {number} */ head) => {
    if (head >= 0) set({ head: headKeys[head] });
  };
  const options = (/** @type {any} */ picker, /** @type {(string | number | undefined)[]} */ values, names = values) =>
    picker.append(...values.map((value, i) => make('option', { value: value ?? '' }, String(names[i]))));
  const numbers = [...new Set(heads.map(({ head }) => head))];
  const isWhole = layers.length > 1 && numbers.length > 1 && heads.length === layers.length * numbers.length;
  options(byId('lines-layer'), layers);
  options(byId('lines-head'), numbers);
  options(byId('lines-one'), [...heads.keys()], heads.map(({ name }) => name));
  for (const id of ['lines-layer', 'lines-head'])
    on(byId(id), 'change', () =>
      pickHead(headKeys.indexOf(`${byId('lines-layer').value}.${byId('lines-head').value}`)));
  on(byId('lines-one'), 'change', () => pickHead(Number(byId('lines-one').value)));
  for (const label of document.querySelectorAll('.lines label'))
    label.hidden = (label.querySelector('#lines-one') === null) !== isWhole;
  const { score, probability } = data.vectors;
  byId('lines-error').textContent = `Scores: error at most ${score.toPrecision(2)}; their softmax is within `
    + `${probability.toPrecision(2)} of the probabilities.`;

  rove(byId('lines-rows'), '.t', (from, key) => {
    const here = Number(from.dataset.i);
    const there = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: cells.length - 1 }[key];
    return there === undefined ? null : cells[there]?.from ?? from;
  });
  on(area, 'scroll', paint, { passive: true });
  new ResizeObserver(() => requestAnimationFrame(paint)).observe(area);
  onThemeChange(() => {
    colours = [];
    paint();
  });
  return {
    show,
    drawing,
    keys: {
      '+': () => set({ view: 'vectors' }),
      '-': () => set({ view: 'links' }),
    },
  };
}
