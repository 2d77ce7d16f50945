// What the page carries: metadata, columns, the ends of the maps at once; the ways, neighbours and
// images when the parser has reached them. The bytes are described in explorer/payload.hpp.

export const byId = (id) => document.getElementById(id);
export const meta = JSON.parse(byId('meta').textContent);
const pause = () => new Promise((resolve) => { setTimeout(resolve); });

function base64Bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
}

// The bytes of an inert element, which is let go: its text would cost its size in memory.
function takeBytes(id) {
  const element = byId(id);
  const text = element.textContent;
  element.remove();
  return base64Bytes(text);
}

async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export const points = (() => {
  const count = meta.points, buffer = takeBytes('columns').buffer;
  return {
    count,
    index: new Uint32Array(buffer, 0, count),
    confidence: new Uint16Array(buffer, 4 * count, count),
    label: new Uint16Array(buffer, 6 * count, count),
    predicted: new Uint16Array(buffer, 8 * count, count),
    inTest: new Uint8Array(buffer, 10 * count, count),
  };
})();
export const isRight = (i) => points.label[i] === points.predicted[i];
export const splitName = (i) => (points.inTest[i] ? 'test' : 'train');
export const placeOf = (i) => `${splitName(i)} ${points.index[i]}`;
export const className = (label) => meta.classes[label];
export const percentOf = (i) => `${(points.confidence[i] / 655.35).toFixed(1)}\u00a0%`;
export const grouped = (n) => n.toLocaleString('en-US');
export const hasBothSplits = points.inTest.includes(0) && points.inTest.includes(1);

// The row of a split as a point, or -1. Without a split the first that has the index.
export function findPoint(split, index) {
  for (let i = 0; i < points.count; i++) {
    if (points.index[i] === index && (!split || splitName(i) === split)) return i;
  }
  return -1;
}

// Where no map was made the images stand in a square, class by class.
const kGrid = {name: 'grid', method: 'No map was made of these images; they stand class by class',
    dimensions: 2, steps: [0], kl: [0],
  trustworthiness: 0, neighbours: 0};
function gridFrame() {
  const columns = Math.max(1, Math.ceil(Math.sqrt(points.count))),
      frame = new Int16Array(2 * points.count);
  const order = [...points.label.keys()].sort((a, b) => points.label[a] - points.label[b] || a - b);
  order.forEach((i, k) => {
    frame[2 * i] = ((k % columns + 0.5) / columns * 2 - 1) * 32767;
    frame[2 * i + 1] = (1 - (Math.floor(k / columns) + 0.5) / columns * 2) * 32767;
  });
  return frame;
}

// frames[k] is null until the way has arrived; the last one is there as soon as its map is.
export const maps = (meta.maps.length ? meta.maps : [kGrid]).map((map) => ({
  ...map, frames: new Array(map.steps.length).fill(null), ready: false, near: null, medians: [],
}));
export const lastOf = (map) => map.frames.length - 1;

function takeEnd(m) {
  const map = maps[m];
  map.frames[lastOf(map)] = new Int16Array(takeBytes(`end-${m}`).buffer);
}
if (meta.maps.length) takeEnd(0); else maps[0].frames[0] = gridFrame();

// From the end to the start: each frame is the one after it plus differences.
async function takeWay(m) {
  const map = maps[m];
  const bytes = await unzipped(takeBytes(`way-${m}`));
  const values = points.count * map.dimensions, shift = 16 - map.bits,
      most = (1 << (map.bits - 1)) - 1;
  let at = 0, rested = performance.now();
  const coarse = Int32Array.from(map.frames[lastOf(map)],
    (value) => Math.min((value + (1 << (shift - 1))) >> shift, most));
  for (let f = lastOf(map) - 1; f >= 0; f--) {
    const frame = new Int16Array(values);
    for (let i = 0; i < values; i++) {
      const z = bytes[at + i] | bytes[at + values + i] << 8;
      coarse[i] += (z >> 1) ^ -(z & 1);
      frame[i] = coarse[i] << shift;
    }
    at += 2 * values;
    map.frames[f] = frame;
    if (performance.now() - rested > 8) {
      await pause();
      rested = performance.now();
    }
  }
  map.ready = true;
}

