// @ts-check
// Lists of signed bars: a name, a bar to the right for what adds and to the left for what takes away, and numbers.

/**
 * @typedef {{ name: string, value: number, spread?: number, from?: number }} Bar a bar goes from `from`, which is 0
 *   unless bars continue each other, to `value`
 */

/** @param {Element} list @returns {HTMLElement[]} the bars that can be picked */
const barsOf = (list) => [...list.querySelectorAll('.bar[data-row]')];

/** Returns the end of the scale of some bars. @param {Bar[]} bars */
const endOf = (bars) => highestOf(bars.map(({ value, spread = 0 }) => Math.abs(value) + spread), 0) || 1;

/**
 * Returns the parts of a bar as places between 0 and 1, where 0.5 is zero: the bar, and the spread to both sides.
 * @param {Bar} bar
 * @param {number} most the end of the scale
 * @returns {[kind: string, left: number, width: number][]}
 */
function partsOf({ value, from = 0, spread }, most) {
  const place = (/** @type {number} */ edge) => .5 + edge / most / 2;
  return [
    [value < from ? 'less' : 'more', place(Math.min(value, from)), Math.abs(value - from) / most / 2],
    ...(spread ? [/** @type {[string, number, number]} */ (['spread', place(value - spread), spread / most])] : []),
  ];
}

/**
 * @param {Bar} bar
 * @param {number} most the end of the scale
 * @param {string | null} picks the name of what the bar picks; null where it picks nothing
 * @param {string[]} values what stands behind it
 */
function barOf(bar, most, picks, ...values) {
  const track = partsOf(bar, most).map(([kind, left, width]) => {
    const part = make('i', { class: kind });
    Object.assign(part.style, { left: left * 100 + '%', width: width * 100 + '%' });
    return part;
  });
  const parts = [
    make('span', { class: 'name' }, bar.name), make('span', { class: 'track', 'aria-hidden': 'true' }, ...track),
    ...values.map((value) => make('span', { class: 'value' }, value)),
  ];
  return make('li', {}, picks === null
    ? make('div', { class: 'bar rest' }, ...parts)
    : make('button', { class: 'bar', 'data-row': picks, tabindex: -1, 'aria-pressed': 'false' }, ...parts));
}

/**
 * Shows other bars in a list; the bar that has the focus keeps it.
 * @param {Element} list
 * @param {HTMLElement[]} items
 */
function fillBars(list, items) {
  const active = /** @type {HTMLElement} */ (document.activeElement);
  const held = list.contains(active) ? active.dataset.row : undefined;
  list.replaceChildren(...items);
  const again = barsOf(list).find(({ dataset }) => dataset.row === held);
  (again ?? barsOf(list)[0])?.setAttribute('tabindex', '0');
  again?.focus({ preventScroll: true });
}

/** Lets keys move through a list. @param {Element} list */
function moveInBars(list) {
  rove(list, '.bar[data-row]', (from, key) => {
    const bars = barsOf(list);
    const here = bars.indexOf(from);
    const there = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: bars.length - 1 }[key];
    return there === undefined ? null : bars[there] ?? from;
  });
}

/**
 * Returns the bar after the one that is picked, or before it.
 * @param {Element} list
 * @param {string} picked
 * @param {number} by
 * @returns {HTMLElement | undefined}
 */
function barBeside(list, picked, by) {
  const bars = barsOf(list);
  const here = bars.findIndex(({ dataset }) => dataset.row === picked);
  return bars.at(here < 0 && by < 0 ? -1 : (here + by) % bars.length);
}

/**
 * Draws a list as a part of a file.
 * @param {Element} list
 * @param {Bar[]} bars
 * @param {(bar: Bar, i: number) => string} textOf what stands behind a bar
 */
function barsDrawing(list, bars, textOf) {
  const colours = coloursOf(['ink', 'line-2', 'v11', 'v2']).map((colour) => hexOf(packed(colour)));
  const [ink, line] = colours;
  const [left, wide, step] = [150, 420, 18];
  const box = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width,
    /** @type {number} */ height, /** @type {string} */ fill) => makeSvg('rect', { x, y, width, height, fill });
  return makeSvg('svg', {
    'width': left + wide + 150, 'height': bars.length * step + 12, 'font-size': 11, 'fill': ink,
    'font-family': getComputedStyle(list).fontFamily,
  }, box(left + wide / 2, 0, 1, bars.length * step, line), ...bars.flatMap((bar, i) => {
    const text = { y: i * step + 13 };
    return [
      makeSvg('text', { ...text, 'x': left - 8, 'text-anchor': 'end' }, bar.name.replace(/\p{C}/gu, ' ')),
      ...partsOf(bar, endOf(bars)).map(([kind, start, width]) => (kind === 'spread'
        ? box(left + start * wide, i * step + 8, width * wide, 2, ink)
        : box(left + start * wide, i * step + 3, Math.max(.5, width * wide), 12, colours[kind === 'more' ? 2 : 3]))),
      makeSvg('text', { ...text, x: left + wide + 8 }, textOf(bar, i)),
    ];
  }));
}
