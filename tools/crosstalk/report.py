# SPDX-License-Identifier: GPL-2.0-or-later
"""report.html: one file, nothing loaded from elsewhere."""

from html import escape
from pathlib import Path

import explain
import index
import plots
import results
import whole
import workloads

BOUND = 1.05
# Whose tail the bound is stated for: those that need the CPU, or a server that
# works in their time.
BOUNDED = ("periodic", "requests")
BOUNDED_IN = (workloads.HANDOFF, workloads.COLOCATED)
GAP_MS, SPAN_MS = 0.01, 0.005  # shorter ones cannot be seen
BASELINES = (
    " Without our VMM: <i>processes</i>, the same programs as processes of Linux; "
    "<i>libvirt</i>, the same domains by libvirt and QEMU; with <i>cgroups</i>, "
    "weights and limits are as reserved."
)
STEPS = (1.02, 1.05, 1.2, 1.5, 2, 5, 20)  # of the heat map's shades


def element(tag, text, **attributes):
    words = "".join(
        f' {key.rstrip("_")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
    )
    return f"<{tag}{words}>{text}</{tag}>"


def table(head, rows, caption):
    """@rows: lists of cells, each text or (text, attributes)."""

    def cell(tag, content):
        text, attributes = content if isinstance(content, tuple) else (content, {})
        return element(tag, text, **attributes)

    lines = ["<tr>" + "".join(cell("th", c) for c in head) + "</tr>"]
    for row in rows:
        first, *rest = row
        lines.append(
            "<tr>" + cell("th", first) + "".join(cell("td", c) for c in rest) + "</tr>"
        )
    return (
        '<div class="wide"><table>'
        + element("caption", caption)
        + "\n".join(lines)
        + "</table></div>"
    )


def figure(svg, caption):
    return element("figure", svg + element("figcaption", caption))


def label(cell):
    if cell.placement == workloads.SINGLE:
        return cell.victim
    return f"{cell.victim}, {cell.placement}"


def shade(value):
    """Class of a heat map's cell: the number of steps that it exceeds."""
    return "h" + str(sum(value > step for step in STEPS))


def heat_cell(cell):
    if cell is None:
        return ("", {"class_": "none"})
    if not cell.index or not cell.index["max"]:
        if cell.starved:
            return ("starved", {"class_": "h7"})
        return ("no result", {"class_": "failed"})
    key = index.tail(cell.index)
    tail, middle = cell.index[key], cell.index["p50"]
    missed = results.total(cell, "missed")
    text = f"<b>{tail['mean']:.2f}</b><br><small>{key}<br>p50 {middle['mean']:.2f}"
    text += f"<br>{missed} missed" if missed else ""
    title = (
        f"{cell.victim} beside {cell.antagonist} ({cell.placement}): "
        f"p50 {results.index_text(cell.index['p50'])}, "
        f"p99 {results.index_text(cell.index['p99'])}, "
        f"max {results.index_text(cell.index['max'])}, "
        f"missed {results.missed_text(cell, ' of ')}"
    )
    return (text + "</small>", {"class_": shade(tail["mean"]), "title": title})


def groups_of(cells):
    """Cells by victim and placement, in order."""
    groups = {}
    for cell in cells:
        groups.setdefault((cell.victim, cell.placement), []).append(cell)
    return groups


def heat_map(cells, caption):
    antagonists = list(
        dict.fromkeys(c.antagonist for c in cells if c.antagonist != workloads.NONE)
    )
    rows = []
    for group in groups_of(cells).values():
        by_name = {c.antagonist: c for c in group}
        rows.append(
            [escape(label(group[0]))] + [heat_cell(by_name.get(a)) for a in antagonists]
        )
    head = ["victim"] + [escape(a) for a in antagonists]
    return element("div", table(head, rows, caption), class_="heat")


def number_text(value):
    return results.UNKNOWN if value is None else f"{value:.1f}"


def pair_rows(group):
    for cell in group:
        found = cell.index or {}
        alone = not cell.index
        response = [f for f in cell.figures if f]
        yield [
            escape(cell.antagonist if not alone else "alone"),
            str(len(cell.samples)),
            *(
                f"{max(f[key] for f in response) / 1000:.3f}"
                if response and response[0][key] is not None
                else "–"
                for key in ("p50", "p99", "max")
            ),
            *(
                results.index_text(found.get(key)) if not alone else "1"
                for key in ("p50", "p99", "max")
            ),
            results.missed_text(cell, " of "),
            number_text(results.worst(cell, "longest_step_us")),
        ]


