# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots, by gnuplot, as SVG that lies in an HTML page and follows its colours."""

import re
import subprocess

# Distinguishable on white and on black, and mostly by people who see few
# colours; after them they repeat.
COLORS = (
    "#2f7fd1 #d9711c #2a9d6f #c2569f #b8960c #7a68d8 #d64550 #3aa6b9 #8a8f3c "
    "#a0785a #5f93a8 #c98bb9"
).split()
HOST = "#8c8c8c"
IDLE = "#bf8c8c8c"  # mostly transparent, as gnuplot writes it
LOGARITHMIC_FROM = 4  # largest ÷ smallest sample of a plot
INK = "#000001"  # stands for the page's own text colour


class PlotError(Exception):
    """gnuplot failed."""


def color(number):
    return COLORS[number % len(COLORS)]


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def draw(script, name, width=900, height=360):
    """Run gnuplot; @name makes the ids of the SVG its own."""
    head = (
        f"set terminal svg size {width},{height} dynamic noenhanced "
        f"font 'sans-serif,13' background rgb '#ffffff00'\n"
        f"set border 3 lc rgb '{INK}'\nset tics nomirror textcolor rgb '{INK}'\n"
        f"set key textcolor rgb '{INK}'\nset xlabel textcolor rgb '{INK}'\n"
        f"set ylabel textcolor rgb '{INK}'\n"
        f"set grid lc rgb '#8c8c8c' lw 0.4 dt 3\n"
    )
    done = subprocess.run(
        ["gnuplot"],
        input=head + script,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise PlotError(f"gnuplot: {done.stderr.strip()}")
    return inline(done.stdout, name)


def inline(svg, name):
    """An SVG document as an element of a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\b(?:rgb\(\s*0,\s*0,\s*1\)|#000001)", "currentColor", svg)
    svg = re.sub(r"\bblack\b|rgb\(\s*0,\s*0,\s*0\)", "currentColor", svg)
    svg = re.sub(r"""\bid=(["'])""", rf"id=\1{name}-", svg)
    svg = re.sub(r"""href=(["'])#""", rf"href=\1#{name}-", svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r"<title>.*?</title>", "", svg, flags=re.S)
    return re.sub(r"<desc>.*?</desc>", "", svg, flags=re.S)


def cdf_points(samples_ns, most=400):
    """Points of a distribution; no more than a screen can show."""
    ordered = sorted(samples_ns)
    step = max(1, len(ordered) // most)
    picked = list(range(0, len(ordered), step))
    if picked[-1] != len(ordered) - 1:
        picked.append(len(ordered) - 1)
    return [(ordered[i] / 1e6, (i + 1) / len(ordered)) for i in picked]


def cdf(series, name):
    """@series: [(title, colour, samples in ns)], the victim alone first."""
    blocks, plots = [], []
    low = min(min(samples) for _, _, samples in series)
    high = max(max(samples) for _, _, samples in series)
    wide = high > LOGARITHMIC_FROM * low
    for number, (title, rgb, samples) in enumerate(series):
        rows = "\n".join(f"{x:.6f} {y:.5f}" for x, y in cdf_points(samples))
        blocks.append(f"$d{number} << EOD\n{rows}\nEOD\n")
        style = f"lw {3 if number == 0 else 1.8} lc rgb '{rgb}'"
        plots.append(
            f"$d{number} using 1:2 with steps {style} title {quoted(title)}"
        )
    script = "".join(blocks) + (
        ("set logscale x\n" if wide else "")
        + "set format x '%g'\nset offsets graph 0.02, graph 0.02, 0, 0\n"
        f"set xlabel 'response time (ms{', logarithmic' if wide else ''})'\n"
        "set ylabel 'share of samples'\nset yrange [0:1.01]\n"
        "set key outside right center vertical\n"
        "plot " + ", \\\n".join(plots) + "\n"
    )
    return draw(script, name)


def stacked(rows, parts, name):
    """Stacked bars.

    @rows: [(label, {part: percent})]; @parts: {part: colour}, in order
    """
    lines = []
    for label, values in rows:
        cells = " ".join(f"{values.get(part, 0):.4f}" for part in parts)
        lines.append(f'"{label}" {cells}')
    plots = []
    for number, (part, rgb) in enumerate(parts.items()):
        xtic = ":xtic(1)" if number == 0 else ""
        plots.append(
            f"$d using {number + 2}{xtic} lc rgb '{rgb}' title {quoted(part)}"
        )
    script = (
        "$d << EOD\n" + "\n".join(lines) + "\nEOD\n"
        "set style data histograms\nset style histogram rowstacked\n"
        "set style fill solid border -1\nset style fill noborder\n"
        "set boxwidth 0.7\nset yrange [0:100]\nset xtics rotate by -30\n"
        "set ylabel 'share of the time (%)'\n"
        "set key outside right center vertical invert\n"
        "plot " + ", \\\n".join(plots) + "\n"
    )
    return draw(script, name)


def gantt(tracks, length_ms, names, name):
    """Time line.  @tracks: [(label, [(begin ms, end ms, runner)])], top first.

    @names: {runner: (its name, its colour)}
    """
    boxes, plots = {}, []
    for row, (_, spans) in enumerate(reversed(tracks)):
        for begin, end, runner in spans:
            boxes.setdefault(runner, []).append(
                f"{(begin + end) / 2:.5f} {row} {(end - begin) / 2:.5f} 0.38"
            )
    blocks = ""
    for number, (runner, rows) in enumerate(boxes.items()):
        title, rgb = names[runner]
        blocks += f"$d{number} << EOD\n" + "\n".join(rows) + "\nEOD\n"
        plots.append(
            f"$d{number} using 1:2:3:4 with boxxyerror fs solid noborder "
            f"lc rgb '{rgb}' title {quoted(title)}"
        )
    tics = ", ".join(
        f"{quoted(label)} {row}" for row, (label, _) in enumerate(reversed(tracks))
    )
    script = blocks + (
        f"set xrange [0:{length_ms}]\nset yrange [-0.6:{len(tracks) - 0.4}]\n"
        f"set ytics ({tics})\nset xlabel 'time (ms)'\n"
        "set key outside right center vertical\n"
        "plot " + ", \\\n".join(plots) + "\n"
    )
    return draw(script, name, height=90 + 46 * len(tracks))
