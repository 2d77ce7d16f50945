// Puts the page together and shows the first picture. For tests and the curious there is one
// handle, window.tailor:
//   draw()            draws the present state at once, also where animation frames never come
//   frames            step numbers of the current map's kept frames
//   setFrame(step)    goes to the moment of that step (between kept frames in a straight line),
//                     drawn at once
//   setMap(m), setColour(name), setCamera({x, y, zoom})
//                     likewise, without the flow; world is [-1, 1]
//   play(), pause()   as the button
//   select(indices), selected(), pin(i)    points are numbered as in the file
//   find(split, index)                     the point of an image, or -1
//   project(i)        [x, y] of a point in CSS pixels from the canvas's top left
//   visible()         points that filters let through and that lie on the canvas
//   state()           {points, map, maps, step, frame, playing, colour, mode, camera, pinned,
//                     hovered, spotted (the key of the legend that stands out, or -1), selected,
//                     shown, ready (the current map can play), images (how many
//                     have arrived), pictures (points are drawn as images), complete (all payloads
//                     are unpacked), fps (of the running animation), firstDraw}
//   arrived(id)       called by the page itself between its payloads

import {arrivals, arrived, findPoint, images, lastOf, maps, points} from './explorer_store.js';
import {Painter} from './explorer_paint.js';
import {canPlay, currentMap, drawAfresh, drawn, drawNow, framesPerSecond, goTo, momentOf,
  project, redraw, scene, shown, stage, stopGlide, stopPlaying,
  togglePlay} from './explorer_scene.js';
import {pin, renderPin, renderSelection, select, showTip, ui} from './explorer_cards.js';
import {buildPage, chooseColour, renderLegend, renderMapState} from './explorer_panels.js';
import {listen} from './explorer_input.js';
import {tellOfScrolling} from './scroll.js';

let firstDraw = 0;  // milliseconds from navigation

// Beyond, a canvas is drawn coarser than the screen: 4K screens stay quick.
const kMostPixels = 6e6;

function fitStage() {
  const {clientWidth: width, clientHeight: height} = ui.stage;
  if (!width || !height) return;
  const ratio = Math.max(1,
      Math.min(devicePixelRatio || 1, Math.sqrt(kMostPixels / (width * height))));
  Object.assign(stage, {width, height, ratio});
  const wide = Math.round(width * ratio), tall = Math.round(height * ratio);
  stage.painter.resize(wide, tall);
  if (ui.overlay.width !== wide || ui.overlay.height !== tall) {
    ui.overlay.width = wide;
    ui.overlay.height = tall;
  }
  drawAfresh();
}

function payloadChanged(kind, number) {
  if (kind === 'end' || kind === 'way' || arrivals.failed) {
    renderMapState();
    redraw(true);
  }
  if (kind === 'near' && number === scene.map) renderPin();
  if (kind === 'page' && (number + 1 === images.pages || number === 0)) {
    renderPin();
    renderSelection();
    showTip(-1);
  }
  redraw();
}

function state() {
  return {
    points: points.count, map: scene.map, maps: maps.map((map) => map.name), step: momentOf().step,
    frame: scene.at, playing: scene.playing, flowing: scene.flow !== null, colour: scene.colour,
    mode: scene.mode, camera: {...scene.camera},
    pinned: scene.pinned, hovered: scene.hovered, spotted: scene.spotted,
    selected: scene.selection.length,
    shown: shown.reduce((sum, one) => sum + one, 0),
    labels: scene.labels, ready: canPlay(), images: images.have,
    pictures: drawn.side > 0, complete: arrivals.complete,
    fps: framesPerSecond(), firstDraw,
  };
}

function atOnce(change) {
  stopGlide();
  scene.playing = false;
  scene.flow = null;
  change();
  drawAfresh();
}

function frameOfStep(step) {
  const {steps} = currentMap();
  const after = steps.findIndex((one) => one >= step);
  if (after < 0) return steps.length - 1;
  if (after === 0) return 0;
  return after - 1 + (step - steps[after - 1]) / (steps[after] - steps[after - 1]);
}

function visible() {
  const found = [];
  for (let i = 0; i < points.count; i++) {
    const [x, y] = project(i);
    if (shown[i] && x >= 0 && y >= 0 && x <= stage.width && y <= stage.height) found.push(i);
  }
  return found;
}

window.tailor = {
  arrived, state, visible, project, pin,
  draw: drawAfresh,
  get frames() { return [...currentMap().steps]; },
  setFrame: (step) => atOnce(() => goTo(frameOfStep(step))),
  setMap: (m) =>
      atOnce(() => { scene.map = m; scene.at = lastOf(maps[m]); renderMapState(); renderPin(); }),
  setColour: (name) => { chooseColour(name); drawNow(); },
  setCamera: (camera) => atOnce(() => Object.assign(scene.camera, camera)),
  play: () => { if (!scene.playing) togglePlay(); },
  pause: stopPlaying,
  select, selected: () => [...scene.selection],
  find: findPoint,
};

buildPage();
stage.painter = new Painter(ui.scatter);
stage.overlay = ui.overlay.getContext('2d');
renderLegend();
listen();
document.addEventListener('DOMContentLoaded', tellOfScrolling);  // most boxes come after this
arrivals.changed = payloadChanged;
fitStage();
firstDraw = performance.now();
new ResizeObserver(fitStage).observe(ui.stage);
