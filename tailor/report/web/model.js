// The images behind the figures of a confusion matrix, without leaving the matrix: a click opens
// them below, arrow keys walk from cell to cell. Without this script the same links open the same
// panels.

for (const matrix of document.querySelectorAll('.matrix')) {
  const shelf = matrix.querySelector('.shelf');
  if (!shelf) continue;
  const links = [...matrix.querySelectorAll('td a')];
  const panelOf = (link) => document.getElementById(link.hash.slice(1));

  const show = (link) => {
    for (const panel of shelf.querySelectorAll('.open')) panel.classList.remove('open');
    panelOf(link).classList.add('open');
    for (const other of links)
      other.setAttribute('aria-pressed', String(other.hash === link.hash));
  };

  shelf.classList.add('scripted');
  shelf.setAttribute('aria-live', 'polite');
  for (const link of links) link.setAttribute('role', 'button');
  const first = '#' + shelf.querySelector('.first').id;
  show(links.find((link) => link.hash === location.hash)
      || links.find((link) => link.hash === first));
  matrix.addEventListener('click', (event) => {
    const link = event.target.closest('td a');
    if (!link) return;
    event.preventDefault();
    show(link);
    shelf.scrollIntoView({block: 'nearest'});
  });

  // The nearest cell that way which has images.
  const neighbour = (link, key) => {
    const cell = link.closest('td');
    let row = cell.parentElement;
    let column = cell.cellIndex;
    const across = {ArrowLeft: -1, ArrowRight: 1}[key] || 0;
    while (row) {
      if (across) column += across;
      else row = key === 'ArrowUp' ? row.previousElementSibling : row.nextElementSibling;
      const next = row && row.cells[column];
      if (!next) return null;
      if (next.querySelector('a')) return next.querySelector('a');
    }
    return null;
  };
  matrix.addEventListener('keydown', (event) => {
    const link = event.target.closest('.confusion td a');
    if (!link) return;
    if (event.key === ' ') {
      event.preventDefault();
      link.click();
    } else if (event.key.startsWith('Arrow')) {
      const next = neighbour(link, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
    }
  });
}
