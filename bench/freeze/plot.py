# SPDX-License-Identifier: Apache-2.0
"""The plot of the freezes: a small SVG writer, so that nothing needs to be installed."""
import math
from xml.sax.saxutils import escape

import results

WIDTH, HEIGHT = 900, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 70, 80
COLORS = {"carovana": "#0b6e99", "stock": "#c2410c"}
NAMES = {"carovana": "Carovana", "stock": "stock path"}
FONT = 'font-family="system-ui, sans-serif"'


class Scale:
    """Milliseconds to a height on a logarithmic axis."""

    def __init__(self, values):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)

    def y(self, millis):
        share = (math.log10(millis) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def ticks(self):
        return [factor * 10 ** power for power in range(self.low, self.high) for factor in (1, 2, 5)] + [10 ** self.high]


def svg(rows):
    """Median (dot) and 95th percentile (bar) of freeze_ms for each cell and path."""
    freezes = results.by_cell([row for row in rows if row["freeze_ms"] > 0], "freeze_ms")
    cells = sorted({(count, state) for _, count, state in freezes})
    scale = Scale([value for values in freezes.values() for value in values])
    step = (WIDTH - LEFT - RIGHT) / max(1, len(cells))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT} font-size="12" fill="#222">',
             "<title>Freeze of a moving pod, by containers and state</title>",
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             _text(LEFT, 24, "Freeze of a moving pod: median (dot) and 95th percentile (bar)", size=16)]
    parts += _grid(scale)
    for index, (count, state) in enumerate(cells):
        center = LEFT + (index + 0.5) * step
        parts += [_text(center, HEIGHT - BOTTOM + 20, f"{count} × {state}", anchor="middle")]
        for path, offset in (("carovana", -0.15), ("stock", 0.15)):
            if values := freezes.get((path, count, state)):
                parts += _mark(center + offset * step, scale, values, path)
    parts += [_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 44, "containers × MiB of state in each", anchor="middle")]
    parts += _legend()
    return "\n".join(parts) + "\n</svg>\n"


def _grid(scale):
    parts = [f'<text x="18" y="{(TOP + HEIGHT - BOTTOM) / 2:.0f}" text-anchor="middle" '
             f'transform="rotate(-90 18 {(TOP + HEIGHT - BOTTOM) / 2:.0f})">freeze, ms (logarithmic)</text>']
    for tick in scale.ticks():
        y = scale.y(tick)
        parts += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
                  _text(LEFT - 8, y + 4, f"{tick:g}", anchor="end")]
    return parts


def _mark(x, scale, values, path):
    middle, high = scale.y(results.median(values)), scale.y(results.p95(values))
    color = COLORS[path]
    return [f'<g fill="{color}" stroke="{color}">',
            f"<title>{NAMES[path]}: median {results.median(values):.0f} ms, "
            f"95th percentile {results.p95(values):.0f} ms, {len(values)} moves</title>",
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{middle:.1f}" y2="{high:.1f}" stroke-width="2"/>',
            f'<line x1="{x - 6:.1f}" x2="{x + 6:.1f}" y1="{high:.1f}" y2="{high:.1f}" stroke-width="2"/>',
            f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="5"/>',
            f'<text x="{x:.1f}" y="{middle + 18:.1f}" text-anchor="middle" font-size="11" stroke="none">'
            f"{results.median(values):.0f}</text>", "</g>"]


def _legend():
    parts = []
    for index, (path, color) in enumerate(COLORS.items()):
        x = LEFT + index * 120
        parts += [f'<circle cx="{x + 6}" cy="46" r="5" fill="{color}"/>', _text(x + 18, 50, NAMES[path])]
    return parts


def _text(x, y, text, anchor="start", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
