// Everything around the picture: the legend, the mistakes, the bars, and the page they make.

import {followTheme, lookForChange, themeButton} from './theme.js';
import {arrivals, byId, findPoint, grouped, isRight, lastOf, maps, meta, placeOf, points,
  splitName} from './explorer_store.js';
import {afterDraw, applyFilters, canPlay, chooseMap, colourings, coloursChanged, currentMap, goTo,
  lookAt, momentOf, redraw, resetView, scene, shown, stage, togglePlay,
  zoomAt} from './explorer_scene.js';
import {cssColour, shortName} from './explorer_overlay.js';
import {afterPin, afterSelect, announce, button, choice, make, pin, renderPin, select, showTip,
  ui} from './explorer_cards.js';

// ---- legend ----

export function renderLegend() {
  const colouring = colourings[scene.colour];
  const colours = colouring.colours();
  ui.legend.replaceChildren(...colouring.names.map((name, key) => {
    const item = make('button', {type: 'button', 'data-key': key,
        'data-shape': colouring.shape(key)},
      make('i', {'aria-hidden': 'true', style: `--c: ${cssColour(colours[key])}`}),
      make('span', {className: 'name', textContent: name, title: name}), ' ',
      make('span', {className: 'count'}));
    item.hidden = colouring.counts[key] === 0;
    return item;
  }));
  countLegend();
}

// Counts, "chosen / all" while there is a selection, and what is switched off.
function countLegend() {
  const {keys, counts, hidden, names} = colourings[scene.colour];
  const chosen = new Uint32Array(names.length);
  for (const i of scene.selection) chosen[keys[i]]++;
  for (const item of ui.legend.children) {
    const key = Number(item.dataset.key);
    item.setAttribute('aria-pressed', String(!hidden.has(key)));
    item.lastChild.textContent = scene.selection.length
        ? `${grouped(chosen[key])} / ${grouped(counts[key])}` : grouped(counts[key]);
  }
  const any = Object.values(colourings).some((colouring) => colouring.hidden.size);
  ui.showAll.hidden = !any;
  ui.shownCount.textContent = any
      ? `${grouped(shown.reduce((sum, value) => sum + value, 0))} of ${grouped(points.count)} shown`
      : `${grouped(points.count)} images`;
}

function filtersChanged() {
  applyFilters();
  countLegend();
  showTip(-1);
  redraw();
}

function toggleKey(key) {
  const {hidden, names} = colourings[scene.colour];
  if (!hidden.delete(key)) hidden.add(key);
  filtersChanged();
  announce(`${names[key]} ${hidden.has(key) ? 'hidden' : 'shown'}`);
}

// This one alone; or all, where it stands alone already.
function isolateKey(key, again) {
  const {hidden, names, counts} = colourings[scene.colour];
  const others = [...names.keys()].filter((other) => other !== key && counts[other]);
  const alone = others.every((other) => hidden.has(other)) && !hidden.has(key);
  hidden.clear();
  if (!alone || again) for (const other of others) hidden.add(other);
  filtersChanged();
  announce(alone && !again ? 'all shown' : `${names[key]} alone`);
}

function spotKey(event) {
  const item = event.type === 'pointerleave' || event.pointerType === 'touch' ? null
      : event.target.closest('[data-key]');
  const key = item ? Number(item.dataset.key) : -1;
  if (key === scene.spotted) return;
  scene.spotted = key;
  redraw();
}

export function showEverything() {
  for (const {hidden} of Object.values(colourings)) hidden.clear();
  filtersChanged();
}

export function chooseColour(name) {
  scene.colour = name;
  ui.colour.value = name;
  renderLegend();
  coloursChanged();
}

// ---- mistakes: true class against predicted class ----

function confusions() {
  const classes = meta.classes.length, counts = new Map();
  for (let i = 0; i < points.count; i++) {
    if (isRight(i)) continue;
    const key = points.label[i] * classes + points.predicted[i];
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([key, count]) => ({truth: Math.floor(key / classes), guess: key % classes, count}));
}

