// @ts-check
// Mean maps of a head, and the main directions of its queries, keys, values and outputs.

/** @type {Record<string, string>} */
const mapNames = {
  text: 'Text', random: 'Random tokens', repeats: 'Second copy to first',
};
const vectorNames = ['Queries', 'Keys', 'Values', 'Outputs'];
const kinds = ['begins a word', 'inside a word', 'digits', 'punctuation', 'blank or line end'];

/** The matrices of mean maps, made once. @type {{ map: ReturnType<typeof heatMap>, title: Element, box: any }[]} */
const heatMaps = Array.from({ length: highestOf(data.cards.map(({ maps }) => maps.length), 0) }, () => {
  const [title, container] = [make('h3'), make('div')];
  const box = make('div', { class: 'map' }, title, container);
  byId('maps').append(box);
  return { map: heatMap(container, { label: 'Mean attention, query by key', pick: () => {} }), title, box };
});

function showMaps() {
  const card = shownCard();
  if (!card || !isNew('maps', cardPlace())) return;
  const { maps } = data.cards[cardPlace()];
  heatMaps.forEach(({ map, title, box }, i) => {
    box.hidden = i >= maps.length;
    if (box.hidden) return;
    const most = ofRoot(highestOf(card.maps[i])) || 1;
    title.textContent = `${mapNames[maps[i]] ?? maps[i]}: mean attention to ${short(most)}, √`;
    map.show({
      rows: 64, columns: 64, rowTitle: 'Query', columnTitle: 'Key', rowLabel: String, columnLabel: String,
      cell: { width: [2, 5], height: [2, 5] },
      shade: (row, column) => {
        const value = ofRoot(card.maps[i][row * 64 + column]);
        return value === null ? null : Math.sqrt(value / most);
      },
    });
  });
}

/** Describes a cell of a mean map; empty for none. @param {Element} element */
function describeMap(element) {
  const [cell, card] = [cellOf(element), shownCard()];
  const i = heatMaps.findIndex(({ box }) => box.contains(element));
  if (!cell || !card || i < 0) return '';
  const value = ofRoot(card.maps[i][cell[0] * 64 + cell[1]]);
  return `query ${cell[0]}, key ${cell[1]}: ${value === null ? 'no sequence has it' : '≈ ' + short(value)}`;
}

/** Returns what a token is: the place of its kind. @param {number} point */
function kindOf(point) {
  const text = data.tokens[pointToken(point)];
  if (text.trim() === '') return 4;
  if (/^\s*\p{N}+$/u.test(text)) return 2;
  if (!/[\p{L}\p{N}]/u.test(text)) return 3;
  return /^\s/.test(text) ? 0 : 1;
}

/** @param {number} point the place of its token in the table */
const pointToken = (point) => textTokens[textStarts[pointTexts[point]] + pointPositions[point]];

function showVectors() {
  const card = shownCard();
  if (!card || !isNew('vectors', cardPlace(), state.paint, shadeNow())) return;
  const { vectors } = data.cards[cardPlace()];
  byId('vectors').closest('.part').hidden = vectors.length === 0;
  const colours = rampOf(false).colours;
  const lastPosition = highestOf(pointPositions, 1);
  const colourOf = (/** @type {number} */ point) => (state.paint === 'kind' ? { class: `dot hue-${kindOf(point)}` }
    : { class: 'dot', fill: hexOf(colours[70 + Math.round((pointPositions[point] / lastPosition) * 185)]) });
  byId('vectors').replaceChildren(...vectors.map(([kind, first, second], i) => {
    const points = card.vectors[i];
    const circles = Array.from({ length: data.points }, (_, point) => (points[point * 2] === nothing ? []
      : [makeSvg('circle', {
        cx: 8 + (points[point * 2] / mostCode) * 204, cy: 212 - (points[point * 2 + 1] / mostCode) * 204, r: 3,
        'data-point': point, ...colourOf(point),
      })])).flat();
    return make('figure', {}, make('figcaption', {}, `${vectorNames[kind]} `,
      make('span', { class: 'muted' }, `${percent(first)} across, ${percent(second)} up`)),
    makeSvg('svg', {
      viewBox: '0 0 220 220', role: 'img', 'aria-label': `${vectorNames[kind]} of ${data.points} positions`,
    }, ...circles));
  }));
  byId('vectors-legend').replaceChildren(...(state.paint === 'kind'
    ? kinds.map((name, i) => make('span', {}, make('i', { class: `hue-${i}` }), ' ' + name))
    : [make('span', {}, 'position 0 ', rampStrip(false), ` ${lastPosition}`)]),
  make('span', {}, `${data.points} positions of ${new Set(pointTexts).size} texts`));
}

/** Marks the point in focus in all plots. */
function showPoint() {
  const over = /^v(\d+)$/.exec(state.over);
  for (const circle of byId('vectors').querySelectorAll('[data-over]')) mark(circle, 'data-over', false);
  if (over) for (const circle of byId('vectors').querySelectorAll(`[data-point="${over[1]}"]`)) {
    mark(circle, 'data-over', true);
    circle.parentNode.append(circle);
  }
}

/** @param {number} point */
const describePoint = (point) => `${isolated(clip(textAt(pointToken(point)), 24))} · position `
  + `${pointPositions[point]} of text ${data.texts[pointTexts[point]][0]}`;

onThemeChange(() => showVectors());