def charge_rows(group):
    """Shares of the time, and the names in the order of the bars."""
    rows, parts = [], []
    for cell in group:
        passed = sum(results.cpu_time_us(run) for run in cell.runs)
        shares = {}
        for name, ms in results.charges_ms(cell, "charged_us").items():
            shares[name] = 100 * ms * 1000 / passed
        shares["host"] = 100 * results.total(cell, "host_us") / passed
        shares["idle"] = 100 * results.total(cell, "idle_us") / passed
        rows.append((cell.antagonist if cell.index else "alone", shares))
        parts += [n for n in shares if n not in parts and n not in ("host", "idle")]
    return rows, parts + ["host", "idle"]


def spans_of(timeline, cpu, column, begin_ns):
    """Spans of a CPU as far as they can be seen, by who @column names."""
    spans = {}
    for span in timeline:
        begin, end = ((span[i] - begin_ns) / 1e6 for i in (1, 2))
        who = span[column]
        if span[0] != cpu or who < explain.HOST:
            continue
        mine = spans.setdefault(who, [])
        if mine and begin - mine[-1][1] < GAP_MS:
            mine[-1][1] = end
        else:
            mine.append([begin, end])
    return sorted(
        (begin, end, who)
        for who, mine in spans.items()
        for begin, end in mine
        if end - begin >= SPAN_MS
    )


def tracks_of(run, closeup):
    """What a time line shows of a close-up: [(label, spans)]; its length in ms."""
    timeline = closeup["timeline"]
    begin = min(span[1] for span in timeline)
    sample = [(closeup[key] - begin) / 1e6 for key in ("begin_ns", "end_ns")]
    tracks = []
    if closeup["of"] in explain.TAIL:
        tracks.append(("the sample", [(*sample, explain.victim_of(run))]))
    for cpu in range(len(run["cpus"])):
        tracks.append((f"CPU {cpu}: pays", spans_of(timeline, cpu, 3, begin)))
        tracks.append((f"CPU {cpu}: runs", spans_of(timeline, cpu, 4, begin)))
    return tracks, (max(span[2] for span in timeline) - begin) / 1e6


def shown_run(cell):
    """The run that is explained, or the first one; and which repeat it is."""
    found = explain.why(cell)
    repeat = found.repeat if found else cell.repeats[0]
    return cell.runs[cell.repeats.index(repeat)], repeat


def time_line(cell, colors, name):
    run, repeat = shown_run(cell)
    closeup = explain.closeup(run, *explain.TAIL, explain.LAST)
    if not closeup or not closeup["timeline"]:
        return ""
    names = {
        i: (domain["name"], colors[domain["name"]])
        for i, domain in enumerate(run["domains"])
    }
    names[explain.HOST] = ("host", plots.HOST)
    tracks, length_ms = tracks_of(run, closeup)
    if not any(spans for _, spans in tracks):
        return ""
    svg = plots.gantt(tracks, length_ms, names, name)
    with_whom = "alone" if not cell.index else f"beside {escape(cell.antagonist)}"
    return figure(
        svg,
        f"<b>{escape(cell.victim)} {with_whom}</b>, around "
        f"{explain.IN_WORDS.get(closeup['of'], 'the end')} of repeat {repeat}: whose "
        "reservation pays for the time of the CPU, and whose virtual CPU runs. Where "
        "they differ, a server works for its caller. Pauses under "
        f"{GAP_MS * 1000:.0f} µs are not drawn.",
    )


def choose_colors(cells):
    """{domain: colour}, the same in all plots: victims' first, then servers'."""
    victims = {cell.victim for cell in cells}
    names = {}
    for cell in cells:
        for domain in cell.runs[0]["domains"]:
            names.setdefault(domain["name"], domain["name"] == cell.antagonist)
    colors = {name: plots.color(0) for name in victims}
    others = sorted((n for n in names if n not in victims), key=lambda n: names[n])
    for number, name in enumerate(others, 1):
        colors[name] = plots.color(number)
    return {**colors, "host": plots.HOST, "idle": plots.IDLE}