// Visible points of a true and a predicted class; -1 = any; both any = all mistakes.
function selectConfusion(truth, guess) {
  ui.truth.value = truth;
  ui.guess.value = guess;
  const found = [];
  for (let i = 0; i < points.count; i++) {
    const fits = (truth < 0 || points.label[i] === truth)
        && (guess < 0 || points.predicted[i] === guess);
    if (shown[i] && fits && (truth === guess && truth >= 0 || !isRight(i))) found.push(i);
  }
  select(found.sort((a, b) => points.confidence[b] - points.confidence[a]));
}

function mistakesPanel() {
  const options = [['-1', 'any'], ...meta.classes.map((name, label) => [String(label), name])];
  const choose = () => selectConfusion(Number(ui.truth.value), Number(ui.guess.value));
  const truth = choice('true', 'true class', options, choose),
      guess = choice('guess', 'predicted', options, choose);
  [ui.truth, ui.guess] = [truth.lastChild, guess.lastChild];
  const all = confusions();
  const wrong = all.reduce((sum, {count}) => sum + count, 0);
  const list = make('div', {className: 'confusions'}, ...all.slice(0, 8).map((pair) => {
    const item = button('', '', '', () => selectConfusion(pair.truth, pair.guess));
    item.append(make('span', {textContent: shortName(pair.truth)}), ' \u2192 ',
        make('span', {textContent: shortName(pair.guess)}), ' ',
      make('span', {className: 'count', textContent: grouped(pair.count)}));
    return item;
  }));
  return make('details', {id: 'mistakes'},
    make('summary', {textContent: `Mistakes (${grouped(wrong)})`}),
    make('div', {className: 'row'}, truth, guess, button('mistakes-select', 'Select', '', choose)),
    list);
}

// ---- the bars ----

function mapSwitch() {
  const group = make('div', {className: 'switch', role: 'group', 'aria-label': 'Map', id: 'maps'});
  maps.forEach((map, m) => group.append(make('button',
      {type: 'button', 'data-map': m, textContent: map.name || `map ${m + 1}`})));
  group.addEventListener('click', (event) => {
    if ('map' in event.target.dataset) showMap(Number(event.target.dataset.map));
  });
  group.hidden = maps.length < 2;
  return group;
}

export function showMap(m) {
  if (!maps[m] || !maps[m].frames[lastOf(maps[m])]) return;
  chooseMap(m);
  renderMapState();
  renderPin();
  announce(`Map: ${maps[m].name}`);
}

export function renderMapState() {
  for (const item of ui.maps.children) {
    item.setAttribute('aria-pressed', String(Number(item.dataset.map) === scene.map));
    item.disabled = !maps[item.dataset.map].frames[lastOf(maps[item.dataset.map])];
  }
  const map = currentMap();
  const quality = map.trustworthiness > 0
      ? ` \u00b7 trustworthiness ${map.trustworthiness.toFixed(3)}` : '';
  ui.method.textContent =
      `${map.method}${quality}${map.dimensions === 3 ? ' \u00b7 drag to turn' : ''}`;
  ui.slider.max = lastOf(map);
  const alone = lastOf(map) === 0, loading = !alone && !map.ready;
  ui.time.hidden = alone;
  ui.slider.disabled = ui.play.disabled = !canPlay();
  const unpackable = loading && !arrivals.gzip
      ? 'This browser cannot unpack the animation (no DecompressionStream); '
          + 'the end of each map is shown.' : '';
  ui.note.textContent = arrivals.failed || unpackable;
}

export function setMode(mode) {
  scene.mode = mode;
  for (const item of ui.modes.children)
    item.setAttribute('aria-pressed', String(item.dataset.mode === mode));
  ui.stage.dataset.mode = mode;
  announce({pan: 'Dragging moves the map', lasso: 'Lasso: draw around the points to select',
      box: 'Box: drag a rectangle to select'}[mode]);
}

export function toggleLabels() {
  scene.labels = !scene.labels;
  ui.labels.setAttribute('aria-pressed', String(scene.labels));
  redraw();
}

