// @ts-check
// The text of the prompt, in which the shade of a token is a share.

/** @type {HTMLElement[]} */
let tokens = [];
/** @type {any[]} */
let drawnText = [];

/** Draws the text if it is that of another prompt, and scrolls to another target. */
function drawText() {
  const [drawn, target] = drawnText;
  if (drawn === data.tokens && target === data.target) return;
  drawnText = [data.tokens, data.target];
  const region = byId('toks');
  if (drawn !== data.tokens) {
    region.replaceChildren();
    tokens = drawStrip(region, data);
    for (const token of tokens) press(token, false);
    [current, hits] = [undefined, []];
  }
  openAtToken(region, tokens[data.target]);
}
moveInStrip(byId('toks'), () => tokens);

let shownHeat = '';
/** @type {HTMLElement | undefined} */
let current;

function showText() {
  if (shownHeat !== `${data.view}${state.heat}`) {
    shownHeat = `${data.view}${state.heat}`;
    tokens.forEach((element, i) => {
      mark(element, 'data-h', heatAt(i));
      mark(element, 'data-on', pathsAt.has(i));
      mark(element, 'aria-label', [
        isolated(clip(tokenText(data, i), 40)), 'position ' + i, shareSaid(i), isMade(data, i) && 'generated',
        data.mask?.[i] === 0 && 'padding',
      ].filter(Boolean).join(', '));
    });
    byId('most').textContent = heatEnd();
  }
  const { kind, index } = markOf(state.sel);
  const next = kind === 'n' ? tokens[index] : undefined;
  for (const element of [current, next])
    if (element) {
      press(element, element === next);
      mark(element, 'aria-current', element === next && 'true');
    }
  current = next;
}

/** @type {number[]} */
let hits = [];

/** Marks the tokens that contain the searched text. */
function find() {
  const found = new Set(hitsOf(data, state.q));
  for (const i of hits) if (!found.has(i)) mark(tokens[i], 'data-hit', false);
  for (const i of found) mark(tokens[i], 'data-hit', true);
  for (const { position, group } of nodes) mark(group, 'data-hit', found.has(tokenAt(position)));
  hits = [...found];
  tellHits(hits);
}

/** Picks the next marked token, in the order of the text. */
function pickNextHit() {
  if (hits.length === 0) return;
  const { kind, index } = markOf(state.sel);
  const after = kind === 'n' ? index : -1;
  const next = hitAfter(hits, after);
  if (state.sel !== 'n' + next) pick('n' + next);
  tokens[next].scrollIntoView({ block: 'nearest' });
}