async function takeNeighbours(m) {
  const map = maps[m];
  const bytes = await unzipped(takeBytes(`near-${m}`));
  const values = points.count * map.neighbours;
  const near = new Uint32Array(values);
  for (let b = 0; b < map.neighbour_bytes; b++) {
    for (let i = 0; i < values; i++) near[i] |= bytes[b * values + i] << (8 * b);
  }
  map.near = near;
}

export function neighboursOf(map, i) {
  return map.near ? [...map.near.subarray(i * map.neighbours, (i + 1) * map.neighbours)] : [];
}

// All images in one array, as their bytes were (or as JPEG left them). One page at a time is a
// picture of the browser's, so memory stays at one page beyond the array itself.
export const images = {
  ...meta.images,
  size: meta.images.height * meta.images.width * meta.images.channels,
  values: null,
  have: 0,            // images whose page has arrived
  inverted: false,    // bright paper, dark ink
};
images.perPage = images.columns * images.rows;

function copyPage(rgba, page, width, count) {
  const {height, channels, cell_height, cell_width} = images;
  const columns = Math.min(images.columns, count);
  let to = page * images.perPage * images.size;
  for (let i = 0; i < count; i++) {
    const top = Math.floor(i / columns) * cell_height, left = (i % columns) * cell_width;
    for (let y = 0; y < height; y++) {
      let from = ((top + y) * width + left) * 4;
      for (let x = 0; x < images.width; x++, from += 4) {
        for (let c = 0; c < channels; c++) images.values[to++] = rgba[from + c];
      }
    }
  }
}

async function takePage(page) {
  const type = images.quality ? 'image/jpeg' : 'image/png';
  const blob = new Blob([takeBytes(`page-${page}`)], {type});
  const bitmap = await createImageBitmap(blob, {colorSpaceConversion: 'none'});
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  bitmap.close();
  if (!images.values) images.values = new Uint8Array(points.count * images.size);
  const first = page * images.perPage;
  const count = Math.min(images.perPage, points.count - first);
  copyPage(rgba, page, canvas.width, count);
  if (page === 0) images.inverted = paperIsBright(count);
  images.have = first + count;
}

// Whether the frames of most images are bright, as ink on paper is.
function paperIsBright(count) {
  const row = images.width * images.channels;
  let sum = 0, seen = 0;
  for (let i = 0; i < Math.min(count, 500); i++) {
    for (let x = 0; x < row; x++, seen += 2) {
      sum += images.values[i * images.size + x] + images.values[(i + 1) * images.size - 1 - x];
    }
  }
  return sum > 127 * seen;
}

export const hasImage = (i) => i < images.have;

// Payloads unpack one after the other, in the order they arrive; `changed` hears of each.
export const arrivals = {queue: Promise.resolve(), changed: () => {}, complete: false, failed: '',
    gzip: 'DecompressionStream' in window};
export function arrived(id) {
  const [kind, number] = [id.split('-')[0], Number(id.split('-')[1])];
  const zipped = kind === 'way' || kind === 'near';
  const take = {end: takeEnd, way: takeWay, near: takeNeighbours, page: takePage}[kind];
  arrivals.queue = arrivals.queue.then(async () => {
    try {
      if (zipped && !arrivals.gzip) byId(id).remove();
      else if (take) await take(number);
    } catch (error) {  // a file cut short or changed: the rest still shows
      arrivals.failed = `Part of this page (${id}) could not be read: ${error.message}`;
    }
    if (kind === 'all') arrivals.complete = true;
    arrivals.changed(kind, number);
    await pause();
  });
}
