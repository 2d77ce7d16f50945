// Pixels by hand: points and images are written into one array that the canvas then shows. A canvas
// is everywhere, WebGL is not; and so written, 70,000 round points take a few milliseconds on one
// core, where as many arc() calls take a hundred.

import {images} from './explorer_store.js';

export const kShapes = 4;   // beyond ten classes colours repeat with another mark
// Positions within a pixel that a mark is kept for, each way: slow motion stays smooth.
const kPhases = 4;
export const kShades = 8;   // steps of depth
// Of 255: below is paper (JPEG leaves such specks), from the second on an image hides what it lies
// on.
const kNoInk = 6;
const kSolidInk = 28;

// Whether a point of the unit square around a mark belongs to it.
const shapeTests = [
  (x, y) => x * x + y * y <= 1,
  (x, y) => Math.abs(x) <= 0.84 && Math.abs(y) <= 0.84,
  (x, y) => Math.abs(x) + Math.abs(y) <= 1.25,
  (x, y) => y <= 0.75 && y >= -1.1 && Math.abs(x) * 1.75 <= y + 1.15,
];

export const packed = (r, g, b) => (0xff000000 | b << 16 | g << 8 | r) >>> 0;
export const mixed = (a, b, share) =>
  a.map((value, c) => Math.round(value + (b[c] - value) * share));

export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', {alpha: false});
    this.width = this.height = 0;
    this.radius = 0;
    this.columns = new Map();
    this.inked = new Map();
  }

  resize(width, height) {
    if (width === this.width && height === this.height) return;
    this.canvas.width = this.width = width;
    this.canvas.height = this.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.radius = 0;
  }

  // The marks for this radius, as distances in the pixel array: the solid ones, then the edge with
  // its levels.
  prepare(radius) {
    const rounded = Math.round(radius * 8) / 8;
    if (rounded === this.radius) return;
    this.radius = rounded;
    this.reach = Math.ceil(rounded * 1.3) + 2;
    this.marks = [];
    for (const test of shapeTests) {
      for (let phase = 0; phase < kPhases * kPhases; phase++) {
        this.marks.push(this.mark(test, (phase % kPhases + 0.5) / kPhases,
            (Math.floor(phase / kPhases) + 0.5) / kPhases));
      }
    }
  }

  mark(test, centreX, centreY) {
    const solid = [], edge = [], levels = [];
    for (let y = -this.reach; y <= this.reach; y++) {
      for (let x = -this.reach; x <= this.reach; x++) {
        let inside = 0;
        for (let s = 0; s < 64; s++) {
          const dx = x + (s % 8 + 0.5) / 8 - centreX, dy = y + ((s >> 3) + 0.5) / 8 - centreY;
          if (test(dx / this.radius, dy / this.radius)) inside++;
        }
        if (inside === 64) solid.push(y * this.width + x);
        else if (inside) { edge.push(y * this.width + x); levels.push(inside); }
      }
    }
    return {solid: Int32Array.from(solid), edge: Int32Array.from(edge),
        levels: Uint8Array.from(levels)};
  }

  clear(colour) { this.pixels.fill(colour); }
  show() { this.context.putImageData(this.image, 0, 0); }

  point(x, y, shape, colour) {
    const left = Math.floor(x), top = Math.floor(y), reach = this.reach;
    if (left < reach || top < reach || left >= this.width - reach || top >= this.height - reach)
      return;
    const phase = Math.floor((y - top) * kPhases) * kPhases + Math.floor((x - left) * kPhases);
    const {solid, edge, levels} = this.marks[shape * kPhases * kPhases + phase];
    const {pixels} = this, at = top * this.width + left;
    for (let k = 0; k < solid.length; k++) pixels[at + solid[k]] = colour;
    for (let k = 0; k < edge.length; k++) {
      const to = at + edge[k];
      pixels[to] = blend(pixels[to], colour, levels[k]);
    }
  }

  // Which column (or row) of an image each of `side` screen pixels shows.
  sampled(side, from) {
    const key = side * 4096 + from;
    if (!this.columns.has(key)) {
      this.columns.set(key, Int32Array.from({length: side},
          (_, k) => Math.min(from - 1, Math.floor((k + 0.5) * from / side))));
    }
    return this.columns.get(key);
  }

  // What a gray image's 256 values look like in a colour: from paper to ink.
  inks(colour, paper) {
    const key = `${colour} ${paper}`;
    if (!this.inked.has(key)) {
      if (this.inked.size > 4096) this.inked.clear();
      this.inked.set(key, Uint32Array.from({length: 256},
          (_, value) => blend(paper, colour, value >> 2)));
    }
    return this.inked.get(key);
  }

  // The image of a point around (x, y), its longer side `side` pixels. Gray ones are cut out along
  // their ink, which takes the point's colour, and lie on each other; colour ones keep their
  // colours in a frame.
  picture(i, x, y, side, colour, paper, faint) {
    const {height, width, channels} = images;
    const longer = Math.max(height, width);
    const tall = Math.max(1, Math.round(side * height / longer)),
        wide = Math.max(1, Math.round(side * width / longer));
    const left = Math.round(x - wide / 2), top = Math.round(y - tall / 2);
    const from = Math.max(0, -left), to = Math.min(wide, this.width - left);
    if (from >= to) return;
    const inks = channels === 1 ? this.inks(colour, paper) : null;
    const across = this.sampled(wide, width), down = this.sampled(tall, height);
    for (let v = Math.max(0, -top); v < Math.min(tall, this.height - top); v++) {
      const row = (top + v) * this.width + left,
          source = i * images.size + down[v] * width * channels;
      if (channels === 1) this.inkRow(row, source, across, from, to, inks);
      else this.colourRow(row, source, across, from, to, faint ? 18 : 64);
    }
    if (channels !== 1)
      this.frame(left, top, wide, tall, Math.max(1, Math.round(side / 24)), colour);
  }

  inkRow(row, source, across, from, to, inks) {
    const {pixels} = this, {values} = images, flip = images.inverted ? 255 : 0;
    for (let u = from; u < to; u++) {
      const ink = values[source + across[u]] ^ flip;
      if (ink >= kSolidInk) pixels[row + u] = inks[ink];
      else if (ink > kNoInk)
        pixels[row + u] = blend(pixels[row + u], inks[ink], ink * 64 / kSolidInk | 0);
    }
  }

  colourRow(row, source, across, from, to, level) {
    const {pixels} = this, {values} = images;
    for (let u = from; u < to; u++) {
      const at = source + across[u] * 3;
      pixels[row + u] = blend(pixels[row + u], packed(values[at], values[at + 1], values[at + 2]),
          level);
    }
  }

  frame(left, top, wide, tall, thick, colour) {
    const {pixels} = this;
    for (let v = Math.max(0, -top); v < Math.min(tall, this.height - top); v++) {
      const whole = v < thick || v >= tall - thick;
      for (let u = Math.max(0, -left); u < Math.min(wide, this.width - left); u++) {
        if (!whole && u >= thick && u < wide - thick) u = wide - thick;
        if (left + u < this.width) pixels[(top + v) * this.width + left + u] = colour;
      }
    }
  }
}

// `level` of 64 parts of `over` on `under`; red and blue in one go.
function blend(under, over, level) {
  const rb = under & 0xff00ff, g = under & 0x00ff00;
  const newRb = rb + (((over & 0xff00ff) - rb) * level >> 6) & 0xff00ff;
  const newG = g + (((over & 0x00ff00) - g) * level >> 6) & 0x00ff00;
  return (0xff000000 | newRb | newG) >>> 0;
}
