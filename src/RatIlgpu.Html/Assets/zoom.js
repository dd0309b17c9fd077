// @ts-check
// Zooms and scrolls diagrams that share one scale. A diagram grows or shrinks inside an area that scrolls, so scroll
// bars, fingers and keys scroll it as usual.

/** @typedef {{ canvas: HTMLElement, flow: any, layout: () => Layout }} View whose last bar is the target */

// Below the least scale the smallest labels, of 11 pixels, cannot be read: a wide diagram scrolls instead. Above the
// most a small diagram looks coarse.
const comfortable = { least: 1, most: 1.3 };
const fitLimits = { least: 1, most: 2 };
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
  const fitScale = () => views.reduce((least, view) => Math.min(least, fitOf(view)), Infinity);
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

  /** Scrolls to the places of the state, or else to where a page of its kind opens. */
  function showPlace() {
    views.forEach((view, i) => {
      if (state.k > 0) view.canvas.scrollTo(state.at[2 * i], state.at[2 * i + 1]);
      else showStart(view);
    });
  }

  /** Reads the scale and the places; wrong ones are ignored. @param {URLSearchParams} address */
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
   * Zooms. The pointed diagram keeps its point under the given point of the window, the others keep their middle.
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
    state.k = within(fitScale(), fitLimits);
    show();
    views.forEach(showStart);
    keepPlace();
  }

  /** @param {View} view */
  function followWheel(view) {
    on(view.canvas, 'wheel', (event) => {
      // Otherwise the wheel scrolls the page as usual.
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
      // The browser scrolls for fingers.
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
    /** The distance of two fingers; 0 before they have moved. */
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
    // Fingers, the wheel and the keyboard scroll without telling the other handlers.
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
    // A phone changes the height of its window while it scrolls. A scale that the reader chose stays.
    if (state.k > 0 || views[0].canvas.clientWidth === shownWidth) return;
    show();
    showPlace();
  });
  const [closer, farther] = [() => zoomBy(zoomStep), () => zoomBy(1 / zoomStep)];
  onClick('zoom-in', closer);
  onClick('zoom-out', farther);
  onClick('zoom-fit', fit);

  /**
   * Tells whether a click ends a drag and must not pick. A click made by a key has the detail 0 and ends no drag.
   * @param {MouseEvent} event
   */
  const endsDrag = (event) => dragged && event.detail > 0;
  return { show, showPlace, read, write, endsDrag, keys: { '0': fit, '+': closer, '=': closer, '-': farther } };
}
