// What lies over the points: names at the middles of classes, the pinned point with lines to its
// neighbours, the lasso. Few things, so the canvas's own drawing does.

import {className, hasImage, lastOf, meta, neighboursOf} from './explorer_store.js';
import {afterDraw, baseScale, colourings, currentMap, drawn, isSolid, mediansOf, project, scene,
  stage, theme} from './explorer_scene.js';

const kFont = '600 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
export const cssColour = (colour, alpha = 1) => `rgb(${colour.join(' ')} / ${alpha})`;

function drawOverlay() {
  const {overlay, ratio, width, height} = stage;
  overlay.setTransform(ratio, 0, 0, ratio, 0, 0);
  overlay.clearRect(0, 0, width, height);
  if (scene.labels) drawNames(overlay);
  if (scene.pinned >= 0) drawPin(overlay);
  if (scene.hovered >= 0) ring(overlay, scene.hovered, 2);
  if (scene.stroke) drawStroke(overlay, scene.stroke);
}

function middleOnScreen([wx, wy, wz]) {
  const {camera} = scene, scale = baseScale() * camera.zoom;
  const [yaw, pitch] = isSolid() ? [scene.yaw, scene.pitch] : [0, 0];
  const deep = wz * Math.cos(yaw) - wx * Math.sin(yaw);
  const across = wx * Math.cos(yaw) + wz * Math.sin(yaw),
      up = wy * Math.cos(pitch) - deep * Math.sin(pitch);
  return [stage.width / 2 + (across - camera.x) * scale,
      stage.height / 2 - (up - camera.y) * scale];
}

const kLongestName = 24;
function cutName(text) {
  const name = [...text].slice(0, kLongestName).join('');
  return name.length < text.length ? `${name.trimEnd()}\u2026` : text;
}

// Where names are alike as far as they are shown, their numbers stand before them.
const shortNames = (() => {
  const cut = meta.classes.map(cutName);
  return new Set(cut).size === cut.length ? cut
      : meta.classes.map((name, label) => cutName(`${label} ${name}`));
})();
export const shortName = (label) => shortNames[label] || className(label);

function classMiddles() {
  const map = currentMap(), a = Math.floor(scene.at), b = Math.min(a + 1, lastOf(map)),
      share = scene.at - a;
  const before = mediansOf(map, a), after = mediansOf(map, b);
  return before.map((middle, k) => middle.map((value, d) => value + (after[k][d] - value) * share));
}

// The names of shown classes, the largest first; one that would cover another is left out.
function drawNames(overlay) {
  if (scene.flow) return;
  const {paper, ink} = theme(), taken = [];
  const {counts, hidden} = colourings.class;
  const labels = [...meta.classes.keys()].filter((label) => counts[label] && !hidden.has(label))
      .sort((a, b) => counts[b] - counts[a]);
  const middles = classMiddles();
  overlay.font = kFont;
  overlay.textAlign = 'center';
  overlay.textBaseline = 'middle';
  overlay.lineJoin = 'round';
  for (const label of labels) {
    const [middle, y] = middleOnScreen(middles[label]), text = shortName(label);
    const half = overlay.measureText(text).width / 2 + 3;
    const inView = middle > 0 && middle < stage.width;
    const x = inView ? Math.max(half, Math.min(stage.width - half, middle)) : middle;
    const box = [x - half, y - 10, x + half, y + 10];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2]
        && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    overlay.lineWidth = 4;
    overlay.strokeStyle = cssColour(paper, 0.88);
    overlay.strokeText(text, x, y);
    overlay.fillStyle = cssColour(ink);
    overlay.fillText(text, x, y);
  }
}

function ring(overlay, i, width) {
  const [x, y] = project(i);
  overlay.strokeStyle = cssColour(theme().ink);
  overlay.lineWidth = width;
  overlay.beginPath();
  if (drawn.side && hasImage(i))
    overlay.roundRect(x - drawn.side / 2 - 1, y - drawn.side / 2 - 1,
        drawn.side + 2, drawn.side + 2, 3);
  else overlay.arc(x, y, drawn.radius + 3.5, 0, 2 * Math.PI);
  overlay.stroke();
}

function drawPin(overlay) {
  const [x, y] = project(scene.pinned);
  const {ink, paper} = theme();
  for (const other of neighboursOf(currentMap(), scene.pinned)) {
    const [ox, oy] = project(other);
    for (const [width, colour] of [[3.5, cssColour(paper, 0.7)], [1.25, cssColour(ink, 0.75)]]) {
      overlay.lineWidth = width;
      overlay.strokeStyle = colour;
      overlay.beginPath();
      overlay.moveTo(x, y);
      overlay.lineTo(ox, oy);
      overlay.stroke();
    }
    ring(overlay, other, 1.25);
  }
  ring(overlay, scene.pinned, 3);
}

function drawStroke(overlay, outline) {
  if (outline.length < 2) return;
  const {ink, blue} = theme();
  overlay.beginPath();
  overlay.moveTo(...outline[0]);
  for (const corner of outline.slice(1)) overlay.lineTo(...corner);
  overlay.closePath();
  overlay.fillStyle = cssColour(blue, 0.12);
  overlay.fill();
  overlay.setLineDash([5, 4]);
  overlay.lineWidth = 1.5;
  overlay.strokeStyle = cssColour(ink, 0.8);
  overlay.stroke();
  overlay.setLineDash([]);
}

afterDraw.push(drawOverlay);
