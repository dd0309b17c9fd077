// @ts-check
// The card of a head: its roles, all its scores, what feeds it, what taking it away does.

const jump = byId('jump');
const counted = `${data.cards.length} head${data.cards.length === 1 ? '' : 's'}`;
jump.append(make('option', { value: '' }, counted), ...data.cards.map(({ head }) =>
  make('option', { value: keys[head] }, `${headNames[head]}: ${rolesText(head)}`)));
jump.parentNode.hidden = data.cards.length === 0;
on(jump, 'change', () => jump.value && set({ sel: jump.value, example: '0', token: '' }));

function showCard() {
  const head = cardHead();
  if (!isNew('card', head)) return;
  byId('card-title').textContent = `${headNames[head]}, key/value head ${data.all[head].kv}`;
  byId('card-roles').replaceChildren(...(data.all[head].roles ?? []).flatMap(([role, score, confidence, verdict]) => [
    chip(roles[role][1], roles[role][2]), ` ${roles[role][0]} `,
    make('span', { class: 'muted' }, short(confidence)
      + (scores[score] ? ` of ${scores[score].name}` : '')
      + (verdict === null ? '' : `, ${verdicts[verdict][1]} ${verdicts[verdict][0]}`)), ' ']),
    ...(data.all[head].roles ? [] : ['no role']));
  jump.value = cardPlace() < 0 ? '' : keys[head];
  byId('command').textContent = `ratilgpu heads show ${headNames[head]}`;
  const link = byId('open');
  if (link) link.hash = `h=${keys[head]}`;
  showBundle(head);
  showProfile(head);
  byId('compare').replaceChildren(...comparisonOf(head));
  byId('feeders').replaceChildren(...feedersOf(head));
  byId('causes').replaceChildren(...effectsOf(head));
}

/** Lists all scores of a head, by what they are measured on. @param {number} head */
function showBundle(head) {
  let pass = '';
  byId('card-scores').replaceChildren(make('thead', {}, make('tr', {}, ...['Score', 'Raw', 'Excess', 'Interval',
    'Without first', 'Without self'].map((name) => make('th', { scope: 'col' }, name)))),
  make('tbody', {}, ...scores.flatMap((score, i) => {
    const isFirst = score.pass !== pass;
    pass = score.pass;
    // Of a score without a chance level, the excess is the score.
    const hasMore = score.attention || scoreOf(i, head, 'chance') !== null;
    const text = (/** @type {string} */ name) => (name === 'raw' ? short(scoreOf(i, head, name)) + unitOf(i)
      : hasMore ? short(scoreOf(i, head, name)) : '');
    const row = make('tr', { 'data-tip': score.meaning }, make('th', { scope: 'row' },
      make('button', { 'data-score': score.id }, score.name)),
    ...['raw', 'excess'].map((name) => make('td', {}, text(name))),
    make('td', {}, barOf(i, head, cardRange(i), 90)),
    ...['noFirst', 'noSelf'].map((name) => make('td', {}, text(name))));
    return isFirst ? [make('tr', {}, make('th', { colspan: 6, class: 'pass', scope: 'rowgroup' }, pass)), row] : [row];
  })));
}

/** Compares scores on text with those on random tokens. @param {number} head */
function comparisonOf(head) {
  if (data.pairs.length === 0) return [];
  return [make('h3', {}, 'Text and random tokens'), make('table', { class: 'pairs' }, make('tbody', {},
    ...data.pairs.flatMap((pair) => pair.map((score, i) => make('tr', i === 0 ? { class: 'first' } : {},
      make('th', { scope: 'row' }, scores[score].name), make('td', {}, barOf(score, head, cardRange(score), 150)),
      make('td', {}, short(scoreOf(score, head, 'excess'))))))))];
}

/** @param {number} head */
function feedersOf(head) {
  const { feeders } = data.all[head];
  if (!feeders) return [];
  const most = highestOf(feeders.map(([, , , , effect]) => Math.abs(effect)), 0) || 1;
  return [make('h3', {}, 'Earlier heads that feed it'), make('table', {}, make('tbody', {},
    ...feeders.map(([layer, number, input, score, effect]) => make('tr', { 'data-tip':
      'The score less the score without what the earlier head writes into this input; the norm is held.' },
    make('th', { scope: 'row' }, make('button', { 'data-n': `${layer}.${number}` }, `L${layer}H${number}`)),
    ...[data.inputs[input], scores[score]?.name ?? '', lengthBar(effect / most), short(effect)]
      .map((content) => make('td', {}, content))))))];
}