def where_time_went(group):
    over = [cell for cell, _ in exceeding(group)]
    parts = [why_table(cell) for cell in over]
    more = "".join(why_table(c) for c in group if c.index and c not in over)
    if more:
        title = element("summary", "Where the time went beside the other antagonists")
        parts.append(element("details", title + more))
    return parts


def time_lines(group, colors, number):
    lines = [time_line(c, colors, f"gantt{number}x{i}") for i, c in enumerate(group)]
    parts = ["".join(lines[:2])]
    if any(lines[2:]):
        more = element("summary", "Time lines beside the other antagonists")
        parts.append(element("details", more + "".join(lines[2:])))
    return parts


def section(group, colors, number):
    """All about a victim in one placement."""
    first = group[0]
    parts = [element("h2", escape(label(first)), id=f"victim{number}")]
    with_samples = [c for c in group if c.samples]
    if with_samples:
        series = [
            (c.antagonist, colors[c.antagonist], c.samples)
            if c.index
            else ("alone", plots.INK, c.samples)
            for c in with_samples
        ]
        parts.append(
            figure(
                plots.cdf(series, f"cdf{number}"),
                "Response times of all repeats: which share of the samples took no "
                "longer. A curve on the black or white one of the victim alone means "
                "no crosstalk; a tail that leaves to the right is what a few "
                "samples suffered.",
            )
        )
    head = ["beside", "samples", "p50 ms", "p99 ms", "max ms"]
    head += ["index p50", "index p99", "index max", "missed", "longest step µs"]
    parts.append(
        table(
            head,
            pair_rows(group),
            "Response times: the worst repeat's. Index: disturbed ÷ alone, mean of "
            "the repeats ± half the 95 % confidence interval; p99 from "
            f"{index.P99_SAMPLES_MIN} samples a repeat on. Missed: periods in which "
            "budget was usable and wanted, without a pause, until its deadline. "
            "Longest step: time of the VMM between two decisions.",
        )
    )
    rows, names = charge_rows(group)
    parts.append(
        figure(
            plots.stacked(rows, {n: colors[n] for n in names}, f"charge{number}"),
            "Who was charged for the time of the CPU, in percent of the interval "
            "measured. A call charges its caller, wherever the server is.",
        )
    )
    parts += where_time_went(group) + time_lines(group, colors, number)
    return element("section", "\n".join(parts))


def is_bounded(cell):
    in_place = cell.placement in BOUNDED_IN
    return cell.victim in BOUNDED and in_place and cell.index is not None


def excess(cell):
    """By how much a pair exceeds the bound, in words, or an empty text."""
    if cell.starved:
        return "starved"
    key = index.tail(cell.index)
    found = cell.index[key]
    missed = results.total(cell, "missed")
    if found and found["mean"] <= BOUND and not missed:
        return ""
    what = f"{key} {found['mean']:.2f}" if found else "no index"
    helped = results.charges_ms(cell, "charged_for_others_us").get(cell.victim, 0)
    what += f", {missed} missed" if missed else ""
    return what + (f", {helped:.1f} ms of its time for others" if helped else "")


def exceeding(cells):
    """[(cell, excess)] of our pairs that exceed the bound."""
    return [
        (cell, excess(cell))
        for cell in cells
        if cell.index and cell.placement not in workloads.BASELINES and excess(cell)
    ]


def excess_line(cell, what):
    found = explain.why(cell)
    text = f"{escape(label(cell))} beside {escape(cell.antagonist)}: <b>{what}</b>. "
    return element("li", text + escape(explain.sentence(found) if found else "No trace."))


def us_text(ns):
    return f"{ns / 1000:.1f}"


def why_table(cell):
    """Where the time of the tail went; empty without a trace."""
    found = explain.why(cell)
    if not found:
        return ""
    rows = []
    for part, *times in explain.table(found):
        who = ["all else", "", ""]
        if part:
            who = [part.runs, explain.payer_text(part), part.victim]
        rows.append([*map(escape, who), *map(us_text, times)])
    columns = (found.alone, found.median, found.tail, found.difference)
    rows.append(["sum", "", "", *(us_text(sum(c.values())) for c in columns)])
    lost = f" {found.lost} events of the trace were lost." if found.lost else ""
    head = ["runs", "paid by", "the victim"]
    head += [f"{found.of} alone", explain.MEDIAN, found.of, "more than alone"]
    return table(
        head,
        rows,
        f"<b>Beside {escape(cell.antagonist)}</b>: where the time of single samples "
        f"went, in µs, by the trace of repeat {found.repeat}." + lost,
    )


