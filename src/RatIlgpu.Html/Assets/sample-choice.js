// @ts-check
// The choice of a sample, and of a token of it, on pages whose numbers are means over the samples.

/** Returns the mark of an element: a position of the text, or a place of a plot. @param {Element} element */
function nameAt(element) {
  const shown = /** @type {HTMLElement | null} */ (element.closest('.t, [data-p]'));
  return shown ? shown.dataset.i ?? shown.dataset.p ?? '' : '';
}

/** @param {number} to */
const chooseSample = (to) => data.samples[to - 1] && set({ sample: to, sel: '', over: '' });

/** @param {URLSearchParams} from */
function read(from) {
  const number = Number(from.get('s') ?? 1);
  state.sample = data.samples[number - 1] ? number : 1;
  const sel = from.get('n') ?? '';
  if (/^\d+$/.test(sel) && Number(sel) < data.samples[state.sample - 1].at.length) state.sel = sel;
}

function pickNext() {
  if (hits.length > 0) set({ over: '', sel: String(state.sel === '' ? hits[0] : hitAfter(hits, Number(state.sel))) });
}

const sampleKeys = {
  'Escape': () => set({ sel: '' }),
  '}': () => chooseSample(state.sample + 1),
  '{': () => chooseSample(state.sample - 1),
};

on(document, 'click', ({ target }) => {
  const name = target.closest('.t')?.dataset.i ?? '';
  if (positionOf(name) >= 0) set({ sel: state.sel === name ? '' : name });
});
on(byId('sample'), 'change', () => chooseSample(Number(byId('sample').value)));
