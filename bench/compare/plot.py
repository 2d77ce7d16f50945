"""Bars of a comparison as SVG: one file a mode, one panel a net, the best variant of every program
and precision."""

from html import escape

import tables

WIDTH, LABELS, VALUES, BAR, GAP, HEAD, EDGE = 720, 262, 96, 16, 6, 34, 16
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f } .head { font-weight: 600 }
  .dim { fill: #57606a }
  .page { fill: #ffffff } .tailor { fill: #0969da } .peer { fill: #afb8c1 } .own { fill: #d4dae0 }
  .spread { stroke: #24292f; stroke-width: 1.2 } .base { stroke: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .dim { fill: #9198a1 } .page { fill: #0d1117 }
    .tailor { fill: #4493f8 } .peer { fill: #6e7681 }
    .own { fill: #3d444d } .spread { stroke: #e6edf3 } .base { stroke: #3d444d }
  }
"""


def best_of_each(table):
    seen = {}
    for row in table:  # fastest first
        seen.setdefault((row.program, row.precision), row)
    return list(seen.values())


def bar(row, y, scale):
    """Label, bar, a line from the smallest to the largest round, and the median."""
    low, high, length = (scale * speed for speed in (min(row.speeds), max(row.speeds), row.median))
    kind = "tailor" if row.program == "Tailor" else "own" if row.own else "peer"
    middle, text = y + BAR / 2, y + BAR - 4
    name = f"<tspan class='dim'>{escape(row.variant)}</tspan> {escape(row.program)} {row.precision}"
    return [
        f"<text x='{LABELS - 8}' y='{text}' text-anchor='end'>{name}</text>",
        f"<rect class='{kind}' x='{LABELS}' y='{y}' width='{length:.1f}' height='{BAR}' rx='2'/>",
        f"<line class='spread' x1='{LABELS + low:.1f}' x2='{LABELS + high:.1f}' "
        f"y1='{middle}' y2='{middle}'/>",
        f"<text x='{LABELS + max(high, length) + 6:.1f}' y='{text}'>{row.median:,.0f}</text>"
    ]


def panel(net, table, top):
    shown = best_of_each(table)
    # A scale of its own: nets differ tenfold.
    scale = (WIDTH - LABELS - VALUES - EDGE) / max(max(row.speeds) for row in shown)
    lines = [f"<text class='head' x='{LABELS}' y='{top + 12}'>{escape(net)}</text>"]
    y = top + 20
    for row in shown:
        lines += bar(row, y, scale)
        y += BAR + GAP
    lines.append(
        f"<line class='base' x1='{LABELS}' x2='{LABELS}' y1='{top + 17}' y2='{y - GAP + 3}'/>")
    return lines, y + 12


def svg(heading, panels):
    """`panels`: net -> rows."""
    lines, y = [], EDGE + HEAD
    for net, table in panels.items():
        more, y = panel(net, table, y)
        lines += more
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {y}' "
        f"width='{WIDTH}' height='{y}' role='img'>",
        f"<title>{escape(heading)}</title>", f"<style>{STYLE}</style>",
        f"<rect class='page' width='{WIDTH}' height='{y}' rx='6'/>",
        f"<text class='head' x='{EDGE}' y='{EDGE + 12}'>{escape(heading)}</text>",
        f"<text class='dim' x='{EDGE}' y='{EDGE + 28}'>images/s, median; line: smallest to largest "
        "round; each program's best variant</text>",
        *lines, "</svg>", ""
    ])


def write_all(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    modes = {}
    for (mode, net), table in tables.sections(results).items():
        modes.setdefault(mode, {})[net] = table
    for mode, panels in modes.items():
        (folder / f"compare-{mode}.svg").write_text(
            svg(f"{tables.title(mode, results)}, {results['options']['threads']} threads", panels))
