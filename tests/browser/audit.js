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

  // The contents bar: links beside each other, and every section's heading in view once it is asked
  // for.
  async function contentsBar() {
    const complaints = [];
    const links = all('nav a[href^="#"]').filter(isShown);
    const boxes = links.map((link) => link.getBoundingClientRect());
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

  return {overflow, shareOfWidth, contentsBar, staying, ids, headings, names, contrast, focus};
})();
