// @ts-check
// Example sequences of a head: what its chosen query attends to.

/** @type {HTMLElement[]} */
let strip = [];
/** The example that is shown, as the strip draws it. @type {Prompt} */
let words = { target: 0, tokens: [], shown: {} };

/** The card that is shown; undefined where there is none, or it is not decoded. */
const shownCard = () => decodedCards.get(cardPlace());

const examplePlace = () => Math.min(Number(state.example), data.cards[cardPlace()].examples.length - 1);

/** Returns the query whose keys are shown: that under the pointer, or the chosen one, or the peak. */
function queryShown() {
  const over = /^t(\d+)$/.exec(state.over);
  if (over) return Number(over[1]);
  const [, , , peak] = data.cards[cardPlace()].examples[examplePlace()];
  return state.token === '' ? peak : Math.min(Number(state.token), words.tokens.length - 1);
}

function showExamples() {
  const { examples } = data.cards[cardPlace()];
  byId('toks').closest('.part').hidden = examples.length === 0;
  if (examples.length === 0) return;
  if (isNew('examples', cardPlace()))
    byId('example').replaceChildren(...examples.map(([decile, text, activity], i) => make('option', { value: i },
      `${decile}: text ${data.texts[text][0]}, activity ${short(activity, 2)}`)));
  byId('example').value = String(examplePlace());
  if (isNew('strip', cardPlace(), state.example)) drawExample(examples[examplePlace()]);
  showKeys();
}

/** @param {[decile: number, text: number, activity: number, peak: number]} example */
function drawExample([, text, , peak]) {
  const at = tokensOf(text);
  words = {
    target: peak, tokens: at.map((place) => data.tokens[place]),
    shown: Object.fromEntries(at.flatMap((place, i) => (data.shown[place] ? [[i, data.shown[place]]] : []))),
  };
  byId('toks').replaceChildren();
  strip = drawStrip(byId('toks'), words);
  if (strip[peak]) scrollToToken(byId('toks'), strip[peak], 0);
}

/** Shades the keys of the chosen query by their attention. */
function showKeys() {
  const card = shownCard();
  if (!card || strip.length === 0 || !strip[queryShown()]) return;
  const query = queryShown();
  const { away, attention } = card.examples[examplePlace()];
  const [, , , peak] = data.cards[cardPlace()].examples[examplePlace()];
  const found = Array.from({ length: 8 }, (_, i) => query * 8 + i).filter((i) => away[i] !== nothing)
    .map((i) => ({ key: query - away[i], value: ofRoot(attention[i]) ?? 0 }));
  const shades = new Map(found.map(({ key, value }) => [key, value]));
  strip.forEach((token, i) => {
    const shade = Math.round(Math.sqrt(shades.get(i) ?? 0) * 7);
    mark(token, 'data-h', shade > 0 && shade);
    mark(token, 'data-over', i === query && state.over !== '');
    mark(token, 'aria-current', i === query && 'true');
    mark(token, 'data-on', i === peak);
  });
  root.dataset.query = String(query);
  byId('example-says').textContent = `query ${named(words, query)}${query === peak ? ', the peak' : ''}`;
  byId('example-keys').replaceChildren(...found.filter(({ value }) => value > 0).map(({ key, value }) =>
    make('span', {}, make('bdi', {}, clip(tokenText(words, key), 20)), ` ${key}: ${percent(value)}`)));
}

on(byId('example'), 'change', () => set({ example: byId('example').value, token: '' }));
moveInStrip(byId('toks'), () => strip);
