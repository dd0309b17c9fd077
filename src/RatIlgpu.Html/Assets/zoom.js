// @ts-check
// Zoom and pan, of one diagram or of several to one scale. A diagram is drawn larger or smaller inside an area that
// scrolls, so that bars, touch and keyboard scroll it as they scroll anything else.

/** @typedef {{ canvas: HTMLElement, flow: any, layout: () => Layout }} View */

// Below the first the labels cannot be read, above the second a small diagram looks coarse.
const comfortable = { least: 0.85, most: 1.3 };
const zoomLimits = { least: 0.25, most: 8 };
const zoomStep = 1.3;

/**
 * @param {number} value
 * @param {{ least: number, most: number }} limits
 */
const within = (value, limits) => Math.min(limits.most, Math.max(limits.least, value));

/**
 * Zooms diagrams. `state.k` is the scale, 0 until the reader zooms; `state.at` is how far each is scrolled then.
 * @param {View[]} views
 * @param {(view: View) => number} fitOf the scale at which a diagram is seen whole
 */
function makeZoom(views, fitOf) {
  let [dragged, shownWidth] = [false, 0];
  const fitScale = () => Math.min(...views.map(fitOf));
  const scale = () => state.k || within(fitScale(), comfortable);

  function show() {
    const k = scale();
    for (const { flow, layout } of views) {
      flow.setAttribute('width', Math.floor(layout().width * k));
      flow.setAttribute('height', Math.floor(layout().height * k));
      flow.dataset.k = k.toFixed(3);
    }
    shownWidth = views[0].canvas.clientWidth;
  }

  /** Scrolls to where the state says, or to the targets, where reading begins. */
  function showPlace() {
    views.forEach(({ canvas }, i) => {
      canvas.scrollLeft = state.k > 0 ? state.at[2 * i] : canvas.scrollWidth;
      canvas.scrollTop = state.k > 0 ? state.at[2 * i + 1] : (canvas.scrollHeight - canvas.clientHeight) / 2;
    });
  }

  /** @param {URLSearchParams} address whose scale and places are ignored where they cannot be */
  function read(address) {
    const [k, ...at] = (address.get('z') ?? '').split(',').map(Number);
    const known = k === within(k, zoomLimits) && at.length === 2 * views.length && at.every((x) => x >= 0);
    Object.assign(state, known ? { k, at } : { k: 0, at: [] });
  }

  /** @param {URLSearchParams} address */
  function write(address) {
    if (state.k > 0) address.set('z', [state.k.toFixed(3), ...state.at.map(Math.round)].join(','));
  }

  function keepPlace() {
    Object.assign(state, { k: scale(), at: views.flatMap(({ canvas }) => [canvas.scrollLeft, canvas.scrollTop]) });
    writeAddress();
  }

  /**
   * Zooms; the point of a drawing under the given point of the window stays there, of the others that in the middle.
   * @param {number} factor
   * @param {View} [pointed]
   * @param {{ clientX: number, clientY: number }} [point]
   */
  function zoomBy(factor, pointed, point) {
    const before = scale();
    const fixed = views.map((view) => {
      const area = view.canvas.getBoundingClientRect();
      const start = view.flow.getBoundingClientRect();
      const [x, y] = view === pointed && point
        ? [point.clientX, point.clientY] : [area.left + area.width / 2, area.top + area.height / 2];
      return { x, y, right: (x - start.left) / before, down: (y - start.top) / before };
    });
    state.k = within(before * factor, zoomLimits);
    show();
    views.forEach(({ canvas, flow }, i) => {
      const end = flow.getBoundingClientRect();
      canvas.scrollLeft += end.left + fixed[i].right * state.k - fixed[i].x;
      canvas.scrollTop += end.top + fixed[i].down * state.k - fixed[i].y;
    });
    keepPlace();
  }

  function fit() {
    state.k = within(Math.min(fitScale(), 2), zoomLimits);
    show();
    keepPlace();
  }

  /** @param {View} view */
  function followWheel(view) {
    on(view.canvas, 'wheel', (event) => {
      // Otherwise the wheel scrolls the page, as everywhere.
      if (!event.ctrlKey && !event.metaKey && !view.canvas.contains(document.activeElement)) return;
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY * 0.0015), view, event);
    }, { passive: false });
  }

  /** @param {View} view */
  function followPointer({ canvas }) {
    /** @type {{ x: number, y: number, left: number, top: number } | null} */
    let grip = null;
    on(canvas, 'pointerdown', (event) => {
      dragged = false;
      // A finger scrolls without help.
      if (event.pointerType !== 'mouse' || event.button !== 0) return;
      grip = { x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop };
    });
    on(canvas, 'pointermove', (event) => {
      if (!grip) return;
      const [right, down] = [event.clientX - grip.x, event.clientY - grip.y];
      if (!dragged && Math.hypot(right, down) > 3) {
        dragged = true;
        canvas.setPointerCapture(event.pointerId);
        mark(canvas, 'data-drag', true);
      }
      if (dragged) canvas.scrollTo(grip.left - right, grip.top - down);
    });
    for (const end of ['pointerup', 'pointercancel'])
      on(canvas, end, () => {
        if (grip && dragged) {
          mark(canvas, 'data-drag', false);
          keepPlace();
        }
        grip = null;
      });
  }

  /** @param {View} view */
  function followFingers(view) {
    /** How far two fingers are apart; 0 before they have moved. */
    let spread = 0;
    on(view.canvas, 'touchstart', () => {
      spread = 0;
    });
    on(view.canvas, 'touchmove', (event) => {
      const [one, other] = event.touches;
      if (!other) return;
      if (event.cancelable) event.preventDefault();
      const [right, down] = [other.clientX - one.clientX, other.clientY - one.clientY];
      const apart = Math.hypot(right, down);
      const middle = { clientX: one.clientX + right / 2, clientY: one.clientY + down / 2 };
      if (spread > 0) zoomBy(apart / spread, view, middle);
      spread = apart;
    }, { passive: false });
    // Also after a finger, a wheel or the keyboard.
    on(view.canvas, 'scrollend', () => {
      if (state.k > 0) keepPlace();
    });
  }

  for (const view of views) {
    followWheel(view);
    followPointer(view);
    followFingers(view);
  }
  addEventListener('resize', () => {
    // Unless the reader has zoomed; a phone changes its height at every scroll.
    if (state.k > 0 || views[0].canvas.clientWidth === shownWidth) return;
    show();
    showPlace();
  });
  const [closer, farther] = [() => zoomBy(zoomStep), () => zoomBy(1 / zoomStep)];
  onClick('zoom-in', closer);
  onClick('zoom-out', farther);
  onClick('zoom-fit', fit);

  /**
   * Whether a click ends a drag, and so picks nothing; one made by a key has no count and ends none.
   * @param {MouseEvent} event
   */
  const endsDrag = (event) => dragged && event.detail > 0;
  return { show, showPlace, read, write, endsDrag, keys: { '0': fit, '+': closer, '=': closer, '-': farther } };
}
