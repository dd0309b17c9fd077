// @ts-check
// Heads as dots between two scores, coloured by a third one.

const dots = byId('dots');
const planeHeight = 400;
/** @type {SVGElement[]} the dots, from left to right */
let dotOrder = [];

/** Returns the range of an axis, a little wider than its numbers. @param {number} score */
function axisOf(score) {
  const { low, high } = rangeOf(score, [state.plane]);
  const margin = (high - low) * .04;
  const name = `${scores[score].name}, ${measureNames[state.plane]}${unitOf(score)}`;
  return { low: low < 0 ? low - margin : -margin / 2, high: high + margin, name };
}

function showPlane() {
  const width = dots.clientWidth || 600;
  const [across, up] = [scoreIds.indexOf(state.x), scoreIds.indexOf(state.y)];
  if (across < 0 || up < 0
    || !isNew('plane', width, state.x, state.y, state.colour, state.plane, shadeNow())) return;
  const box = { left: 52, top: 10, right: width - 12, bottom: planeHeight - 40 };
  const { x, y, lines } = frameOf(
    box, { ...axisOf(across), most: width / 80 }, { ...axisOf(up), most: 7 });
  const colour = colouring();
  const points = data.all.flatMap((_, head) => {
    const [at, height] = [scoreOf(across, head, state.plane), scoreOf(up, head, state.plane)];
    return at === null || height === null ? [] : [{ head, x: x(at), y: y(height) }];
  }).sort((a, b) => a.x - b.x || a.y - b.y);
  dotOrder = points.map((point) => makeSvg('circle', {
    cx: point.x, cy: point.y, r: 5, 'data-n': keys[point.head], tabindex: -1, role: 'button',
    'aria-label': describeDot(point.head, across, up), ...colour.of(point.head),
  }));
  dotOrder[0]?.setAttribute('tabindex', '0');
  filled(dots, { width, height: planeHeight, viewBox: `0 0 ${width} ${planeHeight}` }, []);
  dots.replaceChildren(...lines, ...chanceLines(across, up, x, y, box), ...dotOrder,
    ...labelsOf(points, box).map(({ head, x: left, y: top }) =>
      makeSvg('text', { class: 'label', x: left, y: top }, headNames[head])));
  byId('dots-legend').replaceChildren(...colour.legend, make('span', {}, `${points.length} of ${headCount} heads`));
}

/** Draws where a head with uniform attention would be; of the excess, that is 0. */
function chanceLines(across, up, x, y, { left, right, top, bottom }) {
  if (state.plane !== 'raw') return [];
  const [one, other] = [across, up].map((score) => scoreOf(score, 0, 'chance'));
  return [
    ...(one === null ? [] : [makeSvg('path', { class: 'chance', d: `M${x(one)} ${top}V${bottom}` })]),
    ...(other === null ? [] : [makeSvg('path', { class: 'chance', d: `M${left} ${y(other)}H${right}` })]),
  ];
}

/** Returns the attributes of a dot, and the legend. @returns {{ of: (head: number) => any, legend: Element[] }} */
function colouring() {
  if (state.colour === 'role') {
    const shown = roles.filter((_, role) => data.all.some((head) => head.roles?.[0][0] === role));
    return {
      of: (head) => ({ class: `dot hue-${hueOf(head)}` }),
      legend: [...shown.map(([name, code, hue]) => make('span', {}, chip(code, hue), ' ', name)),
        make('span', {}, make('i', { class: 'none' }), ' no role')],
    };
  }
  const score = scoreIds.indexOf(state.colour);
  const of = (/** @type {number} */ head) =>
    (score < 0 ? Math.floor(head / data.heads) : scoreOf(score, head, 'excess'));
  const { low, high } = score < 0 ? { low: 0, high: Math.max(1, data.layers - 1) } : barRange(score);
  const signed = low < 0;
  const most = Math.max(high, -low);
  const { colours } = rampOf(signed);
  return {
    of: (head) => {
      const value = of(head);
      return { class: 'dot', fill: value === null ? 'none' : hexOf(colours[stepOf(value / most, signed)]) };
    },
    legend: [make('span', {}, `${score < 0 ? 'Layer' : scores[score].name + ', excess'}: `
      + `${signed ? short(-most, 2) : 0} `, rampStrip(signed), ` ${score < 0 ? high : short(most, 2)}`)],
  };
}

/** @param {boolean} signed */
const rampStrip = (signed) => make('span', { class: 'ramp', 'aria-hidden': 'true' },
  ...Array.from({ length: signed ? 13 : 7 }, (_, i) =>
    make('i', signed ? { 'data-v': i - 6 } : { 'data-h': i + 1 })));

/** @param {string} code @param {number} hue */
const chip = (code, hue) => make('span', { class: `chip hue-${hue}` }, code);

/**
 * Places the names of the dots farthest out, where they have room.
 * @param {{ head: number, x: number, y: number }[]} points
 */
function labelsOf(points, { left, right, top, bottom }) {
  const far = (/** @type {{ x: number, y: number }} */ point) =>
    (point.x - left) / (right - left) + (bottom - point.y) / (bottom - top);
  /** @type {{ head: number, x: number, y: number, width: number }[]} */
  const placed = [];
  for (const { head, x, y } of points.toSorted((a, b) => far(b) - far(a)).slice(0, 40)) {
    const width = headNames[head].length * 6.7;
    const place = [[x + 8, y + 4], [x - 8 - width, y + 4], [x - width / 2, y - 9], [x - width / 2, y + 17]]
      .find(([from, base]) => from > left && from + width < right && base > top + 8 && base < bottom - 2
        && placed.every((other) => Math.abs(other.y - base) > 11
          || from > other.x + other.width + 2 || other.x > from + width + 2)
        && points.every((other) => Math.abs(other.y - base + 4) > 9 || other.x < from - 5
          || other.x > from + width + 5));
    if (place && placed.length < 20) placed.push({ head, x: place[0], y: place[1], width });
  }
  return placed;
}

/** @param {number} head */
const describeDot = (head, across, up) => `${headNames[head]}: ${scores[across].name} `
  + `${short(scoreOf(across, head, state.plane))}, ${scores[up].name} ${short(scoreOf(up, head, state.plane))}, `
  + rolesText(head);

rove(dots, '.dot', (from, key) => {
  const upwards = dotOrder.toSorted((a, b) => Number(b.getAttribute('cy')) - Number(a.getAttribute('cy')));
  const [flat, tall] = [dotOrder.indexOf(from), upwards.indexOf(from)];
  return {
    ArrowLeft: dotOrder[flat - 1], ArrowRight: dotOrder[flat + 1], ArrowUp: upwards[tall + 1],
    ArrowDown: upwards[tall - 1], Home: dotOrder[0], End: dotOrder.at(-1),
  }[key];
});
new ResizeObserver(() => requestAnimationFrame(() => {
  showPlane();
  showHeadFocus();
})).observe(dots);
onThemeChange(() => {
  if (!drawnParts.plane) return;
  showPlane();
  showHeadFocus();
});
