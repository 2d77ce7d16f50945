// What is looked at and how: the map and its moment, the camera, colours, filters, the selection;
// where every point is on the screen; and the drawing of it all.

import {isDark} from './theme.js';
import {hasBothSplits, hasImage, images, isRight, lastOf, maps, meta, neighboursOf,
  points} from './explorer_store.js';
import {kShades, kShapes, mixed, packed} from './explorer_paint.js';

export const scene = {
  map: 0,
  at: lastOf(maps[0]),  // position among the kept frames, fractions between two
  playing: false,
  flow: null,           // {from, start, length, then}: points on their way from where they were
  camera: {x: 0, y: 0, zoom: 1},
  yaw: 0, pitch: 0,
  colour: 'class',
  labels: true,
  mode: 'pan',          // pan, lasso, box
  selected: new Uint8Array(points.count),
  selection: [],        // the same as a list
  pinned: -1,
  hovered: -1,
  stroke: null,         // the lasso or box that is being drawn, in CSS pixels
  spotted: -1,          // the key under the pointer in the legend: it alone is not dimmed
};
export const calm = matchMedia('(prefers-reduced-motion: reduce)');
const kZoomMost = 400;

// Current places of the points in [-1, 1], and on the screen in device pixels.
const world = [0, 1, 2].map(() => new Float32Array(points.count));
const onScreen = {x: new Float32Array(points.count), y: new Float32Array(points.count),
    shade: new Uint8Array(points.count)};
// Drawn in an order of chance (the same every time), so that no class hides another.
const drawOrder = shuffled(points.count);
let depthOrder = drawOrder;

