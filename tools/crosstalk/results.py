# SPDX-License-Identifier: GPL-2.0-or-later
"""From the runs of a campaign to crosstalk.json and crosstalk.csv."""

import csv
import io
from dataclasses import dataclass, field

import explain
import index
import whole
import workloads

VERSION = 1
# Within which the accounts must add up to the time that passed.
IDENTITY_TOLERANCE = 0.01
UNKNOWN = "-"

ENVIRONMENT = ("host", "icount", "versions", "kernel", "compiler")


@dataclass
class Cell:
    """A victim, a placement and an antagonist: its runs, one a repeat."""

    victim: str
    placement: str
    antagonist: str
    reserved: bool
    runs: list = field(default_factory=list)  # as measured
    repeats: list = field(default_factory=list)  # which of them these are
    domains: list = field(default_factory=list)  # of the first repeat
    index: dict = None  # None for the victim alone
    alone: "Cell" = None  # likewise
    starved: bool = False  # in some repeat it finished nothing, but did so alone

    @property
    def figures(self):
        return [index.figures(run["samples_ns"]) for run in self.runs]

    def figures_of(self, repeats):
        """Of these repeats; None for those that are not there."""
        by_repeat = dict(zip(self.repeats, self.figures))
        return [by_repeat.get(repeat) for repeat in repeats]

    @property
    def samples(self):
        """Of all repeats together."""
        return [ns for run in self.runs for ns in run["samples_ns"]]


def cpu_time_us(run):
    """That passed while the accounts grew, of all CPUs together."""
    return sum(cpu["wall_us"] for cpu in run["cpus"])


def clock_is_exact(measured):
    """Not in an emulator without instruction clock: whoever reads the clock
    after the accounts may be kept from it for long.
    """
    return measured.get("icount", True) or measured.get("host") == "kvm"


def accounts_error(run, exact=True):
    """What is wrong with the accounts of a run, or None.

    @exact: the interval is what passed by the clock, too
    """
    passed = cpu_time_us(run)
    rest = run["host_us"] + run["idle_us"]
    charged = sum(d["charged_us"] for d in run["domains"]) + rest
    spent = sum(run["spent_us"].values()) + rest
    sums = [("charged", charged, passed), ("spent", spent, passed)]
    for number, cpu in enumerate(run["cpus"]):
        total = cpu["spent_us"] + cpu["host_us"] + cpu["idle_us"]
        sums.append((f"CPU {number}", total, cpu["wall_us"]))
        if exact:
            sums.append((f"clock of CPU {number}", cpu["wall_us"], run["interval_us"]))
    for what, total, wanted in sums:
        if abs(total / wanted - 1) > IDENTITY_TOLERANCE:
            return f"{what}: {total:.0f} us of {wanted:.0f} us"
    return None


def run_error(run, measured):
    """What went wrong in a run of @measured, or None."""
    return run.get("error") or accounts_error(run, clock_is_exact(measured))


def make_cells(batches, stored):
    """Cells in the order of the batches, and what went wrong."""
    cells, errors = {}, []
    for batch in batches:
        if batch.key not in stored:
            continue
        measured = stored[batch.key]["measured"]
        for run, result in zip(batch.runs, measured["runs"]):
            where = f"{batch.group} beside {run.antagonist}, repeat {run.repeat}"
            key = (batch.group, run.antagonist)
            cell = cells.setdefault(
                key,
                Cell(batch.victim, batch.placement, run.antagonist, batch.reserved),
            )
            wrong = run_error(result, measured)
            alone = run.antagonist == workloads.NONE
            if not wrong and alone and not result["samples_ns"]:
                wrong = "the victim finished nothing, though alone"
            if wrong:
                errors.append(f"{where}: {wrong}")
            if result.get("error"):
                continue
            cell.runs.append(result)
            cell.repeats.append(run.repeat)
            cell.domains = cell.domains or run.domains
    for (group, antagonist), cell in cells.items():
        if antagonist != workloads.NONE:
            cell.alone = cells[group, workloads.NONE]
            alone = cell.alone.figures_of(cell.repeats)
            cell.index = index.index(cell.figures, alone)
            cell.starved = None in cell.figures and None not in alone
    return [cell for cell in cells.values() if cell.runs], errors


def rounded(value):
    return round(value, 3)


def reservation(cell, name):
    for domain in cell.runs[0]["domains"]:
        if domain["name"] == name:
            return {
                key: domain[key] for key in ("slice_us", "period_us", "deadline_us")
            }
    return {"slice_us": 0, "period_us": 0, "deadline_us": 0}


def total(cell, key):
    """None: a baseline does not know it."""
    values = [run[key] for run in cell.runs]
    return None if None in values else sum(values)


def total_ms(cell, key):
    return rounded(total(cell, key) / 1000)


def missed_text(cell, between):
    if total(cell, "periods") is None:
        return UNKNOWN
    return f"{total(cell, 'missed')}{between}{total(cell, 'periods')}"


