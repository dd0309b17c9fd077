// @ts-check
// Lines over layers, positions or distances.

const plotHeight = 190;

/** @param {number | null | undefined} value */
const short = (value) => (value === null || value === undefined || Number.isNaN(value) ? 'no output'
  : value.toFixed(3).replace(/^-(?=[0.]*$)/, ''));

/** @param {[mean: number | null, spread: number | null, count: number]} number */
const spreadText = ([mean, spread]) => short(mean) + (spread === null ? '' : ` ± ${short(spread)}`);

/** @param {[mean: number | null, spread: number | null, count: number]} number */
const spreadFile = ([mean, spread, count]) => ({ mean, spread, count });

/** @param {[mean: number | null, spread: number | null, count: number]} number */
const spreadCells = ([mean, spread, count]) => [mean ?? '', spread ?? '', count];

/** @param {number} value */
const known = (value) => (Number.isFinite(value) ? value : null);

/**
 * @typedef {object} Plot
 * @property {Line[]} lines
 * @property {number} count the places along the plot
 * @property {(i: number) => string} label of a place
 * @property {string} across what the places are
 * @property {string} up what the numbers are
 * @property {number} [dotted] a number with a line of its own
 * @property {[low: number, high: number]} [range] of the numbers; what is beyond it is drawn at its end
 * @property {number} [at] the place in focus; -1 for none
 * @property {number} [framed] the place that was changed; -1 for none
 * @property {(i: number) => string} nameOf the mark of a place
 */

/**
 * Draws lines; every number is within the plot, however large.
 * @param {SVGElement} drawing
 * @param {Element | null} legend null where it stands elsewhere
 * @param {Plot} plot
 */
function drawPlot(drawing, legend, { lines, count, label, across, up, dotted, range, at = -1, framed = -1, nameOf }) {
  const width = drawing.clientWidth || 560;
  const [left, top, right, bottom] = [46, 10, width - 14, plotHeight - 36];
  const numbers = lines.flatMap(({ values, spreads }) => values.flatMap((value, i) => (value === null ? []
    : [value - (spreads?.[i] ?? 0), value + (spreads?.[i] ?? 0)])));
  const [low, high] = range ?? [lowestOf(numbers, 0), highestOf(numbers, dotted ?? 1e-9)];
  const x = (/** @type {number} */ i) => (count > 1 ? left + ((right - left) * i) / (count - 1) : (left + right) / 2);
  const y = (/** @type {number} */ value) =>
    bottom - ((bottom - top) * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
  const wide = count > 1 ? (right - left) / (count - 1) : right - left;
  const every = Math.ceil(highestOf(Array.from({ length: count }, (_, i) => label(i).length * 8), 24) / wide);
  const upright = (/** @type {number} */ i, /** @type {string} */ name) =>
    makeSvg('path', { class: name, d: `M${x(i)} ${top}V${bottom}` });
  filled(drawing, { width, height: plotHeight, viewBox: `0 0 ${width} ${plotHeight}` }, []);
  drawing.replaceChildren(
    ...ticksOf(low, high, 5).flatMap(({ value, text }) => [
      makeSvg('path', { class: ruleOf(value), d: `M${left} ${y(value)}H${right}` }),
      makeSvg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, text)]),
    ...Array.from({ length: count }, (_, i) => i).filter((i) => i % every === 0).map((i) =>
      makeSvg('text', { x: x(i), y: bottom + 15, 'text-anchor': 'middle' }, label(i))),
    makeSvg('text', { class: 'axis', x: (left + right) / 2, y: bottom + 31, 'text-anchor': 'middle' }, across),
    makeSvg('text', {
      class: 'axis', x: 10, y: (top + bottom) / 2, 'text-anchor': 'middle',
      transform: `rotate(-90 10 ${(top + bottom) / 2})`,
    }, up),
    ...(dotted === undefined ? [] : [makeSvg('path', { class: 'dotted', d: `M${left} ${y(dotted)}H${right}` })]),
    ...lines.flatMap((line) => bandsOf(line, x, y)),
    ...(framed < 0 ? [] : [upright(framed, 'framed')]),
    ...(at < 0 ? [] : [upright(at, 'at')]),
    ...lines.toReversed().flatMap((line) => lineOf(line, x, y, at)),
    ...Array.from({ length: count }, (_, i) => makeSvg('rect', {
      class: 'hold', 'data-p': nameOf(i), x: x(i) - wide / 2, y: top, width: wide, height: bottom - top,
    })));
  drawing.setAttribute('aria-label', `${up} by ${across}: ` + lines.map(({ name, values }) =>
    `${name} from ${short(values[0])} to ${short(values[values.length - 1])}`).join('; '));
  legend?.replaceChildren(...lines.map(lineKey));
}

/**
 * Returns a drawing as a part of a file: what its classes look like is written into it.
 * @param {SVGElement} drawing
 */
function plotDrawing(drawing) {
  const copy = /** @type {SVGElement} */ (drawing.cloneNode(true));
  const [originals, copies] = [drawing.querySelectorAll('*'), copy.querySelectorAll('*')];
  originals.forEach((one, i) => {
    if (one.classList.contains('hold')) return;
    const { fill, stroke, strokeWidth, fontSize, fillOpacity } = getComputedStyle(one);
    filled(copies[i], {
      fill, stroke, 'stroke-width': strokeWidth, 'font-size': fontSize, 'fill-opacity': fillOpacity,
    }, []);
  });
  for (const one of copy.querySelectorAll('.hold')) one.remove();
  return copy;
}

/** Draws the plots of a page anew when its width changes, or its colours. @param {string[]} ids */
function followWidth(ids) {
  const widths = new Map();
  const watch = new ResizeObserver(() => {
    if (ids.every((id) => widths.get(id) === byId(id).clientWidth)) return;
    for (const id of ids) widths.set(id, byId(id).clientWidth);
    // A change of size within the observer would be observed again.
    requestAnimationFrame(() => root.dataset.ready && page.showOver());
  });
  for (const id of ids) watch.observe(byId(id));
}