/** @param {number} part of the longest, in [-1, 1] */
const lengthBar = (part) => makeSvg('svg', { class: 'bar', width: 70, height: 12, 'aria-hidden': 'true' },
  makeSvg('rect', { class: part < 0 ? 'minus' : 'plus', x: 0, y: 2, width: 70 * Math.abs(part), height: 8 }));

/** @param {number} head */
function effectsOf(head) {
  const { effects } = data.all[head];
  if (!effects) return [];
  const columns = ['Claim', 'Behaviour', 'Outputs', 'Effect', 'Random heads', 'Verdict'];
  return [make('h3', {}, 'Without this head'), make('div', { class: 'scroll' }, make('table', {},
    make('thead', {}, make('tr', {}, ...columns.map((name) => make('th', { scope: 'col' }, name)))), make('tbody', {},
      ...effects.map(([role, behaviour, kind, effect, mean, spread, draws, verdict, sameLayer]) => make('tr', {
        'data-tip': `${draws} draws of a random head${sameLayer ? ' of the layer' : ', of other layers too'}; effect `
          + 'is how much worse the behaviour is',
      }, make('td', {}, chip(roles[role][1], roles[role][2])),
      make('td', { class: 'wrap' }, data.behaviours[behaviour][0]), make('td', {}, kind === 0 ? '0' : 'mean'),
      make('td', {}, `${short(effect)} ${data.behaviours[behaviour][1]}`),
      make('td', {}, `${short(mean)} ± ${short(spread)}`),
      make('td', {}, `${verdicts[verdict][1]} ${verdicts[verdict][0]}`))))))];
}

/** Draws the mean attention to each distance. @param {number} head */
function showProfile(head) {
  const drawing = byId('profile');
  const profile = profileOf(head);
  const values = profile.flatMap((value) => (value === null ? [] : [value]));
  byId('profile-title').hidden = values.length === 0;
  drawing.toggleAttribute('hidden', values.length === 0);
  if (values.length === 0) return;
  const [width, height, { peak }] = [440, 200, data.all[head]];
  const most = highestOf(values, .01);
  const { x, y, lines } = frameOf({ left: 48, top: 8, right: width - 8, bottom: height - 38 },
    { low: 0, high: Math.max(1, profile.length - 1), name: 'distance from the query', most: 9 },
    { low: 0, high: most * 1.05, name: '', most: 5 });
  let path = '';
  profile.forEach((value, i) => {
    if (value !== null) path += `${i > 0 && profile[i - 1] !== null ? 'L' : 'M'}${x(i)} ${y(value)}`;
  });
  filled(drawing, {
    viewBox: `0 0 ${width} ${height}`, 'aria-label': `Mean attention by distance; the most, ${short(most)}, at `
      + `distance ${profile.indexOf(most)}`,
  }, []);
  const step = x(1) - x(0);
  const biases = data.cards[cardPlace()]?.biases ?? [];
  const [low, high] = [lowestOf(biases), highestOf(biases)];
  byId('biases').hidden = biases.length === 0;
  byId('biases').textContent = biases.length === 0 ? '' : 'Dashed, on a scale of its own: the score that the biases '
    + `alone give, from ${short(low)} to ${short(high)}.`;
  const level = (/** @type {number} */ score) => y((high > low ? (score - low) / (high - low) : .5) * most);
  drawing.replaceChildren(...lines,
    ...(biases.length === 0 ? [] : [makeSvg('path', {
      class: 'line hue-1 dashed',
      d: biases.slice(0, profile.length).map((score, i) => `${i > 0 ? 'L' : 'M'}${x(i)} ${level(score)}`).join(''),
    })]), makeSvg('path', { class: 'line hue-0', d: path }),
    ...(peak === undefined || (profile[peak] ?? null) === null ? [] : [
      makeSvg('circle', { class: 'line hue-0', cx: x(peak), cy: y(profile[peak] ?? 0), r: 4 }),
      makeSvg('text', {
        class: 'label', x: x(peak) + (peak > 90 ? -8 : 8), y: Math.max(18, y(profile[peak] ?? 0) - 4),
        'text-anchor': peak > 90 ? 'end' : 'start',
      }, `distance ${peak}: ${short(profile[peak])}`)]),
    ...profile.map((value, i) => makeSvg('rect', {
      class: 'hold', x: x(i) - step / 2, y: 8, width: step, height: height - 46, 'data-tip':
        `distance ${i}: ${value === null ? 'too few cells' : short(value, 4)}`
        + (i < biases.length ? `\nscore of the biases ${short(biases[i], 4)}` : ''),
    })));
}