def charges_ms(cell, key):
    charges = {}
    for run in cell.runs:
        for domain in run["domains"]:
            charges[domain["name"]] = charges.get(domain["name"], 0) + domain[key]
    return {name: rounded(us / 1000) for name, us in charges.items()}


def spent_ms(cell):
    causes = cell.runs[0]["spent_us"]
    return {
        cause: rounded(sum(run["spent_us"][cause] for run in cell.runs) / 1000)
        for cause in causes
    }


def worst(cell, *keys):
    values = []
    for run in cell.runs:
        for key in keys:
            run = run[key]
        values.append(run)
    return None if None in values else max(values)


def describe(cell):
    """A pair for crosstalk.json: what report.json says, and more."""
    return {
        "victim": cell.victim,
        "antagonist": cell.antagonist,
        "placement": cell.placement,
        "victim_reservation": reservation(cell, cell.victim),
        "antagonist_reservation": reservation(cell, cell.antagonist),
        "missed": total(cell, "missed"),
        "periods": total(cell, "periods"),
        "not_started": total(cell, "not_started"),
        "jitter_us": {
            key: worst(cell, "jitter_us", key) for key in ("p50", "p99", "max")
        },
        "charged_ms": charges_ms(cell, "charged_us"),
        "charged_for_others_ms": charges_ms(cell, "charged_for_others_us"),
        "spent_ms": spent_ms(cell),
        "host_ms": total_ms(cell, "host_us"),
        "idle_ms": total_ms(cell, "idle_us"),
        "interval_ms": total_ms(cell, "interval_us"),
        "cpus": len(cell.runs[0]["cpus"]),
        "longest_step_us": worst(cell, "longest_step_us"),
        "longest_step_at_start_us": worst(cell, "longest_step_at_start_us"),
        "guarantees": all(run["guarantees"] for run in cell.runs),
        "starved": cell.starved,
        "samples": len(cell.samples),
        "response_us": cell.figures,
        "index": cell.index,
        "tail": explain.describe(explain.why(cell)),
    }


def other_versions(first, stored):
    """Packages of appliances that some batches ran in and the first did not."""
    found = {batch["measured"].get("versions") for batch in stored.values()}
    return sorted(filter(None, found - {first.get("versions")}))


def make_json(cells, errors, stored, settings, command):
    """crosstalk.json."""
    first = next(iter(stored.values()))["measured"] if stored else {}
    programs = {}
    for batch in stored.values():
        programs.update(batch["programs"])
    return {
        "version": VERSION,
        **{key: first[key] for key in ENVIRONMENT if key in first},
        "other_versions": other_versions(first, stored),
        "periods": settings.periods,
        "repeats": settings.repeats,
        "seed": settings.seed,
        "cpus": settings.cpus,
        "command": command,
        "pairs": [describe(c) for c in cells if c.reserved],
        "pairs_unreserved": [describe(c) for c in cells if not c.reserved],
        "errors": errors,
        "programs": dict(sorted(programs.items())),
        "systems": {
            f"{c.victim}-{c.placement}-{c.antagonist}": {
                f"{d.name}.xml": d.xml(settings.seed) for d in c.domains
            }
            for c in cells
            if c.reserved
        },
    }


COLUMNS = (
    "victim antagonist placement reserved repeat samples p50_us p99_us max_us "
    "index_p50 index_p99 index_max missed periods longest_step_us"
).split()


def csv_rows(cell):
    for number, (run, figures) in enumerate(zip(cell.runs, cell.figures)):
        row = [cell.victim, cell.antagonist, cell.placement]
        row += ["yes" if cell.reserved else "no", cell.repeats[number]]
        row.append(len(run["samples_ns"]))
        row += [(figures or {}).get(key) for key in ("p50", "p99", "max")]
        for key in ("p50", "p99", "max"):
            found = (cell.index or {}).get(key)
            row.append(found["repeats"][number] if found else None)
        yield row + [run["missed"], run["periods"], run["longest_step_us"]]


def write_csv(cells, path):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cell in cells:
        writer.writerows(csv_rows(cell))
    whole.write(path, text.getvalue())


def index_text(found):
    if not found:
        return UNKNOWN
    half = found["half_width_95"]
    return f"{found['mean']:.3f}" + (f" ±{half:.3f}" if half is not None else "")


def print_table(cells, out):
    """For a terminal: one line a pair."""
    row = "{:<10} {:<16} {:<12} {:>7} {:>9}  {:<14} {:<14} {:<14}\n"
    for reserved, title in ((True, "With"), (False, "Without")):
        part = [c for c in cells if c.reserved == reserved]
        if not part:
            continue
        out.write(f"\n{title} reservations; index: disturbed / alone\n")
        out.write(
            row.format(
                "VICTIM", "BESIDE", "PLACEMENT", "SAMPLES", "MISSED",
                "INDEX p50", "p99", "max",
            )  # fmt: skip
        )
        for c in part:
            missed = missed_text(c, "/")
            texts = [index_text((c.index or {}).get(k)) for k in ("p50", "p99", "max")]
            out.write(
                row.format(
                    c.victim, c.antagonist, c.placement, len(c.samples), missed, *texts
                )
            )
