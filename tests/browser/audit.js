// What a careful reader would object to on any page, as lists of complaints; empty lists are good.
// The browser's tests put this into the page under test.
'use strict';
globalThis.tailorAudit ??= (() => {
  const all = (selector) => [...document.querySelectorAll(selector)];

  const describe = (element) => {
    const id = element.id ? `#${element.id}` : '';
    const names = [...element.classList].map((name) => `.${name}`).join('');
    const text = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `${element.tagName.toLowerCase()}${id}${names} "${text}"`;
  };

  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 &&
        element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  };

  const scrollsSideways = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
      if (getComputedStyle(e).overflowX !== 'visible') return true;
    }
    return false;
  };

  // --- layout ---
  function overflow() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = all('body *').filter((e) => isShown(e) && !scrollsSideways(e) &&
        e.getBoundingClientRect().right > width + 0.5);
    // Text that runs out of its box makes no box wider.
    const spilled = all('body *').filter((e) => isShown(e) && !scrollsSideways(e) &&
        getComputedStyle(e).overflowX === 'visible' && e.scrollWidth > e.clientWidth + 1 &&
        e.getBoundingClientRect().left + e.scrollWidth > width);
    return [`the page is ${document.documentElement.scrollWidth} wide on ${width}`,
            ...wide.slice(0, 8).map((e) =>
                `${describe(e)} ends at ${Math.round(e.getBoundingClientRect().right)}`),
            ...spilled.slice(-4).map((e) => `text spills from ${describe(e)}`)];
  }

  // Of the width there is; browsers shrink what they print to as little as a half.
  const shareOfWidth = () =>
      document.documentElement.scrollWidth / document.documentElement.clientWidth;

  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;

  // The contents bar, opened where it is a menu: links beside each other, each wholly in view and
  // not under something else, and every section's heading in view once it is asked for.
  async function contentsBar() {
    const complaints = [];
    const menu = all('nav .menu').find(isShown);
    if (menu) menu.click();
    const entries = all('nav a[href^="#"]');
    const links = entries.filter(isShown);
    if (links.length < entries.length) {
      complaints.push(`${entries.length - links.length} entries of the contents do not show`);
    }
    const boxes = links.map((link) => link.getBoundingClientRect());
    for (const link of links) {
      link.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
      const box = link.getBoundingClientRect();
      for (const x of [box.left + 3, box.right - 3]) {
        const seen = document.elementFromPoint(x, box.top + box.height / 2);
        if (seen !== link) complaints.push(`cut or covered: ${describe(link)}`);
      }
      if (link.scrollWidth > link.clientWidth + 1) complaints.push(`cut: ${describe(link)}`);
    }
    if (menu) menu.click();
    for (let i = 0; i < boxes.length; ++i) {
      for (let j = i + 1; j < boxes.length; ++j) {
        if (overlap(boxes[i], boxes[j])) {
          complaints.push(`${describe(links[i])} lies on ${describe(links[j])}`);
        }
      }
    }
    for (const link of links) {
      const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!target) {
        complaints.push(`${describe(link)} leads nowhere`);
        continue;
      }
      target.scrollIntoView({behavior: 'instant'});
      await new Promise((done) => requestAnimationFrame(done));
      const heading = target.querySelector('h1, h2, h3') || target;
      const box = heading.getBoundingClientRect();
      const seen = document.elementFromPoint(box.left + Math.min(20, box.width / 2),
                                             box.top + box.height / 2);
      if (!seen || !(heading.contains(seen) || seen.contains(heading))) {
        complaints.push(`${describe(heading)} is hidden by ${seen ? describe(seen) : 'nothing'}`);
      }
    }
    scrollTo(0, 0);
    return complaints;
  }

  // --- text ---
  // Text below 10 pixels, as drawn: an SVG shrinks what it holds.
  function smallText() {
    const complaints = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim()) continue;
      if (element.closest('script, style, option, title, desc, .quiet')) continue;
      const svg = element.ownerSVGElement;
      const matrix = svg ? element.getScreenCTM() : null;
      const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
      const size = parseFloat(getComputedStyle(element).fontSize) * scale;
      if (size >= 9.95 || !isShown(element)) continue;
      const kind = svg ? svg.getAttribute('aria-labelledby') : element.className;
      complaints.set(kind, `${size.toFixed(1)} px: ${describe(element)} of ${kind}`);
    }
    return [...complaints.values()];
  }

  // Text that its box cuts off, without the rest being said anywhere else or a way to scroll to it.
  function cutText() {
    const cuts = (value) => value === 'hidden' || value === 'clip';
    return all('body *').filter((e) => {
      if (!(e instanceof HTMLElement) || !isShown(e) || e.closest('.quiet, .skip')) return false;
      const hasText = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      if (!hasText || e.closest('[title]')) return false;
      const style = getComputedStyle(e);
      return cuts(style.overflowX) && e.scrollWidth > e.clientWidth + 1
          || cuts(style.overflowY) && e.scrollHeight > e.clientHeight + 2;
    }).slice(0, 8).map((e) => `cut: ${describe(e)}`);
  }

  // Letters of a drawing that leave the page sideways.
  function spilledLabels() {
    const width = document.documentElement.clientWidth;
    return all('svg text').filter((text) => {
      const box = text.getBoundingClientRect();
      return isShown(text) && !text.closest('.scroll') && (box.left < -1 || box.right > width + 1);
    }).slice(0, 8).map((text) => `spills: ${describe(text)}`);
  }

  // Labels that a line of the drawing runs through; grid lines lie behind and are faint.
  function crossedLabels() {
    const complaints = [];
    for (const svg of all('svg').filter(isShown)) {
      const boxes = [...svg.querySelectorAll('text')].filter(isShown).map((text) => {
        const box = text.getBoundingClientRect();
        return {text, left: box.left + 2, right: box.right - 2,
            top: box.top + box.height * 0.3, bottom: box.bottom - box.height * 0.3};
      });
      const lines = [...svg.querySelectorAll('path.thread, path.failed, path.line, path.whisker, '
          + 'path.sofar, line.axis, line.mean')].slice(0, Math.floor(60000 / (boxes.length + 1)));
      for (const line of lines) {
        const hit = crossing(line, boxes);
        if (hit) complaints.push(`${describe(hit.text)} is crossed by ${describe(line)}`);
        if (complaints.length > 8) return complaints;
      }
    }
    return complaints;
  }

  // The first of `boxes` that the line goes through.
  function crossing(line, boxes) {
    const matrix = line.getScreenCTM(), length = line.getTotalLength();
    for (let at = 0; at <= length; at += 3) {
      const {x, y} = line.getPointAtLength(at).matrixTransform(matrix);
      const hit = boxes.find((b) => x > b.left && x < b.right && y > b.top && y < b.bottom);
      if (hit) return hit;
    }
    return null;
  }

  // Words that run into figures where two elements meet: "Trouser104".
  function runTogether() {
    const apart = ['block', 'flex', 'table', 'list-item', 'none'];
    const standsApart = (node) => node.nodeType === 8
        || node.nodeType === 1 && apart.includes(getComputedStyle(node).display);
    return all('button, a, li, th, td, label, p, b, span').filter((element) => {
      const {childNodes} = element;
      for (let i = 0; i + 1 < childNodes.length; ++i) {
        const [a, b] = [childNodes[i], childNodes[i + 1]];
        if (standsApart(a) || standsApart(b)) continue;
        if (/\p{L}$/u.test(a.textContent) && /^\d/.test(b.textContent)) return isShown(element);
      }
      return false;
    }).slice(0, 8).map((element) => `runs together: ${describe(element)}`);
  }

  // Boxes that hold more than they show and do not say so.
  function silentScrolling() {
    return all('.scroll, .scrolls').filter((box) => {
      const style = getComputedStyle(box);
      const more = style.overflowX !== 'visible' && box.scrollWidth > box.clientWidth + 1
          || style.overflowY !== 'visible' && box.scrollHeight > box.clientHeight + 1;
      const hint = box.previousElementSibling;
      return isShown(box) && more && !(hint?.classList.contains('more') && isShown(hint));
    }).map((box) => `scrolls and does not say so: ${describe(box)}`);
  }

  // What stays on the screen while the page scrolls; the heads of tables, which go with them, do
  // not count.
  function staying() {
    const stays = (e) => {
      const {position} = getComputedStyle(e);
      return position === 'fixed' || (position === 'sticky' && !scrollsSideways(e));
    };
    return all('body *').filter((e) => isShown(e) && !e.closest('table') && stays(e)).map(describe);
  }

  // --- structure ---
  function ids() {
    const seen = new Set();
    const complaints = [];
    for (const element of all('[id]')) {
      if (seen.has(element.id)) complaints.push(`twice: ${describe(element)}`);
      seen.add(element.id);
    }
    for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
      for (const element of all(`[${attribute}]`)) {
        for (const id of element.getAttribute(attribute).split(/\s+/)) {
          if (!seen.has(id)) complaints.push(`${attribute}="${id}" names nothing`);
        }
      }
    }
    return complaints;
  }

  function headings() {
    const complaints = [];
    let last = 0;
    for (const heading of all('h1, h2, h3, h4, h5, h6').filter((h) => h.checkVisibility())) {
      const level = Number(heading.tagName[1]);
      if (level > last + 1) complaints.push(`h${level} after h${last}: ${describe(heading)}`);
      last = level;
    }
    if (all('h1').length !== 1) complaints.push(`${all('h1').length} first headings`);
    if (!document.documentElement.lang) complaints.push('no language');
    if (!document.title.trim()) complaints.push('no title');
    if (all('main').length !== 1) complaints.push(`${all('main').length} <main>`);
    return complaints;
  }

  const textOfIds = (ids) => ids.split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent || '').join(' ');

  function nameOf(element) {
    const labelled = element.getAttribute('aria-labelledby');
    if (labelled) return textOfIds(labelled).trim();
    const label = element.getAttribute('aria-label') || element.getAttribute('alt')
        || element.title;
    if (typeof label === 'string' && label.trim()) return label.trim();
    if (element.labels && element.labels.length) return element.labels[0].textContent.trim();
    if (element instanceof SVGElement) {
      return (element.querySelector(':scope > title')?.textContent || '').trim();
    }
    const inner = [...element.querySelectorAll('img[alt], [aria-label]')]
        .map((e) => e.getAttribute('alt') || e.getAttribute('aria-label')).join(' ');
    return ((element.textContent || '') + inner).trim();
  }

  function names() {
    const isHidden = (e) => e.closest('[aria-hidden="true"]') || !e.checkVisibility();
    const pictures = all('svg, img, canvas').filter((e) => !isHidden(e) && !e.closest('symbol'));
    const complaints = [];
    for (const picture of pictures) {
      // An empty alt says that the text beside it says it all.
      if (picture.tagName === 'IMG' && picture.getAttribute('alt') === '') continue;
      if (!nameOf(picture)) complaints.push(`no name: ${describe(picture)}`);
      if (picture.tagName !== 'IMG' && !picture.getAttribute('role') &&
          !picture.closest('[role]')) {
        complaints.push(`no role: ${describe(picture)}`);
      }
    }
    for (const control of all('button, a[href], input, select, textarea, summary, [role=button]')) {
      if (!isHidden(control) && control.type !== 'hidden' && !nameOf(control)) {
        complaints.push(`no name: ${describe(control)}`);
      }
    }
    for (const table of all('table')) {
      if (!isHidden(table) && !nameOf(table)) complaints.push(`no name: ${describe(table)}`);
    }
    return complaints;
  }

  // --- colours ---
  const painter = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parsed = new Map();
  function rgba(colour) {
    if (!parsed.has(colour)) {
      painter.clearRect(0, 0, 1, 1);
      painter.fillStyle = colour;
      painter.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = painter.getImageData(0, 0, 1, 1).data;
      parsed.set(colour, [r, g, b, a / 255]);
    }
    return parsed.get(colour);
  }

  const over = (top, bottom) => top.slice(0, 3)
      .map((value, i) => value * top[3] + bottom[i] * (1 - top[3])).concat(1);

  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  // null where an image lies behind.
  function backgroundOf(element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== 'none') return null;
      const colour = rgba(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    const dark = getComputedStyle(document.documentElement).colorScheme === 'dark';
    return layers.reduceRight((below, layer) => over(layer, below),
                              dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  }

  // Text that stands out from what it stands on by less than WCAG's 4.5 (3 where it is large).
  function contrast() {
    const worst = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !isShown(element)) continue;
      if (element.closest('script, style, template, [aria-hidden="true"], :disabled, option'))
        continue;
      const style = getComputedStyle(element);
      const background = backgroundOf(element);
      if (!background) continue;
      let opacity = 1;
      for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
      const ink = rgba(element instanceof SVGElement ? style.fill : style.color).slice();
      ink[3] *= opacity;
      const light = [luminance(over(ink, background)), luminance(background)].sort((a, b) => b - a);
      const ratio = (light[0] + 0.05) / (light[1] + 0.05);
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      if (ratio >= needed) continue;
      const kind = `${element.tagName}.${element.getAttribute('class') || ''}`;
      if (!worst.has(kind) || worst.get(kind).ratio > ratio) {
        worst.set(kind, {ratio, text: `contrast ${ratio.toFixed(2)}: ${describe(element)}`});
      }
    }
    return [...worst.values()].map((entry) => entry.text);
  }

  // Points and lines that carry the score stand out from the page by 2.9 to 1.
  function marks() {
    const page = rgba(getComputedStyle(document.body).backgroundColor);
    const complaints = new Set();
    for (const mark of all('svg .point, svg .thread, svg .scale, svg .curve .line')) {
      const style = getComputedStyle(mark);
      const colour = rgba(style.fill === 'none' ? style.stroke : style.fill);
      const light = [luminance(colour), luminance(page)].sort((a, b) => b - a);
      const ratio = (light[0] + 0.05) / (light[1] + 0.05);
      if (ratio >= 2.9) continue;
      complaints.add(`contrast ${ratio.toFixed(2)}: ${mark.getAttribute('class')}`);
    }
    return [...complaints].slice(0, 8);
  }

  // --- keyboard --- (after a key was pressed, so that focus shows)
  function focus() {
    const look = (element) => {
      const style = getComputedStyle(element);
      const outline = style.outlineStyle === 'none' ? ''
          : `${style.outlineWidth}${style.outlineColor}`;
      return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.color,
              style.stroke, style.strokeWidth, style.textDecorationLine].join('|');
    };
    const kinds = new Set();
    const complaints = [];
    for (const element of all(
        'a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
      const kind =
          `${element.tagName} ${element.type || ''} ${element.getAttribute('class') || ''}`;
      if (kinds.has(kind) || !element.checkVisibility() || element.disabled) continue;
      kinds.add(kind);
      document.activeElement?.blur();
      const plain = look(element);
      const label = element.labels?.[0];
      const plainLabel = label ? look(label) : '';
      element.focus({preventScroll: true});
      if (document.activeElement !== element) continue;
      if (look(element) === plain && (!label || look(label) === plainLabel)) {
        complaints.push(`focus does not show: ${describe(element)}`);
      }
    }
    document.activeElement?.blur();
    return complaints;
  }

  return {overflow, shareOfWidth, contentsBar, smallText, cutText, spilledLabels, crossedLabels,
    runTogether, silentScrolling, staying, ids, headings, names, contrast, marks, focus};
})();
