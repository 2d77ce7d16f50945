// A box that holds more than it shows says so above itself: bars are thin or hidden on many
// systems, and a table that is cut looks whole.

const kHints = {
  across: 'More to the right: this scrolls sideways.',
  down: 'More below: this scrolls.',
  both: 'More to the right and below: this scrolls both ways.',
};

function hintOf(box) {
  const across = box.scrollWidth > box.clientWidth + 1;
  const down = box.scrollHeight > box.clientHeight + 1
      && getComputedStyle(box).overflowY !== 'visible';
  if (!across && !down) return '';
  const rows = down ? box.querySelectorAll('tbody tr').length : 0;
  const text = kHints[across && down ? 'both' : across ? 'across' : 'down'];
  return rows ? `${rows} rows. ${text}` : text;
}

export function tellOfScrolling() {
  for (const box of document.querySelectorAll('.scroll, .scrolls')) {
    const hint = document.createElement('p');
    hint.className = 'more';
    box.before(hint);
    const tell = () => {
      const text = hintOf(box);
      hint.hidden = !text;
      if (hint.textContent !== text) hint.textContent = text;
    };
    const watch = new ResizeObserver(tell);
    watch.observe(box);
    if (box.firstElementChild) watch.observe(box.firstElementChild);
  }
}