function search(text) {
  const match = /^\s*(train|test)?[\s:#-]*(\d+)\s*$/i.exec(text);
  const i = match ? findPoint(match[1] && match[1].toLowerCase(), Number(match[2])) : -1;
  if (i < 0) {
    ui.searchNote.textContent = match ? 'No such image here'
        : `A number, or \u201c${splitName(0)} 12\u201d`;
    announce(ui.searchNote.textContent);
    return;
  }
  if (!shown[i]) showEverything();
  pin(i);
  lookAt(i);
}

function searchForm() {
  ui.search = make('input', {id: 'search', type: 'search',
      placeholder: points.count ? placeOf(Math.min(123, points.count - 1)) : '',
      autocomplete: 'off', 'aria-label': 'Go to the image with this index',
      'aria-describedby': 'search-note'});
  ui.searchNote = make('span', {id: 'search-note', className: 'soft'});
  const form = make('form', {id: 'search-form', role: 'search'}, ui.search,
      make('button', {type: 'submit', textContent: 'Go'}), ui.searchNote);
  // What was said of the last search goes with the next letter, or with what is pinned instead.
  ui.search.addEventListener('input', () => { ui.searchNote.textContent = ''; });
  afterPin.push(() => { ui.searchNote.textContent = ''; });
  form.addEventListener('submit', (event) => { event.preventDefault(); search(ui.search.value); });
  return form;
}

function modeSwitch() {
  ui.modes = make('div', {className: 'switch', role: 'group', 'aria-label': 'What dragging does',
      id: 'modes'});
  for (const [mode, text, label] of [['pan', 'Move', 'Dragging moves the map (v)'],
      ['lasso', 'Lasso', 'Select with a lasso (l)'], ['box', 'Box', 'Select with a box (b)']]) {
    const item = button(`mode-${mode}`, text, label, () => setMode(mode));
    item.removeAttribute('aria-label');
    item.dataset.mode = mode;
    ui.modes.append(item);
  }
  return ui.modes;
}

function zoomButtons() {
  const middle = () => [stage.width / 2, stage.height / 2];
  return make('div', {className: 'zoom'},
    button('zoom-in', '+', 'Zoom in', () => zoomAt(1.5, ...middle())),
    button('zoom-out', '\u2212', 'Zoom out', () => zoomAt(1 / 1.5, ...middle())),
    button('reset', '\u2922', 'See everything (0)', resetView));
}

const kHelp = [['drag, arrows with Shift', 'move (3-D: turn)'],
  ['wheel, pinch, + and \u2212, double click', 'zoom'], ['0', 'see everything'],
  ['Space', 'play, pause'], ['\u2190 \u2192', 'step by step'],
  ['click, Enter', 'pin the image (Enter: nearest the middle)'],
  ['[ and ]', 'pin the previous, the next image'],
  ['l, b, v', 'lasso, box, move'], ['a', 'select what is in view'], ['m', 'the other map'],
  ['n', 'names on and off'], ['/', 'search'], ['Esc', 'let go']];

function helpPanel() {
  const rows = kHelp.flatMap(([keys, text]) =>
      [make('dt', {textContent: keys}), make('dd', {textContent: text})]);
  return make('details', {id: 'help'}, make('summary', {textContent: 'Keys and gestures'}),
      make('dl', {}, ...rows));
}

function timeBar() {
  ui.play = button('play', '', '', togglePlay);
  ui.slider = make('input', {id: 'frame', type: 'range', min: 0, step: 'any', value: 0,
      'aria-label': 'Moment of the map'});
  ui.slider.addEventListener('input', () => goTo(Number(ui.slider.value)));
  ui.step = make('output', {id: 'step', for: 'frame'});
  ui.time = make('div', {className: 'time', id: 'time'}, ui.play, ui.slider, ui.step);
  return ui.time;
}

function followTime() {
  const {step, kl} = momentOf();
  ui.slider.value = scene.at;
  const divergence = kl > 0 ? ` \u00b7 KL ${kl.toFixed(3)}` : '';
  const text = `step ${step} of ${currentMap().steps[lastOf(currentMap())]}${divergence}`;
  if (ui.step.textContent !== text) {
    ui.step.textContent = text;
    ui.slider.setAttribute('aria-valuetext', text);
  }
  const going = scene.playing ? 'Pause' : 'Play';
  if (ui.play.dataset.does !== going) {
    ui.play.dataset.does = going;
    ui.play.setAttribute('aria-label', `${going} (Space)`);
    ui.play.textContent = scene.playing ? '\u275a\u275a' : '\u25b6';
  }
}

function legendPanel() {
  ui.legend = make('div', {id: 'legend', className: 'scrolls', role: 'group',
      'aria-label': 'Classes', 'aria-describedby': 'legend-help'});
  ui.legend.addEventListener('click', (event) => {
    const item = event.target.closest('[data-key]');
    if (!item) return;
    const key = Number(item.dataset.key);
    if (event.ctrlKey || event.metaKey || event.shiftKey) toggleKey(key);
    else isolateKey(key, event.detail > 1);  // the second half of a double click changes nothing
  });
  for (const type of ['pointerover', 'pointerleave']) ui.legend.addEventListener(type, spotKey);
  ui.showAll = button('show-all', 'Show all', '', showEverything);
  ui.shownCount = make('span', {id: 'shown', className: 'soft'});
  const colour = choice('colour', 'Colour by',
      Object.entries(colourings).map(([value, {title}]) => [value, title]), chooseColour);
  ui.colour = colour.lastChild;
  return make('section', {className: 'card', 'aria-label': 'Colours'}, colour, ui.legend,
      make('p', {id: 'legend-help', className: 'soft',
          textContent: 'Press a class to see it alone, again to see all. With Ctrl or Shift held, '
              + 'a press hides or adds it.'}),
      make('div', {className: 'row'}, ui.shownCount, ui.showAll));
}

export function buildPage() {
  ui.maps = mapSwitch();
  ui.labels = button('labels', 'Names', 'Names of classes on the map (n)', toggleLabels);
  ui.labels.removeAttribute('aria-label');
  ui.labels.setAttribute('aria-pressed', 'true');
  const bar = make('div', {className: 'bar'}, ui.maps, modeSwitch(), ui.labels, searchForm());
  ui.scatter = make('canvas', {id: 'scatter', tabIndex: 0, role: 'application',
      'aria-label': `Map of ${grouped(points.count)} images`, 'aria-describedby': 'help'});
  ui.overlay = make('canvas', {id: 'overlay', 'aria-hidden': 'true'});
  ui.tip = make('div', {id: 'tip', hidden: true});
  ui.note = make('p', {id: 'note'});
  ui.method = make('p', {id: 'method', className: 'soft'});
  ui.stage = make('div', {id: 'stage'}, ui.scatter, ui.overlay, ui.note, ui.tip);
  const under = make('div', {className: 'under'}, ui.method, zoomButtons());
  ui.pin = make('section', {id: 'pin', className: 'card', hidden: true,
      'aria-label': 'Pinned image'});
  ui.selection = make('section', {id: 'selection', className: 'card', hidden: true,
      'aria-label': 'Selected images'});
  ui.live = make('div', {id: 'live', className: 'quiet', role: 'status', 'aria-live': 'polite'});
  ui.panel = make('aside', {id: 'panel', 'aria-label': 'Colours, pinned and selected images'},
      legendPanel(), ui.pin, ui.selection);
  const more = make('section', {className: 'card'}, ...(meta.model ? [mistakesPanel()] : []),
      helpPanel());
  ui.panel.append(more);
  byId('explorer').replaceChildren(bar,
      make('div', {className: 'work'}, ui.stage, under, timeBar(), ui.panel), ui.live);
  document.querySelector('header nav').append(Object.assign(themeButton(), {id: 'theme'}));
  followTheme(() => { renderLegend(); coloursChanged(); });
  afterDraw.push(followTime, lookForChange);
  afterSelect.push(countLegend);
  renderMapState();
  setMode('pan');
}
