// @ts-check
// What the reader of the atlas page can choose, and what the choices mean.

const keys = data.all.map((_, i) => `${Math.floor(i / data.heads)}.${i % data.heads}`);
const headNames = keys.map((key) => 'L' + key.replace('.', 'H'));
const scoreIds = scores.map(({ id }) => id);
const measures = ['raw', 'excess', 'noFirst', 'noSelf'];
/** @type {Record<string, string>} */
const measureNames = { raw: 'raw', excess: 'excess', noFirst: 'without first', noSelf: 'without self' };

/** @param {string} id of a control @returns {string[]} */
const valuesOf = (id) => Array.from(byId(id).options, ({ value }) => value);

const choices = {
  sel: keys,
  score: scoreIds,
  measure: measures,
  scale: ['linear', 'root'],
  x: scoreIds,
  y: scoreIds,
  colour: valuesOf('colour'),
  plane: ['raw', 'excess'],
  order: ['excess', 'raw', 'head', 'low', 'high', 'chance', 'noFirst', 'noSelf', 'count'],
  turn: ['down', 'up'],
  layer: valuesOf('layer'),
  role: valuesOf('role'),
  rows: ['some', 'all'],
  paint: ['position', 'kind'],
};
const address = {
  h: 'sel', s: 'score', m: 'measure', c: 'scale', x: 'x', y: 'y', z: 'colour', p: 'plane', o: 'order', u: 'turn',
  l: 'layer', r: 'role', a: 'rows', v: 'paint', e: 'example', k: 'token',
};

/** @param {string} wanted @param {number} other */
const scoreOr = (wanted, other) =>
  (scoreIds.includes(wanted) ? wanted : scoreIds[Math.min(other, scoreIds.length - 1)] ?? '');

/**
 * `sel` is the selected head, such as 3.2; `over` a head, t and a position of the example, or v and a point; `example`
 * is a place in the list of the card, and `token` the chosen query, empty for that of the peak.
 */
const initial = {
  score: scoreOr('previous', 0), measure: 'excess', scale: 'linear', x: scoreOr('previous', 0),
  y: scoreOr('induction', 1), colour: 'role', plane: 'excess', order: 'excess', turn: 'down', layer: '', role: '',
  rows: 'some', paint: 'position', example: '0', token: '',
};

/** @param {URLSearchParams} from */
async function read(from) {
  for (const [key, name] of [['e', 'example'], ['k', 'token']]) {
    const value = from.get(key) ?? '';
    if (/^\d{1,4}$/.test(value)) state[name] = value;
  }
  await decodeCard(cardPlace());
}

const selected = () => keys.indexOf(state.sel);

/** Returns the head of the card: the selected one, or else that of the first full card. */
const cardHead = () => (selected() >= 0 ? selected() : data.cards[0]?.head ?? 0);

/** Returns the place of the full card that is shown; -1 for none. */
const cardPlace = () => data.cards.findIndex(({ head }) => head === cardHead());

/** Returns the head that the details are about. */
const focused = () => (keys.includes(state.over) ? keys.indexOf(state.over) : cardHead());

/** @param {number} head */
const pick = (head) => set({
  sel: state.sel === keys[head] ? '' : keys[head], example: '0', token: '',
});

/** @param {number} score @param {string} name */
const hasMeasure = (score, name) => data.all.some((_, head) => scoreOf(score, head, name) !== null);

/** Returns the number of a score that is shown: that of the state, if the score has it. @param {number} score */
function measureOf(score) {
  if (hasMeasure(score, state.measure === 'excess' ? 'chance' : state.measure)) return state.measure;
  return hasMeasure(score, 'chance') ? 'excess' : 'raw';
}

/**
 * Returns the range of the numbers of all heads, with 0.
 * @param {number} score
 * @param {string[]} names
 */
function rangeOf(score, names) {
  let [low, high] = [0, 0];
  for (const name of names)
    for (let head = 0; head < headCount; head++) {
      const value = scoreOf(score, head, name) ?? 0;
      [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
  return { low, high: high > low ? high : low + 1 };
}

/** @param {number | null | undefined} value @param {number} digits */
const short = (value, digits = 3) => (value === null || value === undefined ? '–'
  : value.toFixed(Math.abs(value) >= 1000 ? 0 : digits).replace(/^-(?=[0.]*$)/, ''));

/** @param {number} score */
const unitOf = (score) => (scores[score].unit ? ' ' + scores[score].unit : '');

/** @param {number} head */
const rolesText = (head) => (data.all[head].roles ?? []).map(([role, , confidence, verdict]) =>
  `${roles[role][0]} ${short(confidence)}${verdict === null ? '' : ` (${verdicts[verdict][0]})`}`).join(', ')
  || 'no role';

/** @param {number} head the hue of its strongest role; 9 for none */
const hueOf = (head) => (data.all[head].roles ? roles[data.all[head].roles[0][0]][2] : 9);

/** Names the colours of the theme, which a part is drawn in. */
const shadeNow = () => String(coloursOf(['h4']));
