// @ts-check
// The heads: a thumbnail of each, painted when it comes into view.

const grid = byId('heads');
const thumbs = /** @type {HTMLElement[]} */ (heads.map(({ name }, i) => make('button', {
  class: 'hd', 'data-head': i, tabindex: i ? -1 : 0, 'aria-pressed': 'false',
}, make('canvas', { 'aria-hidden': 'true' }), make('span', {}, name))));

// Many heads in the order of their layers stand in groups; others stand as they were asked for.
const runs = heads.filter(({ layer }, i) => layer !== heads[i - 1]?.layer).length;
if (runs === layers.length && runs > 1 && heads.length > 24)
  grid.append(...layers.map((layer) => make('section', { 'data-layer': layer }, make('h3', {}, `Layer ${layer}`),
    make('div', { class: 'hds' }, ...thumbs.filter((_, i) => String(heads[i].layer) === layer)))));
else grid.append(make('div', { class: 'hds' }, ...thumbs));

/** Makes the thumbnails of few heads large, as long as all of them fit. */
function sizeThumbs() {
  const groups = [...grid.querySelectorAll('.hds')].map(({ children }) => children.length);
  const sizes = [2, 3, 4, 5, 6, 7].map((columns) => {
    const size = Math.floor((grid.clientWidth - 16 - 8 * columns) / columns);
    return groups.reduce((sum, count) => sum + Math.ceil(count / columns) * (size + 24), 0) < 548 ? size : 0;
  });
  grid.style.setProperty('--thumb', sizes.sort((a, b) => b - a)[0] + 'px');
}
on(window, 'resize', sizeThumbs);

const watch = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries)
    if (isIntersecting) {
      watch.unobserve(target);
      paintThumb(/** @type {HTMLElement} */ (target));
    }
}, { root: grid, rootMargin: '200px' });

let painting = '';

/** Paints the thumbnails anew when they come into view; until then, they keep their old pictures. */
function repaint() {
  painting = [state.prompt, state.weights, state.scale, getComputedStyle(root).colorScheme].join();
  for (const thumb of thumbs) {
    mark(thumb, 'data-painted', false);
    watch.unobserve(thumb);
    watch.observe(thumb);
  }
}
onThemeChange(repaint);

/** @param {HTMLElement} thumb */
async function paintThumb(thumb) {
  const wanted = painting;
  const pattern = await patternOf(Number(thumb.dataset.head));
  if (wanted !== painting) return;
  paintPattern(/** @type {any} */ (thumb.firstChild), pattern);
  thumb.dataset.painted = '1';
}

/** @param {HTMLCanvasElement} canvas @param {Pattern} pattern */
function paintPattern(canvas, pattern) {
  const side = Math.min(prompt().tokens.length, Math.ceil(canvas.clientWidth * devicePixelRatio) || 96);
  const [colours, [none]] = [shadesOf(false), coloursOf(['surface-2']).map(packed)];
  const image = new ImageData(side, side);
  const dots = new Uint32Array(image.data.buffer);
  poolOf(pattern)(side).forEach((shade, i) => (dots[i] = shade < 0 ? none : colours[stepOf(shade, false)]));
  canvas.width = canvas.height = side;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

let largestPicture = 0;

/** @param {Pattern} pattern */
const poolOf = ({ pooled: valuesOf }) => (/** @type {number} */ side) => {
  largestPicture = Math.max(largestPicture, side);
  return valuesOf(side).map((value) => (value < 0 ? value : shadeOf(value)));
};

/** @param {Pattern} pattern */
const shadeAt = ({ value }) => (/** @type {number} */ query, /** @type {number} */ key) => {
  const found = value(query, key);
  return found === null ? null : shadeOf(found);
};

const isOffered = (/** @type {number} */ head) => state.layer === '' || String(heads[head].layer) === state.layer;

function showHeads() {
  sizeThumbs();
  const wanted = [state.prompt, state.weights, state.scale].join();
  if (!painting.startsWith(wanted)) repaint();
  thumbs.forEach((thumb, i) => {
    press(thumb, headKeys[i] === state.head);
    thumb.hidden = !isOffered(i);
  });
  for (const group of grid.querySelectorAll('section'))
    group.hidden = state.layer !== '' && group.dataset.layer !== state.layer;
}

/** Reads the heads beside one, to which a reader is likely to go next, while nothing else is to be done. */
function readAhead(/** @type {number} */ head) {
  for (const next of [head + 1, head - 1])
    if (heads[next])
      (window.requestIdleCallback ?? setTimeout)(async () => {
        if (head !== headShown()) return;
        const { pooled: valuesOf, rowMean } = await patternOf(next);
        valuesOf(Math.min(largestPicture, tokens.length));
        tokens.forEach((_, query) => rowMean(query));
      });
}

function showHeadFocus() {
  const head = headShown();
  thumbs.forEach((thumb, i) => mark(thumb, 'data-focus', i === head));
}

rove(grid, '.hd', (from, key) => {
  const offered = thumbs.filter((thumb) => !thumb.hidden);
  const at = offered.indexOf(from);
  const { x, y } = from.getBoundingClientRect();
  const places = offered.map((thumb) => thumb.getBoundingClientRect());
  const inColumn = (/** @type {DOMRect} */ place) => Math.abs(place.x - x) < 8;
  return {
    ArrowLeft: offered[at - 1], ArrowRight: offered[at + 1], Home: offered[0], End: offered.at(-1),
    ArrowDown: offered[places.findIndex((place) => inColumn(place) && place.y > y + 8)],
    ArrowUp: offered[places.findLastIndex((place) => inColumn(place) && place.y < y - 8)],
  }[key];
});

/** Locks the next head, or the one before. @param {number} by */
function stepHead(by) {
  const offered = headKeys.filter((_, i) => isOffered(i));
  const at = offered.indexOf(state.head);
  const from = at < 0 && by < 0 ? 0 : at;
  const head = offered[(from + by + offered.length) % offered.length];
  set({ head });
  thumbs[headKeys.indexOf(head)].scrollIntoView({ block: 'nearest' });
}

/** Shows the next layer, or the one before; a locked head gives way to that of its number. @param {number} by */
function stepLayer(by) {
  const layer = choices.layer[choices.layer.indexOf(state.layer) + by];
  if (layer === undefined) return;
  const same = layer + state.head.slice(state.head.indexOf('.'));
  set({ layer, ...(layer && headKeys.includes(same) && { head: same }) });
}
