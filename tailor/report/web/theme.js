// Light and dark, for every page: as the system wishes, until the button says otherwise (for this
// view only). Paper is light. The dark colours of theme.css hold where the system wishes them;
// choosing changes when they hold, so that they stand there once.

const wishesDark = matchMedia('(prefers-color-scheme: dark)');
const onPaper = matchMedia('print');
const darkRules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule.media && rule.media.mediaText.includes('prefers-color-scheme: dark'));
const followers = [];
let chosenDark = null;  // null = as the system wishes
let told = isDark();

export function isDark() {
  return !onPaper.matches && (chosenDark === null ? wishesDark.matches : chosenDark);
}

// `follow` hears of each change from light to dark or back.
export const followTheme = (follow) => { followers.push(follow); };

// Whoever draws may look with each picture, too: browsers do not tell of every change.
export function lookForChange() {
  if (isDark() === told) return;
  told = isDark();
  for (const follow of followers) follow();
}
wishesDark.addEventListener('change', lookForChange);
onPaper.addEventListener('change', lookForChange);

function chooseDark(dark) {
  chosenDark = dark;
  for (const rule of darkRules) rule.media.mediaText = dark ? 'screen' : 'not all';
  lookForChange();
}

// A button that says what pressing it gives.
export function themeButton() {
  const toggle = document.createElement('button');
  toggle.type = 'button';
  const name = () => {
    const other = isDark() ? 'Light' : 'Dark';
    toggle.textContent = other;
    toggle.setAttribute('aria-label', `Switch to ${other.toLowerCase()} colours`);
  };
  toggle.addEventListener('click', () => chooseDark(!isDark()));
  followTheme(name);
  name();
  return toggle;
}
