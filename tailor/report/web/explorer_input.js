// Mouse, fingers and keys.

import {byId, findPoint, maps, points} from './explorer_store.js';
import {calm, drawNow, glide, goTo, isSolid, lookAt, panBy, pointAt, pointsWithin, redraw,
  resetView, scene, shown, stage, stopGlide, togglePlay, turnBy, zoomAt} from './explorer_scene.js';
import {pin, select, showTip, ui} from './explorer_cards.js';
import {setMode, showEverything, showMap, toggleLabels} from './explorer_panels.js';

const fingers = new Map();  // pointerId -> [x, y] where it was last
let pressed = null;         // {start, moved, alone}: of the first pointer
let lastTap = {time: 0, x: 0, y: 0};

function placeOn(event) {
  const box = ui.scatter.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

const kSteady = 5;  // CSS pixels a click may wander
const kReach = {mouse: 9, pen: 12, touch: 22};

function pointerDown(event) {
  if (event.button > 0) return;
  const place = placeOn(event);
  ui.scatter.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, place);
  stopGlide();
  if (fingers.size === 1) {
    pressed = {start: place, moved: false, alone: true};
    if (scene.mode !== 'pan') scene.stroke = [place];
  } else {
    pressed.alone = false;  // a pinch, no click and no lasso
    scene.stroke = null;
  }
  showTip(-1);
}

function pointerMove(event) {
  const place = placeOn(event);
  if (!fingers.has(event.pointerId)) {
    if (event.pointerType === 'mouse') showTip(pointAt(...place, kReach.mouse), ...place);
    return;
  }
  const before = fingers.get(event.pointerId);
  if (fingers.size === 2) pinch(event.pointerId, before, place);
  fingers.set(event.pointerId, place);
  if (Math.hypot(place[0] - pressed.start[0], place[1] - pressed.start[1]) > kSteady)
    pressed.moved = true;
  if (fingers.size > 1 || !pressed.moved) return;
  dragTo(before, place, event.shiftKey);
}

function dragTo(before, place, shift) {
  const dx = place[0] - before[0], dy = place[1] - before[1];
  ui.stage.classList.add('dragging');
  if (scene.stroke) extendStroke(place);
  else if (isSolid() && !shift) turnBy(dx, dy);
  else panBy(dx, dy);
}

function extendStroke(place) {
  if (scene.mode === 'box') {
    const [x, y] = pressed.start;
    scene.stroke = [[x, y], [place[0], y], place, [x, place[1]]];
  } else {
    scene.stroke.push(place);
  }
  redraw();
}

function pinch(id, before, place) {
  const other = [...fingers].find(([key]) => key !== id)[1];
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const apart = (a) => Math.max(8, Math.hypot(a[0] - other[0], a[1] - other[1]));
  const from = middle(before, other), to = middle(place, other);
  panBy(to[0] - from[0], to[1] - from[1]);
  zoomAt(apart(place) / apart(before), ...to);
}

function pointerUp(event) {
  if (!fingers.delete(event.pointerId)) return;
  if (fingers.size) return;
  ui.stage.classList.remove('dragging');
  const {stroke} = scene;
  scene.stroke = null;
  redraw();
  if (event.type === 'pointercancel' || !pressed.alone) return;
  if (stroke && pressed.moved) select(pointsWithin(stroke));
  else if (!pressed.moved) clicked(placeOn(event), event.pointerType);
}

function clicked([x, y], kind) {
  const now = performance.now();
  const twice = now - lastTap.time < 350 && Math.hypot(x - lastTap.x, y - lastTap.y) < 20;
  lastTap = {time: twice ? 0 : now, x, y};
  if (twice) {
    glide({...scene.camera}, zoomedGoal(2.2, x, y));
    return;
  }
  drawNow();
  const i = pointAt(x, y, kReach[kind] || kReach.mouse);
  const again = i === scene.pinned;
  pin(again ? -1 : i);
  if (kind !== 'mouse' && !again) showTip(i, x, y);  // a finger cannot hover
}

// The camera after zoomAt, without going there.
function zoomedGoal(factor, x, y) {
  const before = {...scene.camera};
  zoomAt(factor, x, y);
  const goal = {...scene.camera};
  Object.assign(scene.camera, before);
  return goal;
}

