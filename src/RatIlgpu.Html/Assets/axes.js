// @ts-check
// Axes of drawings, with round numbers.

/**
 * Returns round numbers in a range.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
function ticksOf(low, high, most) {
  const extent = high - low || 1;
  const size = 10 ** Math.floor(Math.log10(extent / most));
  const step = size * ([1, 2, 5, 10].find((factor) => extent / (size * factor) <= most) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step)
    ticks.push({ value: tick, text: (Math.abs(tick) < step / 1e3 ? 0 : tick).toFixed(digits) });
  return ticks;
}

/** Returns the class of the line of a round number: that of 0 stands out. @param {number} value */
const ruleOf = (value) => (value === 0 ? 'zero' : 'rule');

/**
 * Draws the frame of a plot: round numbers of both axes with lines, and the names of the axes.
 * @param {{ left: number, top: number, right: number, bottom: number }} box
 * @param {{ low: number, high: number, name: string, most: number }} across
 * @param {{ low: number, high: number, name: string, most: number }} up
 */
function frameOf({ left, top, right, bottom }, across, up) {
  const x = (/** @type {number} */ value) =>
    left + ((right - left) * (value - across.low)) / (across.high - across.low);
  const y = (/** @type {number} */ value) => bottom - ((bottom - top) * (value - up.low)) / (up.high - up.low);
  const lines = [
    ...ticksOf(across.low, across.high, across.most).flatMap(({ value, text }) => [
      makeSvg('path', { class: ruleOf(value), d: `M${x(value)} ${top}V${bottom}` }),
      makeSvg('text', { x: x(value), y: bottom + 15, 'text-anchor': 'middle' }, text)]),
    ...ticksOf(up.low, up.high, up.most).flatMap(({ value, text }) => [
      makeSvg('path', { class: ruleOf(value), d: `M${left} ${y(value)}H${right}` }),
      makeSvg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, text)]),
    makeSvg('text', { class: 'axis', x: (left + right) / 2, y: bottom + 32, 'text-anchor': 'middle' }, across.name),
    makeSvg('text', {
      class: 'axis', x: 12, y: (top + bottom) / 2, 'text-anchor': 'middle',
      transform: `rotate(-90 12 ${(top + bottom) / 2})`,
    }, up.name),
  ];
  return { x, y, lines };
}
