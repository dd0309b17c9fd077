// @ts-check
// The page of components: shows the state, and turns the reader's actions into changes of the state.

function render() {
  root.dataset.figure = state.figure;
  drawPickers();
  drawMatrix();
  shadeText();
  showOver();
}

function showOver() {
  heat.outline(...(cellNamed(state.over) ?? cellNamed(state.sel) ?? /** @type {[null, null]} */ ([null, null])));
  showDetails();
}

/**
 * Returns the name of the mark that an element shows: a cell as row and column, or a token (p); empty for none.
 * @param {Element} element
 */
function nameAt(element) {
  const cell = cellOf(element);
  if (cell) return cell.join('.');
  const token = /** @type {HTMLElement | null} */ (element.closest('.t'));
  return token ? 'p' + token.dataset.i : '';
}

/** @param {Element} element */
function describe(element) {
  const name = nameAt(element);
  const cell = cellNamed(name);
  if (cell) {
    const [rows, columns] = sidesNow();
    const number = matrixNow()[cell[0] * columns.labels.length + cell[1]];
    return `${rows.labels[cell[0]]} · ${columns.labels[cell[1]]}: ${Number.isNaN(number) ? 'none' : decimal(number)}`;
  }
  if (!name) return '';
  const position = Number(name.slice(1));
  return named(prompt, position)
    + (keys.includes(position) ? '' : ': not among the keys with the most attention');
}

/** Shows a token as the key, where the figure has keys. @param {number} position */
function pickToken(position) {
  const place = keys.indexOf(position);
  if (place < 0) return;
  if (axisOf('key') >= 0) choose(axisOf('key'), place);
  else if (sidesNow()[1].name === 'key') set({ sel: `0.${place}` });
}

const hits = () => hitsOf(prompt, state.q);

function pickNext() {
  const next = hitAfter(hits(), keys[placesNow()[axisOf('key')]] ?? -1);
  if (next === undefined) return;
  pickToken(next);
  scrollToToken(strip, tokens[next]);
}

/** @param {number} step */
const turn = (step) => go({ figure: ids[(ids.indexOf(state.figure) + step + ids.length) % ids.length], at: '' });

/** @param {number} step */
function next(step) {
  const [axis] = chooserAxes();
  if (axis) choose(0, (placesNow()[0] + step + axis.labels.length) % axis.labels.length);
}

on(byId('figure'), 'change', () => go({ figure: byId('figure').value, at: '' }));
on(byId('pickers'), 'change', ({ target }) => choose(Number(target.dataset.axis), Number(target.value)));
on(strip, 'click', ({ target }) => {
  const token = target.closest('.t');
  if (token) pickToken(Number(token.dataset.i));
});
moveInStrip(strip, () => tokens);

/** Returns all numbers of the figure, with the labels of their places. */
function tableRows() {
  const { axes } = figureNow();
  const numbers = /** @type {Float32Array} */ (decoded.get(state.figure));
  return [
    [...axes.map(({ name }) => name), 'number'],
    ...Array.from(numbers, (number, i) => {
      let rest = i;
      const labels = axes.map(() => '');
      for (let axis = axes.length - 1; axis >= 0; axis--) {
        labels[axis] = axes[axis].labels[rest % axes[axis].labels.length];
        rest = Math.floor(rest / axes[axis].labels.length);
      }
      return [...labels, Number.isNaN(number) ? '' : number];
    }),
  ];
}

const picture = () => heatFile([heat.toSvg()], [[document.title, figureNow().title,
  ...placesNow().map((place, i) => chooserAxes()[i].labels[place])].join(': ')]);

byId('export-json').hidden = !data.hasFile;
offerFiles((kind) => `components${kind === 'json' ? '' : '-' + state.figure}.${kind}`, {
  svg: picture,
  png: () => pixelsOf(picture()),
  json: async () => new Blob([await unpacked(byId('file').textContent)], { type: 'application/json' }),
  csv: () => tableFile(tableRows()),
});

start({
  initial, address, choices, read, render, showOver, nameAt, describe, pickNext,
  find: () => markHits(tokens, hits()),
  keys: {
    'Escape': () => set({ sel: '' }), '[': () => turn(-1), ']': () => turn(1), ',': () => next(-1), '.': () => next(1),
  },
});