function wheel(event) {
  event.preventDefault();
  stopGlide();
  const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
  zoomAt(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * unit))
      * (event.ctrlKey ? 0.01 : 0.0018)), ...placeOn(event));
}

// ---- keys ----

const kStride = 60;  // CSS pixels that Shift and an arrow move

function stepFrames(by) {
  goTo(Math.round(scene.at) + by);
}

function pinMiddle() {
  drawNow();
  pin(pointAt(stage.width / 2, stage.height / 2, Math.hypot(stage.width, stage.height)));
}

function pinNext(by) {
  if (!points.count) return;
  for (let tried = 0, i = scene.pinned; tried < points.count; tried++) {
    i = (i + by + points.count) % points.count;
    if (!shown[i]) continue;
    pin(i);
    lookAt(i);
    return;
  }
}

const wholeView = () => [[0, 0], [stage.width, 0], [stage.width, stage.height], [0, stage.height]];

function letGo() {
  if (scene.stroke) scene.stroke = null;
  else if (scene.pinned >= 0) pin(-1);
  else if (scene.selection.length) select([]);
  else if (scene.mode !== 'pan') setMode('pan');
  showTip(-1);
}

const middleOfStage = () => [stage.width / 2, stage.height / 2];
const keyActions = {
  ' ': togglePlay,
  '+': () => zoomAt(1.5, ...middleOfStage()), '=': () => zoomAt(1.5, ...middleOfStage()),
  '-': () => zoomAt(1 / 1.5, ...middleOfStage()), '_': () => zoomAt(1 / 1.5, ...middleOfStage()),
  '0': resetView,
  ArrowLeft: () => stepFrames(-1), ArrowRight: () => stepFrames(1),
  l: () => setMode('lasso'), b: () => setMode('box'), v: () => setMode('pan'),
  a: () => { drawNow(); select(pointsWithin(wholeView())); },
  m: () => showMap((scene.map + 1) % maps.length),
  n: toggleLabels,
  '[': () => pinNext(-1), ']': () => pinNext(1),
  '/': () => { ui.search.focus(); ui.search.select(); },
  Escape: letGo,
};
const shiftedArrows = {ArrowLeft: [kStride, 0], ArrowRight: [-kStride, 0], ArrowUp: [0, kStride],
    ArrowDown: [0, -kStride]};

function keyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  const onCanvas = target === ui.scatter;
  const steps = target === ui.slider && ['ArrowLeft', 'ArrowRight', ' '].includes(event.key);
  if (target.closest('input, select, textarea') && !steps) {
    if (event.key === 'Escape') target.blur();
    return;
  }
  if (!onCanvas && target.closest('button, a, summary') && [' ', 'Enter'].includes(event.key))
    return;
  let action = keyActions[event.key];
  if (event.shiftKey && shiftedArrows[event.key]) {
    const [dx, dy] = shiftedArrows[event.key];
    action = () => (isSolid() ? turnBy(-dx, -dy) : panBy(dx, dy));
  }
  if (event.key === 'Enter' && onCanvas) action = pinMiddle;
  if (!action) return;
  event.preventDefault();
  action();
}

export function listen() {
  const canvas = ui.scatter;
  canvas.addEventListener('pointerdown', pointerDown);
  canvas.addEventListener('pointermove', pointerMove);
  canvas.addEventListener('pointerup', pointerUp);
  canvas.addEventListener('pointercancel', pointerUp);
  canvas.addEventListener('pointerleave',
      (event) => { if (event.pointerType === 'mouse' && !fingers.size) showTip(-1); });
  canvas.addEventListener('wheel', wheel, {passive: false});
  document.addEventListener('keydown', keyDown);
  // An image of the data-quality part that is also a point.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-index]');
    if (!link) return;
    event.preventDefault();
    const i = findPoint(link.dataset.split, Number(link.dataset.index));
    if (i < 0) return;
    byId('explorer').scrollIntoView({block: 'start', behavior: calm.matches ? 'auto' : 'smooth'});
    if (!shown[i]) showEverything();
    pin(i);
    lookAt(i);
    canvas.focus({preventScroll: true});
  });
}
