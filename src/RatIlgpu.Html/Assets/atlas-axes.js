// @ts-check
// Bars of the drawings of the atlas page.

/**
 * Draws the excess of a score as a bar from 0, with its interval.
 * @param {number} score
 * @param {number} head
 * @param {{ low: number, high: number }} range
 */
function barOf(score, head, { low, high }, width = 110) {
  const place = (/** @type {number} */ value) => 1 + ((width - 2) * (value - low)) / (high - low);
  const [excess, from, to] = ['excess', 'low', 'high'].map((name) => scoreOf(score, head, name));
  const drawing = makeSvg('svg', { class: 'bar', width, height: 12, 'aria-hidden': 'true' });
  if (excess !== null) {
    const [start, end] = [place(0), place(excess)];
    drawing.append(makeSvg('rect', {
      class: excess < 0 ? 'minus' : 'plus', x: Math.min(start, end), y: 2, width: Math.abs(end - start), height: 8,
    }));
  }
  drawing.append(makeSvg('path', { class: 'zero', d: `M${place(0)} 0V12` }));
  if (from !== null && to !== null)
    drawing.append(makeSvg('path', {
      class: 'whisker', d: `M${place(from)} 6H${place(to)}M${place(from)} 3V9M${place(to)} 3V9`,
    }));
  return drawing;
}

/** The range of the bars of a score, computed once. @type {Map<number, { low: number, high: number }>} */
const barRanges = new Map();

/** @param {number} score */
function barRange(score) {
  const found = barRanges.get(score) ?? rangeOf(score, ['excess', 'low', 'high']);
  barRanges.set(score, found);
  return found;
}

/**
 * The range of the bars of a card: scores of attention have one in common, so that their bars can be compared.
 * @param {number} score
 */
function cardRange(score) {
  if (!scores[score].attention) return barRange(score);
  const ranges = scores.flatMap(({ attention }, i) => (attention ? [barRange(i).low] : []));
  return { low: lowestOf(ranges, -.1), high: 1 };
}
