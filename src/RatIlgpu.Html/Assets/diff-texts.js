// @ts-check
// The texts: how far the prediction after each token is from that of the other model.

/** @type {HTMLElement[]} */
let strip = [];
/** The text that is shown, as the strip draws it. @type {Prompt} */
let words = { target: 0, tokens: [], shown: {} };

/** @param {number} place in the table of tokens */
const textAt = (place) => tokenText(/** @type {any} */ (data), place);

function showText() {
  if (texts.length === 0 || !isNew('text', state.text)) return;
  const { at, kl } = texts[Number(state.text)];
  words = {
    target: 0, tokens: at.map((place) => data.tokens?.[place] ?? ''),
    shown: Object.fromEntries(at.flatMap((place, i) => (data.shown?.[place] ? [[i, data.shown[place]]] : []))),
  };
  byId('text').value = state.text;
  byId('toks').replaceChildren();
  strip = drawStrip(byId('toks'), words);
  const most = mostOf(texts.flatMap((text) => text.kl));
  strip.forEach((token, i) => {
    const shade = most === 0 ? 0 : Math.round(Math.sqrt(kl[i] / most) * 7);
    mark(token, 'data-h', shade > 0 && shade);
    mark(token, 'data-on', changedAt.has(`${state.text}.${i}`));
  });
  byId('kl-high').textContent = `${short(most)} nats, √`;
}

/** Returns the details of a token. @param {string} at its text and its position @returns {[string, string?][]} */
function tokenDetails(at) {
  const [text, position] = at.split('.').map(Number);
  const changed = changedAt.get(at);
  const { at: places, kl, name } = texts[text];
  /** @type {(place: number, inA: number, inB: number) => string} */
  const chances = (place, inA, inB) => `${isolated(clip(textAt(place), 24))} ${percent(inA)} → ${percent(inB)}`;
  return [
    ['After', `${isolated(clip(textAt(places[position]), 24))} ${position}`], ['Text', name],
    ['KL(A ‖ B)', short(kl[position]) + ' nats'],
    ...(changed ? /** @type {[string, string?][]} */ ([
      ['Probability in A → in B:'], ['A predicts', chances(changed[2], changed[4], changed[5])],
      ['B predicts', chances(changed[3], changed[6], changed[7])],
    ]) : [/** @type {[string]} */ (['Both predict the same token.'])]),
  ];
}

if (texts.length > 0) {
  on(byId('text'), 'change', () => set({ text: byId('text').value, sel: '' }));
  moveInStrip(byId('toks'), () => strip);
}