function shuffled(count) {
  const order = Uint32Array.from({length: count}, (_, i) => i);
  let seed = 1;
  for (let i = count - 1; i > 0; i--) {
    seed = Math.imul(seed, 1664525) + 1013904223 >>> 0;
    const j = Math.floor(seed / 4294967296 * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

export const currentMap = () => maps[scene.map];
export const isSolid = () => currentMap().dimensions === 3;

// ---- colours: what a point is called in each way of colouring, and how it looks ----

// Paper and ink are --page and --ink of theme.css.
const themes = {
  light: {paper: [252, 251, 249], ink: [29, 33, 41], lift: 0, blue: [47, 102, 171],
      orange: [214, 92, 18]},
  dark: {paper: [20, 22, 26], ink: [228, 231, 236], lift: 0.22, blue: [110, 165, 240],
      orange: [240, 150, 80]},
};
// Dark to bright in even steps of lightness.
const kRamp = [[23, 34, 109], [1, 61, 118], [4, 83, 120], [7, 104, 127], [0, 126, 135],
  [4, 148, 139], [9, 171, 136], [89, 188, 127], [141, 203, 120], [189, 216, 116]];
export const theme = () => themes[isDark() ? 'dark' : 'light'];

const classColours = () => meta.classes.map((_, label) =>
  mixed(meta.palette[label % meta.palette.length], [255, 255, 255], theme().lift));
const classShape = (label) => Math.floor(label / meta.palette.length) % kShapes;
// The unsure ones stand out from either page.
const bands = () => (isDark()
    ? [...kRamp].reverse().map((colour) => mixed(colour, [255, 255, 255], 0.15)) : kRamp);

export const colourings = {
  class: {
    title: 'class', names: meta.classes, keys: points.label, colours: classColours,
    shape: classShape,
  },
};
if (meta.model) {
  colourings.prediction = {title: 'prediction', names: meta.classes, keys: points.predicted,
      colours: classColours, shape: classShape};
  colourings.verdict = {
    title: 'right or wrong', names: ['right', 'wrong'],
    keys: Uint8Array.from(points.label, (_, i) => (isRight(i) ? 0 : 1)),
    colours: () => [mixed(theme().blue, theme().paper, 0.45), theme().orange],
    shape: (key) => (key ? 2 : 0), over: 1,
  };
}
if (meta.model && meta.confidence) {
  colourings.confidence = {
    title: 'confidence', names: bands().map((_, k) => `${k * 10} to ${k * 10 + 10} %`),
    keys: Uint8Array.from(points.confidence, (value) => Math.min(9, Math.floor(value / 6553.6))),
    colours: () => bands(), shape: () => 0,
  };
}
if (hasBothSplits) {
  colourings.split = {
    title: 'train or test', names: ['train', 'test'], keys: points.inTest,
    colours: () => [mixed(theme().blue, theme().paper, 0.3), theme().orange],
    shape: (key) => (key ? 2 : 0),
  };
}
for (const colouring of Object.values(colourings)) {
  colouring.counts = new Uint32Array(colouring.names.length);
  for (const key of colouring.keys) colouring.counts[key]++;
  colouring.hidden = new Set();
}

// Shown = no legend of any colouring has switched it off.
export const shown = new Uint8Array(points.count).fill(1);
export function applyFilters() {
  shown.fill(1);
  for (const {hidden, keys} of Object.values(colourings)) {
    if (!hidden.size) continue;
    for (let i = 0; i < points.count; i++) if (hidden.has(keys[i])) shown[i] = 0;
  }
}

// Three tables of colours (dimmed, plain, plain as ink of images), each key in kShades of depth.
let tints = null;
function mixTints() {
  const {paper, ink} = theme();
  const tones = [
    (colour) => mixed(colour, paper, 0.82),
    (colour) => colour,
    (colour) => mixed(colour, ink, isDark() ? 0.3 : 0.25),
  ];
  const colours = colourings[scene.colour].colours();
  tints = tones.map((tone) => Uint32Array.from({length: colours.length * kShades}, (_, k) => {
    const depth = 1 - (k % kShades) / (kShades - 1);
    return packed(...mixed(tone(colours[Math.floor(k / kShades)]), paper, depth * 0.75));
  }));
}

export function coloursChanged() {
  tints = null;
  redraw();
}

// ---- places ----

// Where the points of a moment are: between two kept frames each goes straight.
function placeMoment() {
  const map = currentMap(), columns = map.dimensions;
  const before = Math.min(Math.floor(scene.at), lastOf(map));
  const a = map.frames[before] || map.frames[lastOf(map)];
  const b = map.frames[Math.min(before + 1, lastOf(map))] || a;
  const share = scene.at - before;
  for (let d = 0; d < 3; d++) {
    const to = world[d];
    if (d >= columns) { to.fill(0); continue; }
    for (let i = 0, k = d; i < points.count; i++, k += columns)
      to[i] = (a[k] + (b[k] - a[k]) * share) / 32767;
  }
  if (scene.flow) mixFlow();
}

const eased = (t) => (t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2);

function mixFlow() {
  const share = 1 - eased(scene.flow.share);
  for (let d = 0; d < 3; d++) {
    const from = scene.flow.from[d], to = world[d];
    for (let i = 0; i < points.count; i++) to[i] += (from[i] - to[i]) * share;
  }
}

// From where the points are now to where `change` puts them.
function flowTo(change, then) {
  const from = world.map((column) => column.slice());
  const turn = {yaw: scene.yaw, pitch: scene.pitch};
  change();
  const goal = isSolid() ? {yaw: scene.yaw || 0.6, pitch: scene.pitch || 0.35} : {yaw: 0, pitch: 0};
  if (calm.matches) {
    Object.assign(scene, goal);
    scene.flow = null;
    if (then) then();
  } else {
    scene.flow = {from, turn, goal, start: performance.now(), length: 1100, share: 0, then};
  }
  redraw(true);
}

function advanceFlow(now) {
  const flow = scene.flow;
  flow.share = Math.min(1, (now - flow.start) / flow.length);
  const share = eased(flow.share);
  for (const angle of ['yaw', 'pitch'])
    scene[angle] = flow.turn[angle] + (flow.goal[angle] - flow.turn[angle]) * share;
  if (flow.share < 1) return;
  scene.flow = null;
  if (flow.then) flow.then();
}

export const stage = {width: 0, height: 0, ratio: 1, painter: null, overlay: null};
// CSS pixels of one unit of the world.
export const baseScale = () => 0.46 * Math.min(stage.width, stage.height);

function projectAll() {
  const {camera} = scene, scale = baseScale() * camera.zoom * stage.ratio;
  const middleX = stage.width * stage.ratio / 2, middleY = stage.height * stage.ratio / 2;
  const [wx, wy, wz] = world;
  const {x, y, shade} = onScreen;
  if (!isSolid() && !scene.flow) {
    for (let i = 0; i < points.count; i++) {
      x[i] = middleX + (wx[i] - camera.x) * scale;
      y[i] = middleY - (wy[i] - camera.y) * scale;
    }
    shade.fill(kShades - 1);
    depthOrder = drawOrder;
    return;
  }
  const cosY = Math.cos(scene.yaw), sinY = Math.sin(scene.yaw), cosP = Math.cos(scene.pitch),
      sinP = Math.sin(scene.pitch);
  for (let i = 0; i < points.count; i++) {
    const across = wx[i] * cosY + wz[i] * sinY, deep = wz[i] * cosY - wx[i] * sinY;
    const up = wy[i] * cosP - deep * sinP, near = deep * cosP + wy[i] * sinP;
    x[i] = middleX + (across - camera.x) * scale;
    y[i] = middleY - (up - camera.y) * scale;
    shade[i] = isSolid()
        ? Math.max(0, Math.min(kShades - 1, Math.floor((near + 0.9) / 1.8 * kShades)))
        : kShades - 1;
  }
  depthOrder = byDepth(shade);
}

// Far ones first, by counting; within a shade the order of chance.
function byDepth(shade) {
  const starts = new Uint32Array(kShades + 1), order = new Uint32Array(points.count);
  for (const level of shade) starts[level + 1]++;
  for (let k = 0; k < kShades; k++) starts[k + 1] += starts[k];
  for (const i of drawOrder) order[starts[shade[i]]++] = i;
  return order;
}

// ---- sizes ----

// The distance of neighbours in the world: the root of the area that points cover over their
// number.
function spacing(map) {
  if (map.spacing) return map.spacing;
  const cells = 64, covered = new Set(), end = map.frames[lastOf(map)];
  for (let i = 0; i < end.length; i += map.dimensions) {
    covered.add((end[i] + 32768 >> 10) * cells + (end[i + 1] + 32768 >> 10));
  }
  map.spacing = Math.sqrt(covered.size * (2 / cells) ** 2 / Math.max(1, points.count));
  return map.spacing;
}

// CSS pixels: where points become images, and their largest size.
const kPictureLeast = 13;
const kPictureMost = 112;

// Radius of the points and side of the images, CSS pixels; side 0 = points.
function sizes() {
  const gap = spacing(currentMap()) * baseScale() * scene.camera.zoom;
  const radius = Math.max(1.15, Math.min(5.5, 0.3 * gap * scene.camera.zoom ** -0.25 + 0.55));
  const side = Math.min(kPictureMost, gap);
  return {radius, side: images.have && !isSolid() && side >= kPictureLeast ? side : 0};
}

// ---- drawing ----

let dirty = true;     // something to draw
let moved = true;     // and points elsewhere than before
let ticking = false;  // a frame is asked for
export const drawn = {radius: 0, side: 0};  // sizes() of the last picture

export function redraw(placesChanged) {
  dirty = true;
  moved = moved || placesChanged === true;
  if (!ticking) {
    ticking = true;
    requestAnimationFrame(tick);
  }
}

const kWholeWay = 7;  // seconds from the first frame to the last

const pace = {last: 0, times: []};
function tick(now) {
  ticking = false;
  if (scene.playing && !scene.flow) {
    const span = lastOf(currentMap());
    scene.at = Math.min(span,
        scene.at + Math.min(0.1, (now - pace.last) / 1000) * span / kWholeWay);
    if (scene.at >= span) stopPlaying();
  }
  if (scene.flow) advanceFlow(now);
  const going = scene.playing || scene.flow !== null;
  pace.last = now;
  if (going) moved = dirty = true;
  if (dirty) drawNow();
  if (going) {
    pace.times.push(now);
    if (pace.times.length > 60) pace.times.shift();
    redraw(true);
  } else {
    pace.times.length = 0;
  }
}

export function framesPerSecond() {
  const {times} = pace;
  return times.length < 2 ? 0 : 1000 * (times.length - 1) / (times[times.length - 1] - times[0]);
}

export const afterDraw = [];  // what follows the picture: what lies over it, the slider, the step

// Draws the present state at once.
export function drawNow() {
  if (!stage.painter || !stage.width) return;
  dirty = false;
  if (moved) placeMoment();
  moved = false;
  projectAll();
  if (!tints) mixTints();
  paintPoints();
  for (const follow of afterDraw) follow();
}

// Likewise, with every point put in its place first.
export function drawAfresh() {
  moved = true;
  drawNow();
}

function paintPoints() {
  const {painter, ratio} = stage;
  const {keys, shape, names, over} = colourings[scene.colour];
  const shapes = names.map((_, key) => shape(key));
  const choosing = scene.selection.length > 0 || scene.spotted >= 0;
  const isDim = (i) => (scene.spotted >= 0 ? keys[i] !== scene.spotted
      : choosing && !scene.selected[i]);
  Object.assign(drawn, sizes());
  painter.prepare(drawn.radius * ratio);
  painter.clear(packed(...theme().paper));
  const paint = (i) =>
      paintOne(i, shapes[keys[i]], keys[i] * kShades + onScreen.shade[i], isDim(i));
  // Dimmed ones below, then the rest, then those a colouring wants above (the few wrong ones).
  const plain = choosing ? 1 : 0, passes = plain + (over === undefined ? 1 : 2);
  for (let pass = 0; pass < passes; pass++) {
    for (const i of depthOrder) {
      if (!shown[i]) continue;
      const level = isDim(i) ? 0
          : over !== undefined && keys[i] === over ? plain + 1 : plain;
      if (level === pass) paint(i);
    }
  }
  // What is pinned lies on top.
  if (scene.pinned >= 0)
    [...neighboursOf(currentMap(), scene.pinned).reverse(), scene.pinned].forEach(paint);
  painter.show();
}

function paintOne(i, shape, tint, dim) {
  const {painter, ratio} = stage, x = onScreen.x[i], y = onScreen.y[i], side = drawn.side * ratio;
  if (!side || !hasImage(i)) {
    painter.point(x, y, shape, tints[dim ? 0 : 1][tint]);
  } else if (x > -side && y > -side && x < painter.width + side && y < painter.height + side) {
    painter.picture(i, x, y, Math.round(side), tints[dim ? 0 : 2][tint], packed(...theme().paper),
        dim);
  }
}

// ---- finding ----

export const project = (i) => [onScreen.x[i] / stage.ratio, onScreen.y[i] / stage.ratio];

// The shown point nearest to a place on the canvas, within reach of it; or -1.
export function pointAt(x, y, reach) {
  const px = x * stage.ratio, py = y * stage.ratio;
  const within = Math.max(reach, drawn.side / 2) * stage.ratio;
  let best = -1, nearest = within * within;
  for (let i = 0; i < points.count; i++) {
    if (!shown[i]) continue;
    const dx = onScreen.x[i] - px, dy = onScreen.y[i] - py, distance = dx * dx + dy * dy;
    if (distance <= nearest) { nearest = distance; best = i; }
  }
  return best;
}

// Crossings of a ray to the right: odd = inside.
function insideOf(outline, x, y) {
  let inside = false;
  for (let a = 0, b = outline.length - 1; a < outline.length; b = a++) {
    const [ax, ay] = outline[a], [bx, by] = outline[b];
    if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export function pointsWithin(outline) {
  const found = [];
  for (let i = 0; i < points.count; i++) {
    if (shown[i] && insideOf(outline, ...project(i))) found.push(i);
  }
  return found;
}

// The middle of every class at a kept frame: medians, by counting in 512 steps.
export function mediansOf(map, frame) {
  if (map.medians[frame]) return map.medians[frame];
  const columns = map.dimensions, steps = 512;
  const coordinates = map.frames[frame] || map.frames[lastOf(map)];
  const half = colourings.class.counts;
  const middles = meta.classes.map(() => [0, 0, 0]);
  for (let d = 0; d < columns; d++) {
    const histogram = new Uint32Array(meta.classes.length * steps);
    for (let i = 0; i < points.count; i++) {
      histogram[points.label[i] * steps + (coordinates[i * columns + d] + 32768 >> 7)]++;
    }
    middles.forEach((middle, label) => {
      let seen = 0, k = 0;
      while (k < steps - 1 && (seen += histogram[label * steps + k]) * 2 < half[label]) k++;
      middle[d] = ((k + 0.5) * 128 - 32768) / 32767;
    });
  }
  if (map.frames[frame]) map.medians[frame] = middles;
  return middles;
}

// ---- the camera ----

export function zoomAt(factor, x, y) {
  const {camera} = scene, before = baseScale() * camera.zoom;
  camera.zoom = Math.max(0.5, Math.min(kZoomMost, camera.zoom * factor));
  const after = baseScale() * camera.zoom;
  const dx = x - stage.width / 2, dy = y - stage.height / 2;
  camera.x += dx / before - dx / after;
  camera.y -= dy / before - dy / after;
  redraw();
}

export function panBy(dx, dy) {
  const scale = baseScale() * scene.camera.zoom;
  scene.camera.x -= dx / scale;
  scene.camera.y += dy / scale;
  redraw();
}

export function turnBy(dx, dy) {
  scene.yaw += dx * 0.008;
  scene.pitch = Math.max(-1.55, Math.min(1.55, scene.pitch + dy * 0.008));
  redraw();
}

export function resetView() {
  Object.assign(scene.camera, {x: 0, y: 0, zoom: 1});
  redraw();
}

// Puts a point in the middle, near enough to see it among its own.
export function lookAt(i) {
  const {camera} = scene;
  if (isSolid()) return redraw();
  placeMoment();
  const goal = {x: world[0][i], y: world[1][i],
      zoom: Math.max(camera.zoom, Math.min(kZoomMost, 30 / (spacing(currentMap()) * baseScale())))};
  glide({...camera}, goal);
}

// The camera's own way: the logarithm of the zoom is even, so the eye can follow.
export function glide(from, to) {
  if (calm.matches) {
    Object.assign(scene.camera, to);
    return redraw();
  }
  const start = performance.now();
  const token = glide.token = {};
  const step = (now) => {
    if (glide.token !== token) return;
    const share = eased(Math.min(1, Math.max(0, now - start) / 600));
    scene.camera.zoom = from.zoom * (to.zoom / from.zoom) ** share;
    scene.camera.x = from.x + (to.x - from.x) * share;
    scene.camera.y = from.y + (to.y - from.y) * share;
    redraw();
    if (share < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
export const stopGlide = () => { glide.token = null; };

// ---- time ----

export const canPlay = () => currentMap().ready && lastOf(currentMap()) > 0;

export function stopPlaying() {
  scene.playing = false;
  redraw();
}

export function togglePlay() {
  if (scene.playing || scene.flow) return goTo(scene.at);
  if (!canPlay()) return undefined;
  const go = () => { scene.playing = true; pace.last = performance.now(); redraw(true); };
  if (scene.at < lastOf(currentMap())) return go();
  return flowTo(() => { scene.at = 0; }, go);
}

export function goTo(at) {
  scene.playing = false;
  scene.flow = null;
  scene.at = Math.max(0, Math.min(lastOf(currentMap()), at));
  redraw(true);
}

// The step between kept frames, and the divergence there.
export function momentOf() {
  const {steps, kl} = currentMap();
  const a = Math.floor(scene.at), b = Math.min(a + 1, steps.length - 1), share = scene.at - a;
  return {step: Math.round(steps[a] + (steps[b] - steps[a]) * share),
      kl: kl[a] + (kl[b] - kl[a]) * share};
}

export function chooseMap(m) {
  if (m === scene.map || !maps[m]) return;
  scene.playing = false;
  flowTo(() => {
    scene.map = m;
    scene.at = lastOf(maps[m]);
  });
}
