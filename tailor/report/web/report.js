// What the page can do beyond being read: theme, contents bar, sorting, copying, and one candidate
// followed through every chart of the search. Without this script everything still stands there.

import './model.js';
import {tellOfScrolling} from './scroll.js';
import {themeButton} from './theme.js';

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// --- the contents bar: a button that opens the list where the screen is narrow ---
const bar = document.querySelector('nav');
const menu = make('button', {type: 'button', className: 'menu'});
const openMenu = (open) => {
  bar.classList.toggle('open', open);
  menu.setAttribute('aria-expanded', String(open));
};
if (bar) {
  const corner = make('div', {className: 'theme'});
  corner.append(themeButton());
  bar.prepend(menu);
  bar.append(corner);
  bar.classList.add('scripted');
  openMenu(false);
  menu.addEventListener('click', () => openMenu(!bar.classList.contains('open')));
  addEventListener('click', (event) => {
    if (event.target.closest('nav a') || !event.target.closest('nav')) openMenu(false);
  });
}
tellOfScrolling();

// --- the contents bar marks the section that is read ---
const contentsLinks = new Map(all('nav a').map((link) => [link.hash.slice(1), link]));
const sections = all('main > section').filter((section) => contentsLinks.has(section.id));
let marked = null;
const markSection = () => {
  let current = sections[0];
  for (const section of sections) {
    if (section.getBoundingClientRect().top < innerHeight * 0.3) current = section;
  }
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  if (atEnd && scrollY > 0) current = sections[sections.length - 1];
  if (!current || current === marked) return;
  if (marked) contentsLinks.get(marked.id).removeAttribute('aria-current');
  marked = current;
  const link = contentsLinks.get(current.id);
  link.setAttribute('aria-current', 'true');
  menu.textContent = `Contents: ${link.textContent}`;
};
addEventListener('scroll', markSection, {passive: true});
addEventListener('resize', markSection);
markSection();

// --- tables that sort by any of their columns ---
const cellText = (row, column) => row.cells[column].textContent.trim();
const numberOf = (text) => {
  const plain = text.replace(/,/g, '').replace(/^\u2212/, '-');
  return /^[-+]?(\d|\.\d)/.test(plain) ? parseFloat(plain) : NaN;
};
const isEmpty = (text) => text === '' || text === '\u2013';
function sortRows(body, column, direction) {
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, cellText(row, column)]));
  const numeric = rows.every((row) => isEmpty(texts.get(row))
      || !isNaN(numberOf(texts.get(row))));
  rows.sort((a, b) => {
    const left = texts.get(a), right = texts.get(b);
    if (isEmpty(left) || isEmpty(right)) return isEmpty(left) - isEmpty(right);  // always last
    const order = numeric ? numberOf(left) - numberOf(right) : left.localeCompare(right, 'en');
    return direction * order || a.dataset.order - b.dataset.order;
  });
  body.append(...rows);
}
for (const table of all('table.sortable')) {
  const headers = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  [...body.rows].forEach((row, index) => { row.dataset.order = index; });
  headers.forEach((header, column) => {
    const button = make('button', {type: 'button', textContent: header.textContent});
    header.replaceChildren(button);
    button.addEventListener('click', () => {
      const direction = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      sortRows(body, column, direction);
    });
  });
  const initial = headers[Number(table.dataset.sorted)];
  if (initial) initial.setAttribute('aria-sort', 'ascending');
}

// --- copy a command ---
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // pages opened from a disk may not have the clipboard
    const area = make('textarea', {value: text});
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
for (const box of all('.command')) {
  const button = make('button', {type: 'button', textContent: 'Copy'});
  button.addEventListener('click', async () => {
    await copyText(box.querySelector('pre').textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  box.append(button);
}

// --- one candidate, followed through table and charts; Escape or a click elsewhere lets go ---
const tip = make('div', {className: 'tip', hidden: true});
tip.setAttribute('role', 'status');
document.body.append(tip);
for (const part of all('.candidates')) {
  const marks = new Map();
  for (const mark of all('[data-c]', part)) {
    if (!marks.has(mark.dataset.c)) marks.set(mark.dataset.c, []);
    marks.get(mark.dataset.c).push(mark);
  }
  let shown = null, pinned = null;
  const show = (candidate) => {
    if (candidate === shown) return;
    for (const mark of marks.get(shown) || []) mark.classList.remove('lit');
    for (const mark of marks.get(candidate) || []) mark.classList.add('lit');
    part.classList.toggle('picking', candidate !== null);
    shown = candidate;
  };
  const describe = (candidate) => {
    const row = part.querySelector(`tr[data-c="${candidate}"]`);
    if (!row) return;
    const headers = [...row.closest('table').tHead.rows[0].cells];
    tip.textContent = headers.filter((header) => 'told' in header.dataset)
      .map((header) => `${header.textContent} ${cellText(row, header.cellIndex)}`).join(', ');
  };
  const placeTip = (x, y) => {
    tip.hidden = false;
    const width = tip.offsetWidth, height = tip.offsetHeight;
    tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${y + 18 + height > innerHeight ? y - height - 12 : y + 18}px`;
  };
  part.addEventListener('pointermove', (event) => {
    const mark = event.target.closest('[data-c]');
    show(mark ? mark.dataset.c : pinned);
    if (mark && mark.ownerSVGElement) {
      describe(mark.dataset.c);
      placeTip(event.clientX, event.clientY);
    } else {
      tip.hidden = true;
    }
  });
  part.addEventListener('pointerleave', () => { show(pinned); tip.hidden = true; });
  part.addEventListener('click', (event) => {
    if (event.target.closest('th button')) return;
    const mark = event.target.closest('[data-c]');
    pinned = mark && mark.dataset.c !== pinned ? mark.dataset.c : null;
    show(pinned);
  });
  for (const row of all('tr[data-c]', part)) {
    row.tabIndex = 0;
    row.addEventListener('focus', () => show(row.dataset.c));
    row.addEventListener('blur', () => show(pinned));
    row.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      pinned = pinned === row.dataset.c ? null : row.dataset.c;
      show(pinned === null ? row.dataset.c : pinned);
    });
  }
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (bar) openMenu(false);
    pinned = null;
    show(null);
    tip.hidden = true;
  });
}
