#include "tailor/report/html.hpp"

namespace tailor {

// Two families of colour carry meaning: blue for what is right or trained on, orange for what is
// wrong or watched; shape, weight or text always says the same again.
std::string_view stylesheet() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #fcfbf9; --card: #ffffff; --ink: #20242b; --soft: #5d6470; --rule: #e4e1db;
  --blue: #2f66ab; --orange: #b4541a; --blue-rgb: 47 102 171; --orange-rgb: 214 112 38;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171b; --card: #1c1f25; --ink: #e3e6eb; --soft: #9ba3b0; --rule: #31363f;
    --blue: #86b4f2; --orange: #f0a468; --blue-rgb: 96 152 226; --orange-rgb: 224 132 66;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.75rem; font-size: 1.35rem; line-height: 1.3; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.02rem; }
p { margin: 0.5rem 0; max-width: 44rem; }
.soft, figcaption, caption { color: var(--soft); }
p.soft { font-size: 0.88rem; }
nav { margin-top: 1rem; font-size: 0.92rem; }
nav a { margin-right: 1.1rem; white-space: nowrap; }
a { color: var(--blue); text-underline-offset: 0.15em; }
section { margin: 3rem 0; padding-top: 1.75rem; border-top: 1px solid var(--rule); }
main > section:first-child { border-top: 0; margin-top: 1rem; }
.score { font-size: clamp(2.8rem, 9vw, 4.4rem); line-height: 1.1; font-weight: 650; letter-spacing: -0.02em;
  font-variant-numeric: tabular-nums; }
.score small { display: block; font-size: 1rem; font-weight: 400; letter-spacing: 0; color: var(--soft);
  margin-top: 0.5rem; line-height: 1.5; max-width: 34rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 0.5rem 2.5rem;
  align-items: start; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
.scroll:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 0.4rem; font-size: 0.88rem; }
th, td { padding: 0.32rem 0.9rem 0.32rem 0; text-align: left; vertical-align: baseline;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 550; }
thead th { color: var(--soft); font-size: 0.85rem; white-space: nowrap; }
tbody th { font-weight: 450; }
.n { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0.2rem; }
tr.marked th, tr.marked td, tr.total th, tr.total td { font-weight: 650; }
tr.marked { background: rgb(var(--blue-rgb) / 0.10); }
tr.total th, tr.total td { border-top: 2px solid var(--rule); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.2rem 1.25rem; margin: 0.75rem 0;
  font-size: 0.94rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
figure { margin: 0.75rem 0; }
figcaption { font-size: 0.88rem; margin-top: 0.35rem; max-width: 44rem; }
img { display: block; max-width: 100%; height: auto; border-radius: 3px; }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 0.9rem 1rem; overflow-x: auto;
  font: 0.84rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; margin: 0.6rem 0; }
summary { cursor: pointer; color: var(--blue); font-size: 0.94rem; }
details { margin: 0.6rem 0; }
svg { display: block; width: 100%; max-width: 44rem; height: auto; }
svg text { fill: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
svg .title { fill: var(--ink); font-size: 14px; font-weight: 550; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .train { stroke: var(--blue); } svg .watched { stroke: var(--orange); stroke-dasharray: 6 4; }
svg path.train, svg path.watched { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg circle.train { fill: var(--blue); stroke: none; }
svg rect.watched { fill: var(--orange); stroke: none; }
svg text.train { fill: var(--blue); stroke: none; } svg text.watched { fill: var(--orange); stroke: none; }
svg .point { fill: var(--blue); stroke: var(--blue); stroke-width: 1.5; }
svg .failed { stroke: var(--orange); stroke-width: 2; fill: none; }
svg .best { fill: none; stroke: var(--ink); stroke-width: 2; }
svg text.value { fill: var(--ink); }
svg .right { fill: rgb(var(--blue-rgb)); } svg .wrong { fill: rgb(var(--orange-rgb)); }
.confusion table { font-size: 0.84rem; }
.confusion th, .confusion td { border: 1px solid var(--rule); padding: 0.28rem 0.4rem; }
.confusion td { text-align: right; min-width: 3.4rem; background: rgb(var(--orange-rgb) / var(--a)); }
.confusion td.zero { color: var(--soft); background: none; }
.confusion td.hit { background: rgb(var(--blue-rgb) / var(--a)); font-weight: 650; outline: 2px solid rgb(var(--blue-rgb) / 0.55);
  outline-offset: -2px; }
.confusion thead th { vertical-align: bottom; }
.confusion .turned { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; overflow: hidden;
  text-overflow: ellipsis; margin-left: auto; }
.confusion tbody th { white-space: nowrap; max-width: 11rem; overflow: hidden; text-overflow: ellipsis; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: 1.1rem 1rem;
  list-style: none; margin: 1rem 0; padding: 0; font-size: 0.86rem; line-height: 1.35; }
.gallery img { width: 100%; max-width: 8.2rem; image-rendering: pixelated; background: #000; margin-bottom: 0.35rem; }
.gallery span { display: block; overflow-wrap: anywhere; }
footer { padding-bottom: 3rem; font-size: 0.88rem; color: var(--soft); }
@media (max-width: 40rem) {
  header { padding-top: 1.75rem; }
  h1 { font-size: 1.6rem; }
  section { margin: 2rem 0; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(6.4rem, 1fr)); }
  .confusion td { min-width: 2.5rem; }
}
@media print {
  :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --rule: #cccccc; --blue: #2f66ab;
    --orange: #b4541a; --blue-rgb: 47 102 171; --orange-rgb: 214 112 38; }
  body { font-size: 10.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  .scroll { overflow: visible; }
  pre { white-space: pre-wrap; }
  figure, tr, .gallery li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
)css";
}

}  // namespace tailor