def summary(cells, errors):
    bounded = [c for c in cells if is_bounded(c)]
    over = exceeding(cells)
    kept = len(bounded) - sum(is_bounded(cell) for cell, _ in over)
    text = (
        f"<p>Of {len(bounded)} pairs with a victim that needs the CPU or a server "
        f"({', '.join(BOUNDED)}; {', '.join(BOUNDED_IN)}), <b>{kept}</b> keep the "
        f"bound: index of the tail at most {BOUND} and no deadline missed.</p>"
    )
    if over:
        text += "<p>Of all pairs, these exceed it:</p>" + element(
            "ul", "".join(excess_line(*line) for line in over)
        )
    if errors:
        text += element("p", "Runs without a result:", class_="failed") + element(
            "ul", "".join(element("li", escape(e)) for e in errors)
        )
    return text


def how(data):
    rows = [
        ["command", element("code", escape(data["command"]))],
        ["host", escape(str(data.get("host", "?")))],
        [
            "clock",
            "counts instructions, 1 ns each: results repeat to the last digit"
            if data.get("icount")
            else "the machine's",
        ],
        [
            "a run",
            f"{data['periods']} periods of the victim, of 20 ms at least; "
            f"{data['repeats']} repeats; of a baseline, half as many periods",
        ],
        [
            "CPUs",
            "1"
            if data["cpus"] == 1
            else f"{data['cpus']}: antagonists are on the last, all others on CPU 0",
        ],
        ["seed", f"{data['seed']}, the next repeat has the next one"],
        ["kernel", escape(str(data.get("kernel", "?")))],
        ["versions", escape(str(data.get("versions", "this machine's")))],
        *(["of baselines", escape(text)] for text in data["other_versions"]),
        ["compiler", escape(str(data.get("compiler", "?")))],
    ]
    return table(["", ""], rows, "Where the figures come from, and how to repeat them")


def configuration(data):
    parts = []
    for system, files in data["systems"].items():
        inner = "".join(
            element("h4", escape(name)) + element("pre", escape(text))
            for name, text in files.items()
        )
        parts.append(element("details", element("summary", escape(system)) + inner))
    programs = element(
        "pre",
        "\n".join(f"{value}  {escape(n)}" for n, value in data["programs"].items()),
    )
    return (
        element("h2", "Configuration", id="configuration")
        + "<p>The files of every system, as they were run (seed of the first "
        "repeat); <code>/hyperhurd</code> is the build folder.</p>"
        + "".join(parts)
        + "<p>SHA-256 of the programs; a placement changes none of them:</p>"
        + programs
    )


def write(data, cells, path):
    """Write the page."""
    reserved = [c for c in cells if c.reserved]
    free = [c for c in cells if not c.reserved]
    body = [
        element("h1", "QoS crosstalk"),
        "<p>How much does one domain's activity disturb another? Each victim runs "
        "alone, then beside each antagonist. The <b>crosstalk index</b> is a figure "
        "of its response times when disturbed, divided by the same figure when "
        "alone: 1 means undisturbed.</p>",
        summary(reserved, data["errors"]),
        heat_map(
            reserved,
            "Index of the tail (p99, or the maximum below "
            f"{index.P99_SAMPLES_MIN} samples a repeat), with reservations. "
            "<i>handoff</i>: victim and server are two domains, and a call takes the "
            "caller's time along; <i>colocated</i>: the same programs are tasks of "
            "one domain; <i>ring</i>: calls lend no time, and the servers have a part of "
            "the victim's reservation; <i>ring-threads</i>: likewise, and a host thread "
            "runs each server. <i>Starved</i>: in some repeat it finished nothing."
            + (BASELINES if any(c.placement in workloads.BASELINES for c in cells) else ""),
        ),
    ]
    if free:
        body.append(heat_map(free, "The same without reservations."))
    colors = choose_colors(cells)
    for number, group in enumerate(groups_of(reserved).values()):
        body.append(section(group, colors, number))
    body += [element("h2", "How this was measured"), how(data), configuration(data)]
    style = (Path(__file__).parent / "report.css").read_text()
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        "<title>QoS crosstalk</title>\n<style>\n"
        + style
        + "</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )
    whole.write(Path(path), page)
