// Single images and lists of them: the hovered, the pinned, the selected.

import {className, grouped, hasImage, images, isRight, meta, neighboursOf, percentOf, placeOf,
  points, splitName} from './explorer_store.js';
import {calm, currentMap, lookAt, redraw, scene, stage} from './explorer_scene.js';
import {shortName} from './explorer_overlay.js';

export const ui = {};

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('data-') || name.startsWith('aria-') || name === 'role' || name === 'for'
        || name === 'style') {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children);
  return element;
}

export function button(id, text, label, press) {
  const element = make('button', {type: 'button', textContent: text});
  if (id) element.id = id;
  if (label) { element.setAttribute('aria-label', label); element.title = label; }
  element.addEventListener('click', press);
  return element;
}

export function choice(id, label, options, change) {
  const list = make('select', {id},
      ...options.map(([value, text]) => make('option', {value, textContent: text})));
  list.addEventListener('change', () => change(list.value));
  return make('label', {}, make('span', {textContent: label}), list);
}

export const announce = (text) => { ui.live.textContent = text; };

// ---- pictures of single images ----

// A canvas with one image; empty until its page has arrived.
function pictureOf(i, css) {
  const {height, width} = images;
  const canvas = make('canvas', {width: width || 1, height: height || 1, className: 'picture'});
  canvas.style.width = `${css}px`;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `image ${placeOf(i)}`);
  if (hasImage(i)) drawImage(canvas, i);
  return canvas;
}

function drawImage(canvas, i) {
  const {size, channels, values} = images;
  const context = canvas.getContext('2d'),
      data = context.createImageData(canvas.width, canvas.height);
  for (let k = 0, from = i * size; k < data.data.length; k += 4, from += channels) {
    for (let c = 0; c < 3; c++) data.data[k + c] = values[from + (channels === 3 ? c : 0)];
    data.data[k + 3] = 255;
  }
  context.putImageData(data, 0, 0);
}

function facts(i) {
  const lines = [make('b', {textContent: className(points.label[i])})];
  if (meta.model) {
    const verdict = isRight(i) ? 'predicted right' : `predicted ${className(points.predicted[i])}`;
    const sure = meta.confidence ? `, ${percentOf(i)}` : '';
    lines.push(make('span', {className: isRight(i) ? 'hit' : 'miss',
        textContent: `${isRight(i) ? '\u2713' : '\u2717'} ${verdict}${sure}`}));
  }
  lines.push(make('span', {className: 'soft', textContent: placeOf(i)}));
  return lines;
}

function spoken(i) {
  const guess = !meta.model ? '' : isRight(i) ? ', predicted right'
      : `, predicted ${className(points.predicted[i])}`;
  const sure = meta.confidence ? `, ${percentOf(i)}` : '';
  return `${placeOf(i)}, ${className(points.label[i])}${guess}${sure}`;
}

// An image to press, which goes to its point.
function thumbnail(i, css) {
  const element = button('', '', spoken(i), () => { pin(i); lookAt(i); });
  element.className = 'thumb';
  element.dataset.point = i;
  if (meta.model && !isRight(i)) element.classList.add('wrong');
  element.append(pictureOf(i, css));
  element.addEventListener('pointerenter', () => { scene.hovered = i; redraw(); });
  element.addEventListener('pointerleave', () => { scene.hovered = -1; redraw(); });
  return element;
}

// ---- hover ----

export function showTip(i, x, y) {
  if (scene.hovered === i && !ui.tip.hidden) return placeTip(x, y);
  scene.hovered = i;
  ui.tip.hidden = i < 0;
  redraw();
  if (i < 0) return undefined;
  ui.tip.replaceChildren(pictureOf(i, 112), make('div', {}, ...facts(i)));
  ui.tip.dataset.point = i;
  return placeTip(x, y);
}

function placeTip(x, y) {
  const {offsetWidth: wide, offsetHeight: tall} = ui.tip;
  const left = x + 18 + wide > stage.width ? x - wide - 18 : x + 18;
  const top = y + 18 + tall > stage.height ? y - tall - 18 : y + 18;
  ui.tip.style.transform =
      `translate(${Math.max(4, Math.round(left))}px, ${Math.max(4, Math.round(top))}px)`;
}

