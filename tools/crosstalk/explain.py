# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a victim's slow samples took so long: where their time went, by the trace.

The sample that stands for the tail (the slowest; with enough of them, the one at
p99) is divided by who ran on the victim's CPU, who paid for it, and what the
victim was waiting for meanwhile.  Set against the same of the victim alone, the
difference is the explanation.
"""

from dataclasses import dataclass

import workloads

HOST, NOBODY = -1, -2  # instead of a domain
NO_CALL = "is in no call"
VMM = {1: "what kernels ask for", 2: "devices", 3: "decisions and other exits"}
SLOWEST, P99, MEDIAN, LAST = "max", "p99", "p50", "last"
TAIL = (SLOWEST, P99)
IN_WORDS = {SLOWEST: "the slowest sample", P99: "the sample at p99"}
STEP_NS = 100_000  # longer, without a guest, no step of the VMM takes
PARTS_MAX = 8  # of a table; the least are added up
PARTS_SAID = 3  # of a sentence
SHARE_SAID = 0.8  # of the difference, then the sentence ends


@dataclass(frozen=True)
class Part:
    """A kind of time."""

    runs: str  # a domain, the VMM, the host, or nobody
    paid_by: str  # empty: by no domain
    in_slack: bool
    victim: str  # what it does meanwhile


@dataclass
class Why:
    """The tail's sample of a pair beside two others; times in ns."""

    repeat: int
    of: str  # one of TAIL, or LAST if no sample says when it was
    tail: dict  # {Part: ns}
    median: dict
    alone: dict  # the tail's of the victim alone
    lost: int  # events of the trace

    @property
    def difference(self):
        """{Part: ns} that the tail has more than the victim alone, most first."""
        parts = {**self.tail, **self.alone}
        found = {p: self.tail.get(p, 0) - self.alone.get(p, 0) for p in parts}
        return dict(sorted(found.items(), key=lambda item: (-item[1], str(item[0]))))


def closeup(run, *kinds):
    """The first close-up of @run that is of one of @kinds, or None."""
    for found in run.get("closeups", []):
        if found["of"] in kinds:
            return found
    return None


def victim_of(run):
    return [domain["name"] for domain in run["domains"]].index(run["victim"])


def cpu_of(victim, spans):
    """Where the victim runs; the first CPU if it does not."""
    mine = [span[0] for span in spans if span[4] == victim]
    return max(mine, key=mine.count) if mine else min(span[0] for span in spans)


def state(found, names, victim, at):
    """What the victim does at a time: (words, until when at the most).

    A server works for the caller that it answers next.
    """
    until = float("inf")
    for begin, end, server in found["calls"]:
        if begin > at:
            until = min(until, begin)
        elif end is None or at < end:
            for when, who, caller in found["answers"]:
                if who == server and when > at:
                    text = f"waits for {names[server]}"
                    if caller != victim:
                        text += f", busy with {names[caller]}"
                    return text, when
            return f"waits for {names[server]}", end or until
    return NO_CALL, until


def kind(span, names):
    """Who runs, who pays, and whether out of slack, in a span."""
    begin, end, payer, runner, doing, slack = span[1:]
    if payer < 0:
        return "the host" if payer == HOST else "nobody", "", False
    runs = f"the VMM ({VMM[doing]})" if doing else names[runner]
    if doing and end - begin > STEP_NS:  # its thread was not let run
        runs = f"Linux instead of {names[runner]}"
    return runs, names[payer], bool(slack)


def parts(run, found):
    """{Part: ns} of the sample that a close-up is of."""
    names = [domain["name"] for domain in run["domains"]]
    spans = found["timeline"]
    if not spans:
        return {}
    victim = victim_of(run)
    cpu = cpu_of(victim, spans)
    times = {}
    for span in spans:
        at, end = max(span[1], found["begin_ns"]), min(span[2], found["end_ns"])
        if span[0] != cpu:
            continue
        while at < end:
            doing, until = state(found, names, victim, at)
            part = Part(*kind(span, names), doing)
            until = min(until, end)
            times[part] = times.get(part, 0) + until - at
            at = until
    return times


