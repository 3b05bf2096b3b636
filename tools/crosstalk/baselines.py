# SPDX-License-Identifier: GPL-2.0-or-later
"""Baselines: a batch's systems without our VMM, by `baseline` in an appliance.

What it brings back becomes what `hyperhurd measure` writes, as far as it is
known: there are no periods, and what nobody was charged for, the host was.
"""

import workloads

SCRIPT = "/baseline"
SAMPLE = "hyperhurd: sample"
TICK_US = 10000  # of idle time in /proc/stat
FULL_MIB = 512  # libvirt's and QEMU's files, and what QEMU takes
UNKNOWN = {
    "missed": None,
    "periods": None,
    "not_started": None,
    "jitter_us": {"p50": None, "p99": None, "max": None},
    "longest_step_us": None,
    "longest_step_at_start_us": None,
    "guarantees": False,
}
# An antagonist that got less of the time did not do what it is for.
LEAST_SHARE = 0.01


def with_libvirt(placement):
    return placement in (workloads.LIBVIRT, workloads.LIBVIRT_CGROUPS)


def domain_line(domain, seed):
    """A line for `baseline`: weights in permille of the CPU."""
    program = domain.modules[0][0]
    times = domain.reservation
    period = workloads.microseconds(times.period)
    reserved = workloads.microseconds(times.slice)
    words = [domain.name, program.job, f"/hyperhurd/linux/{program.disk}"]
    words.append("ro" if program.disk == "disk.img" else "rw")
    words.append(1000 * reserved // period)
    # Who takes no slack has its slice and no more.
    words += [reserved if times.slack == "0" else "max", period, seed]
    return " ".join(map(str, words)) + "\n"


def write_domains(run, folder):
    """The victim's line first, as it is in the system."""
    text = "".join(domain_line(domain, run.seed) for domain in run.domains)
    (folder / "domains").write_text(text)


def files(placement, top):
    """What a batch's result depends on beside its domains: {name: path}."""
    found = {"baseline": top / "tools/crosstalk/baseline"}
    if with_libvirt(placement):
        found["full"] = top / "build/appliance-full/full.cpio"
    return found


def more_mib(placement):
    return FULL_MIB if with_libvirt(placement) else 0


def command(batch, systems, results):
    return ["sh", SCRIPT, batch.placement, str(batch.ms), systems, results]


def options(placement, top):
    """Of tools/appliance/run, beside those of all batches."""
    found = ["--linux", "--add", f"{top}/tools/crosstalk/baseline:{SCRIPT}"]
    if with_libvirt(placement):
        return found + ["--full"]
    return found + ["--module", "drivers/block/loop"]


def read_accounts(path):
    """A snapshot: {(name, what): number}; alone: {what: number}."""
    found = {}
    for line in path.read_text().splitlines():
        *key, value = line.split()
        found[tuple(key) if len(key) > 1 else key[0]] = int(value)
    return found


def samples(log, begin, end):
    """The samples printed between two sizes of the victim's log.

    The first line may be a part of one, and the first one with samples hold
    some from before.
    """
    lines = log[begin:end].decode(errors="replace").split("\n")[1:-1]
    found = [line.split()[2:] for line in lines if line.startswith(SAMPLE)]
    return [int(word.split("@")[0]) for line in found[1:] for word in line]


def describe_domain(domain, charged_us):
    times = domain.reservation
    reserved = {
        f"{key}_us": workloads.microseconds(getattr(times, key))
        for key in ("slice", "period", "deadline")
    }
    used = {"charged_us": charged_us, "charged_for_others_us": 0}
    return {"name": domain.name, **reserved, **used}


def read_run(run, folder):
    """What `measure` would say of the run that left @folder."""
    error = folder / "error"
    if error.exists():
        return {"system": folder.name, "error": error.read_text().strip()}
    before = read_accounts(folder / "before")
    after = read_accounts(folder / "after")
    grown = {key: after[key] - before[key] for key in before}
    names = [domain.name for domain in run.domains]
    charged = {name: grown[name, "usage_usec"] for name in names}
    passed = grown["now"] / 1000
    idle = grown["idle"] * TICK_US
    if any(us < LEAST_SHARE * passed for us in charged.values()):
        return {"system": folder.name, "error": f"some did nothing: {charged} us"}
    host = max(0, passed - idle - sum(charged.values()))
    spent = {
        cause: sum(grown[name, f"{cause}_usec"] for name in names)
        for cause in ("user", "system")
    }
    cpu = {
        "spent_us": sum(spent.values()),
        "host_us": host,
        "idle_us": idle,
        "wall_us": passed,
    }
    log = (folder / f"{names[0]}.log").read_bytes()
    return {
        "system": folder.name,
        "victim": names[0],
        **UNKNOWN,
        "domains": [describe_domain(d, charged[d.name]) for d in run.domains],
        "spent_us": spent,
        "cpus": [cpu],
        "host_us": host,
        "idle_us": idle,
        "interval_us": passed,
        "samples_ns": samples(log, before["printed"], after["printed"]),
    }


def read(batch, folder):
    """All runs of a batch, from what `baseline` left in @folder."""
    environment = dict(
        line.split("=", 1)
        for line in (folder / "environment").read_text().splitlines()
    )
    runs = [
        read_run(run, folder / name) for name, run in batch.systems().items()
    ]
    environment["icount"] = environment["icount"] == "1"
    return {**environment, "runs": runs}
