// @ts-check
// Lines of numbers, with the spread around them, as parts of a drawing.

const dashes = ['', '6 3', '2 3'];

/**
 * @typedef {{ name: string, values: (number | null)[], spreads?: (number | null)[], hue: number }} Line a hue of -1 is
 *   grey
 */

/** @param {number} hue */
const strokeOf = (hue) => ({
  class: hue < 0 ? 'line grey' : `line hue-${hue % 7}`,
  'stroke-dasharray': hue < 0 ? '3 3' : dashes[Math.floor(hue / 7) % dashes.length],
});

/**
 * Draws a line, broken where there is no number, and its point at a place.
 * @param {Line} line
 * @param {(i: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} at -1 for no point
 */
function lineOf({ values, hue }, x, y, at) {
  let path = '';
  values.forEach((value, i) => {
    if (value === null) return;
    const isJoined = i > 0 && values[i - 1] !== null;
    path += `${isJoined ? 'L' : 'M'}${x(i)} ${y(value)}`;
    // A number alone would have no line.
    if (!isJoined && (values[i + 1] ?? null) === null) path += 'h.01';
  });
  const value = values[at] ?? null;
  const style = strokeOf(hue);
  const line = makeSvg('path', { ...style, 'stroke-linecap': 'round', d: path });
  if (value === null) return [line];
  return [line, makeSvg('circle', { class: style.class, cx: x(at), cy: y(value), r: 3.5 })];
}

/**
 * Draws the spread around a line, in a part for each of its parts.
 * @param {Line} line
 * @param {(i: number) => number} x
 * @param {(value: number) => number} y
 */
function bandsOf({ values, spreads, hue }, x, y) {
  if (!spreads) return [];
  /** @type {number[][]} */
  const runs = [];
  values.forEach((value, i) => {
    if (value === null) return;
    if (i > 0 && values[i - 1] !== null) runs[runs.length - 1].push(i);
    else runs.push([i]);
  });
  const bound = (/** @type {number} */ i, /** @type {number} */ sign) =>
    `${x(i)} ${y((values[i] ?? 0) + sign * (spreads[i] ?? 0))}`;
  return runs.map((run) => makeSvg('path', {
    class: hue < 0 ? 'band grey' : `band hue-${hue % 7}`,
    d: `M${[...run.map((i) => bound(i, 1)), ...run.toReversed().map((i) => bound(i, -1))].join('L')}Z`,
  }));
}

/** Returns the entry of a line in a legend. @param {Line} line */
const lineKey = ({ name, hue }) =>
  make('span', { class: 'key' }, makeSvg('svg', { width: 18, height: 8, 'aria-hidden': 'true' },
    makeSvg('path', { d: 'M0 4H18', ...strokeOf(hue) })), make('bdi', {}, name));