def length(run, found):
    """Of the close-up's sample, in ns; 0 without one."""
    return found["end_ns"] - found["begin_ns"] if found else 0


def why(cell):
    """Of a disturbed cell: its worst repeat; None if that was not traced."""
    found = [
        (length(run, at), repeat, run, at)
        for repeat, run in zip(cell.repeats, cell.runs)
        for at in [closeup(run, *TAIL, LAST)]
        if at and at["timeline"]
    ]
    if cell.antagonist == workloads.NONE or not found:
        return None
    _, repeat, run, tail = max(found, key=lambda f: (f[3]["of"] == LAST, f[0]))
    median = closeup(run, MEDIAN)
    alone = dict(zip(cell.alone.repeats, cell.alone.runs)).get(repeat, {})
    before = closeup(alone, *(TAIL if tail["of"] in TAIL else (LAST,)))
    return Why(
        repeat,
        tail["of"],
        parts(run, tail),
        parts(run, median) if median else {},
        parts(alone, before) if before else {},
        run["events_lost"],
    )


def table(found):
    """[(Part or None for all others, alone, median, tail, difference)]"""
    rows = [
        (p, found.alone.get(p, 0), found.median.get(p, 0), found.tail.get(p, 0), ns)
        for p, ns in found.difference.items()
    ]
    by_weight = sorted(rows, key=lambda row: -max(abs(row[4]), row[2]))
    shown = [row for row in rows if row in by_weight[:PARTS_MAX]]
    rest = [row[1:] for row in rows if row not in shown]
    if rest:
        shown.append((None, *(sum(column) for column in zip(*rest))))
    return shown


def time_text(ns):
    return f"{ns / 1e6:.3f} ms" if ns >= 1e6 else f"{ns / 1e3:.1f} µs"


def payer_text(part):
    return part.paid_by + (", in slack" if part.in_slack else "")


def words(part):
    who = part.runs + " runs"
    comma = ""
    if part.paid_by and part.paid_by != part.runs:
        who += f", paid by {payer_text(part)}"
        comma = ","
    elif part.in_slack:
        who += " in slack"
    return who if part.victim == NO_CALL else f"{who}{comma} while it {part.victim}"


def sentence(found):
    """What makes most of the difference, in words."""
    total = sum(found.tail.values())
    if found.of == LAST:
        text = f"The last {time_text(total)} of repeat {found.repeat}: "
        weights = dict(sorted(found.tail.items(), key=lambda item: -item[1]))
    else:
        text = (
            f"In repeat {found.repeat} {IN_WORDS[found.of]} took {time_text(total)}, alone "
            f"{time_text(sum(found.alone.values()))}, the median one "
            f"{time_text(sum(found.median.values()))}. More than alone: "
        )
        weights = {p: ns for p, ns in found.difference.items() if ns > 0}
    said, rest = [], SHARE_SAID * sum(weights.values())
    for part, ns in list(weights.items())[:PARTS_SAID]:
        said.append(f"{time_text(ns)} {words(part)}")
        rest -= ns
        if rest <= 0:
            break
    return text + ("; ".join(said) or "nothing") + "."


def describe(found):
    """For crosstalk.json."""
    if not found:
        return None
    return {
        "repeat": found.repeat,
        "of": found.of,
        "events_lost": found.lost,
        "parts": [
            {
                "runs": part.runs,
                "paid_by": part.paid_by,
                "in_slack": part.in_slack,
                "victim": part.victim,
                "alone_us": found.alone.get(part, 0) / 1000,
                "median_us": found.median.get(part, 0) / 1000,
                "tail_us": found.tail.get(part, 0) / 1000,
            }
            for part in found.difference
        ],
    }