// Beside the map the panel scrolls for itself; under it, on a phone, the page must stay with the
// map.
function bringUp(card) {
  if (card.hidden) return;
  const top = card.offsetTop, bottom = top + card.offsetHeight,
      {scrollTop, clientHeight} = ui.panel;
  if (top < scrollTop || bottom > scrollTop + clientHeight) {
    ui.panel.scrollTo({top: card.offsetHeight > clientHeight ? top : bottom - clientHeight,
        behavior: calm.matches ? 'auto' : 'smooth'});
  }
}

// ---- the pinned image ----

export const afterPin = [];

export function pin(i) {
  scene.pinned = i;
  for (const follow of afterPin) follow();
  renderPin();
  bringUp(ui.pin);
  redraw();
  if (i >= 0) announce(`Pinned ${spoken(i)}`);
}

export function renderPin() {
  const i = scene.pinned;
  ui.pin.hidden = i < 0;
  if (i < 0) return ui.pin.replaceChildren();
  const near = neighboursOf(currentMap(), i);
  const head = make('div', {className: 'head'}, make('h2', {textContent: 'Pinned'}),
      button('unpin', '\u00d7', 'Let the pinned image go', () => pin(-1)));
  const about = make('div', {className: 'about'}, pictureOf(i, 112), make('div', {}, ...facts(i)));
  const parts = [head, about];
  if (near.length) {
    const alike = near.filter((other) => points.label[other] === points.label[i]).length;
    parts.push(make('p', {className: 'soft',
        textContent: `Its ${near.length} nearest in ${currentMap().name}; ${alike} of its class`}));
    parts.push(make('div', {className: 'thumbs fives', id: 'neighbours'},
        ...near.map((other) => neighbourCard(i, other))));
  }
  return ui.pin.replaceChildren(...parts);
}

function neighbourCard(i, other) {
  const card = thumbnail(other, 48);
  if (points.label[other] !== points.label[i]) {
    card.classList.add('other');
    const name = make('span', {textContent: shortName(points.label[other])});
    name.title = className(points.label[other]);
    card.append(' ', name);
  }
  return card;
}

// ---- selection ----

const kThumbnails = 240;
export const afterSelect = [];  // what follows a selection: the counts of the legend

export function select(list) {
  scene.selected.fill(0);
  scene.selection = list.filter((i) => i >= 0 && i < points.count);
  for (const i of scene.selection) scene.selected[i] = 1;
  renderSelection();
  bringUp(ui.selection);
  for (const follow of afterSelect) follow();
  redraw();
  announce(list.length ? `${grouped(list.length)} images selected` : 'Selection cleared');
}

export function renderSelection() {
  const list = scene.selection;
  ui.selection.hidden = !list.length;
  if (!list.length) return ui.selection.replaceChildren();
  const wrong = meta.model ? `, ${grouped(list.filter((i) => !isRight(i)).length)} wrong` : '';
  const head = make('div', {className: 'head'},
      make('h2', {textContent: `${grouped(list.length)} selected${wrong}`}),
    button('clear', '\u00d7', 'Clear the selection', () => select([])));
  const copy = button('copy', 'Copy indices', '', async () => {
    const done = await copyText(list.map(placeOf).join('\n'));
    copy.textContent = done ? 'Copied' : 'Could not copy';
    announce(copy.textContent);
    setTimeout(() => { copy.textContent = 'Copy indices'; }, 1500);
  });
  const parts = [head, make('div', {className: 'row'}, copy,
      button('download', 'Download list', '', () => download(list))),
    make('div', {className: 'thumbs', id: 'chosen'},
        ...list.slice(0, kThumbnails).map((i) => thumbnail(i, 40)))];
  if (list.length > kThumbnails) {
    parts.push(make('p', {className: 'soft',
        textContent: `The first ${kThumbnails} of ${grouped(list.length)}; `
            + 'copy and download have all.'}));
  }
  return ui.selection.replaceChildren(...parts);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {  // a page opened from a disk may not have the clipboard
    const area = make('textarea', {value: text, className: 'quiet'});
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

const oneLine = (text) => text.replace(/[\t\r\n]/g, ' ');
function download(list) {
  const columns = ['split', 'index', 'class', ...(meta.model ? ['predicted', 'confidence'] : [])];
  const rows = list.map((i) => [splitName(i), points.index[i], oneLine(className(points.label[i])),
    ...(meta.model ? [oneLine(className(points.predicted[i])),
        (points.confidence[i] / 65535).toFixed(4)] : [])]);
  const text = [columns, ...rows].map((row) => row.join('\t')).join('\n');
  const link = make('a', {href: URL.createObjectURL(new Blob([`${text}\n`], {type: 'text/plain'})),
      download: 'selection.txt'});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
