// @ts-check
// Zoom and pan. The diagram is drawn larger or smaller inside an area that scrolls, so that bars, touch and keyboard
// scroll it as they scroll anything else.

/** @type {HTMLElement} */
const canvas = byId('canvas');

const fitScale = () => Math.min(canvas.clientWidth / layout().width, canvas.clientHeight / layout().height);
const scale = () => state.k || within(fitScale(), comfortable);

function showZoom() {
  const k = scale();
  flow.setAttribute('width', Math.floor(layout().width * k));
  flow.setAttribute('height', Math.floor(layout().height * k));
  flow.dataset.k = k.toFixed(3);
  shownWidth = canvas.clientWidth;
}

/** Scrolls to where the state says, or to the target, where reading begins. */
function showPlace() {
  canvas.scrollLeft = state.k > 0 ? state.x : canvas.scrollWidth;
  canvas.scrollTop = state.k > 0 ? state.y : (canvas.scrollHeight - canvas.clientHeight) / 2;
}

let shownWidth = 0;

/** Follows the window, unless the reader has zoomed; a phone changes its height at every scroll. */
function showResized() {
  if (state.k > 0 || canvas.clientWidth === shownWidth) return;
  showZoom();
  showPlace();
}

const keepPlace = () => Object.assign(state, { k: scale(), x: canvas.scrollLeft, y: canvas.scrollTop });

/**
 * Zooms; the point of the drawing under the given point of the window stays there.
 * @param {number} factor
 * @param {number} clientX
 * @param {number} clientY
 */
function zoomAt(factor, clientX, clientY) {
  const before = scale();
  const start = flow.getBoundingClientRect();
  const x = (clientX - start.left) / before;
  const y = (clientY - start.top) / before;
  state.k = within(before * factor, zoomLimits);
  showZoom();
  const end = flow.getBoundingClientRect();
  canvas.scrollLeft += end.left + x * state.k - clientX;
  canvas.scrollTop += end.top + y * state.k - clientY;
  keepPlace();
  writeAddress();
}

/** @param {number} factor */
function zoomBy(factor) {
  const area = canvas.getBoundingClientRect();
  zoomAt(factor, area.left + area.width / 2, area.top + area.height / 2);
}

function fit() {
  state.k = within(Math.min(fitScale(), 2), zoomLimits);
  showZoom();
  keepPlace();
  writeAddress();
}

canvas.addEventListener('wheel', (event) => {
  // Otherwise the wheel scrolls the page, as everywhere.
  if (!event.ctrlKey && !event.metaKey && !canvas.contains(document.activeElement)) return;
  event.preventDefault();
  zoomAt(Math.exp(-event.deltaY * 0.0015), event.clientX, event.clientY);
}, { passive: false });

/** @type {{ x: number, y: number, left: number, top: number } | null} */
let grip = null;
let dragged = false;

canvas.addEventListener('pointerdown', (event) => {
  dragged = false;
  // A finger scrolls without help.
  if (event.pointerType !== 'mouse' || event.button !== 0) return;
  grip = { x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop };
});
canvas.addEventListener('pointermove', (event) => {
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
  canvas.addEventListener(end, () => {
    grip = null;
    if (!dragged) return;
    mark(canvas, 'data-drag', false);
    keepPlace();
    writeAddress();
  });

/** How far two fingers are apart; 0 before they have moved. */
let spread = 0;
canvas.addEventListener('touchstart', () => {
  spread = 0;
}, { passive: true });
canvas.addEventListener('touchmove', (event) => {
  const [one, other] = event.touches;
  if (!other) return;
  if (event.cancelable) event.preventDefault();
  const [right, down] = [other.clientX - one.clientX, other.clientY - one.clientY];
  const apart = Math.hypot(right, down);
  if (spread > 0) zoomAt(apart / spread, one.clientX + right / 2, one.clientY + down / 2);
  spread = apart;
}, { passive: false });

// Also after a finger, a wheel or the keyboard.
canvas.addEventListener('scrollend', () => {
  if (state.k === 0) return;
  keepPlace();
  writeAddress();
});

byId('zoom-in').addEventListener('click', () => zoomBy(1.3));
byId('zoom-out').addEventListener('click', () => zoomBy(1 / 1.3));
byId('zoom-fit').addEventListener('click', fit);

