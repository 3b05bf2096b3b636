# SPDX-License-Identifier: GPL-2.0-or-later
"""A campaign: which systems to run, in which boots, and running them.

A batch is one boot of the host: one repeat of a victim in one placement, alone
and beside each of its antagonists.  What a batch gives depends on nothing
outside of it, so batches may run in any order and at the same time, and those
that are there already need not run again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import baselines
import results
import whole
import workloads

TOP = Path(__file__).resolve().parents[2]
PERIOD_MIN_MS = 20  # what shorter periods count as in the length of a run
BASE_MIB = 512  # of an appliance, for itself and its files
RUN_LIMIT_S = 1800  # of wall time, for each run of a batch; on a busy machine, too
# What chooses another appliance, or another clock in it.
ENVIRONMENT = ("KERNEL", "ICOUNT")


class CampaignError(Exception):
    """What keeps a campaign from being run, in words for the user."""


class OutputError(CampaignError):
    """Results cannot be kept: it makes no sense to go on."""


def error_text(error):
    """As other programs put it."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


@dataclass(frozen=True)
class Pair:
    """A victim beside an antagonist in a placement."""

    victim: str
    antagonist: str
    placement: str


@dataclass
class Run:
    """One system of a batch."""

    antagonist: str
    repeat: int
    seed: int
    domains: list

    @property
    def name(self):
        return f"{self.antagonist}.{self.repeat}"


@dataclass
class Batch:
    """The runs of one boot."""

    victim: str
    placement: str
    reserved: bool
    repeat: int
    ms: int  # length of each run
    runs: list

    @property
    def group(self):
        what = "" if self.reserved else "-unreserved"
        return f"{self.victim}-{self.placement}{what}"

    @property
    def key(self):
        return f"{self.group}.{self.repeat}"

    @property
    def is_baseline(self):
        return self.placement in workloads.BASELINES

    def systems(self):
        """{name of its folder: run}, in order."""
        return {f"{n:03}-{run.name}": run for n, run in enumerate(self.runs)}


@dataclass
class Settings:
    """How a campaign is run."""

    build: Path
    host: str
    out: Path
    periods: int
    repeats: int
    seed: int
    jobs: int
    cpus: int = 1


def can_be(table, victim, antagonist, placement):
    return workloads.can_be(
        table["victim"][victim], table["antagonist"][antagonist], placement
    )


def select(table, victims, antagonists, placements):
    """All pairs of what is wanted, in the table's order."""
    return [
        Pair(victim, antagonist, placement)
        for victim in victims
        for placement in table["victim"][victim].placements()
        if placement in placements
        for antagonist in antagonists
        if can_be(table, victim, antagonist, placement)
    ]


def read_pairs(path, table):
    """Pairs that a file names, VICTIM ANTAGONIST PLACEMENT a line."""
    pairs = []
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        ok = (
            len(words) == 3
            and words[0] in table["victim"]
            and words[1] in table["antagonist"]
            and can_be(table, *words)
        )
        if not ok:
            raise CampaignError(
                f"{path}:{number}: write VICTIM ANTAGONIST PLACEMENT, each of "
                "them as in the table of workloads"
            )
        pairs.append(Pair(*words))
    return pairs


def make_runs(table, pairs, repeat, settings):
    """The victim of @pairs, all in one placement, alone and beside each."""
    victim, placement = pairs[0].victim, pairs[0].placement
    runs = []
    for name in dict.fromkeys([workloads.NONE, *(p.antagonist for p in pairs)]):
        other = None if name == workloads.NONE else table["antagonist"][name]
        domains = workloads.make_system(
            table["victim"][victim], other, placement, settings.cpus
        )
        runs.append(Run(name, repeat, settings.seed + repeat, domains))
    return runs


def length_ms(victim, placement, periods):
    """Of a run: so many periods of the victim, not the shortest ones.

    Baselines get half: a QEMU in the appliance is an emulator in an emulator,
    and an index compares a placement with itself.
    """
    period_ms = workloads.microseconds(victim.period) / 1000
    parts = 2 if placement in workloads.BASELINES else 1
    return round(periods * max(period_ms, PERIOD_MIN_MS) / parts)


def make_batches(table, pairs, settings, reserved):
    """Batches for @pairs; each pair's victim is run alone, too."""
    groups = {}
    for pair in pairs:
        groups.setdefault((pair.victim, pair.placement), []).append(pair)
    return [
        Batch(
            victim,
            placement,
            reserved,
            repeat,
            length_ms(table["victim"][victim], placement, settings.periods),
            make_runs(table, group, repeat, settings),
        )
        for (victim, placement), group in groups.items()
        for repeat in range(settings.repeats)
    ]


def file_hash(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def linux_files(batch, settings):
    """Of Linux domains, and for disks what they were made of: domains write to
    some of them.
    """
    if not any(workloads.needs_linux_files(run.domains) for run in batch.runs):
        return {}
    folder = settings.build / "linux"
    return {"initrd": folder / "initrd", "linux": folder / "versions"}


def program_files(batch, settings):
    """The files that a batch's result depends on: {name: path}."""
    files = linux_files(batch, settings)
    if batch.is_baseline:
        return files | baselines.files(batch.placement, TOP)
    build = settings.build
    files |= {
        "hyperhurd": build / "hyperhurd",
        "guestkernel": build / "guestkernel/guestkernel",
        "sigma0": build / "servers/sigma0/sigma0",
        "wortel": build / "servers/wortel/wortel",
    }
    for run in batch.runs:
        for domain in run.domains:
            for program, _ in domain.modules:
                if not program.is_linux:
                    name = program.name
                    files[name] = build / "servers/workload" / name
    return files


def write_systems(batch, folder):
    for name, run in batch.systems().items():
        system = folder / name
        system.mkdir(parents=True)
        for domain in run.domains:
            (system / f"{domain.name}.xml").write_text(domain.xml(run.seed))
        if batch.is_baseline:
            baselines.write_domains(run, system)


def identity(batch, settings):
    """What decides a batch's result, as one hash."""
    text = [f"{batch.ms} {settings.host} {batch.reserved} {settings.cpus}"]
    text += [f"{name}={os.environ.get(name, '')}" for name in ENVIRONMENT]
    for run in batch.runs:
        text += [run.name] + [domain.xml(run.seed) for domain in run.domains]
    for name, path in sorted(program_files(batch, settings).items()):
        text.append(f"{name} {file_hash(path)}")
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def appliance_command(batch, settings, inside, extra):
    """What runs the command @inside in an appliance that is large enough."""
    mib = BASE_MIB + 2 * max(workloads.memory_mib(run.domains) for run in batch.runs)
    if batch.is_baseline:
        mib += baselines.more_mib(batch.placement)
    command = [TOP / "tools/appliance/run", "--host", settings.host]
    command += ["--mem", str(mib), "--time", str(RUN_LIMIT_S * len(batch.runs))]
    if settings.cpus > 1:  # the instruction clock has one
        command += ["--no-icount", "--smp", str(settings.cpus)]
    return [*command, *extra, "--", *inside]


def measure_command(batch, settings, systems, result):
    """The command that runs a batch's systems, on this machine or another."""
    # The same names in there, whatever they are here: they are part of the
    # stack, and figures are to repeat.
    extra = ["--add", f"{systems}:/campaign"]
    if batch.is_baseline:
        extra += ["--get", f"/results:{result}"]
        extra += baselines.options(batch.placement, TOP)
        inside = baselines.command(batch, "/campaign", "/results")
        return appliance_command(batch, settings, inside, extra)
    measure = ["--ms", str(batch.ms), "--trace"]
    if not batch.reserved:
        measure.append("--unreserved")
    if settings.host == "kvm":
        program = settings.build / "hyperhurd"
        return [program, "measure", "-o", result, *measure, systems]
    if any(workloads.needs_linux_files(run.domains) for run in batch.runs):
        extra.append("--linux")
    extra += ["--get", f"/campaign.json:{result}"]
    inside = ["hyperhurd", "measure", "-o", "/campaign.json", *measure, "/campaign"]
    return appliance_command(batch, settings, inside, extra)


def read_result(batch, result):
    """What a batch measured, in the words of `hyperhurd measure`."""
    if batch.is_baseline:
        return baselines.read(batch, result)
    return json.loads(result.read_text())


class Runner:
    """Runs batches, some at a time."""

    def __init__(self, settings, progress):
        self.settings = settings
        self.progress = progress
        self.lock = threading.Lock()
        self.children = set()
        self.failed = []
        self.stopped = False

    def _stored(self, batch):
        return self.settings.out / "batches" / f"{batch.key}.json"

    def load(self, batch):
        """The stored result of a batch, or None if it must be run."""
        try:
            stored = json.loads(self._stored(batch).read_text())
        except (OSError, ValueError):
            return None
        if stored.get("identity") != identity(batch, self.settings):
            return None
        return stored

    def is_done(self, batch):
        """What went wrong is tried again."""
        stored = self.load(batch)
        return stored is not None and not any(
            results.run_error(run, stored["measured"])
            for run in stored["measured"]["runs"]
        )

    def _watch(self, batch, child):
        lines = []
        with child.stdout:
            for line in child.stdout:
                lines.append(line)
                if line.startswith("measure: ") and line.rstrip().endswith(": done"):
                    self.progress.step(batch, line.split()[1].rstrip(":"))
        return lines

    def _run(self, batch):
        with tempfile.TemporaryDirectory(prefix="crosstalk.") as work:
            systems = Path(work) / "systems"
            result = Path(work) / "result"
            write_systems(batch, systems)
            command = measure_command(batch, self.settings, systems, result)
            with self.lock:
                if self.stopped:
                    return
                child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    env={**os.environ, "CONFIG": self.settings.build.name},
                )
                self.children.add(child)
            lines = self._watch(batch, child)
            status = child.wait()
            with self.lock:
                self.children.discard(child)
                if self.stopped:
                    return
            if not result.exists():
                raise CampaignError(
                    f"{batch.key}: exit status {status}\n" + "".join(lines[-20:])
                )
            self._store(batch, read_result(batch, result))

    def _store(self, batch, measured):
        stored = {
            "identity": identity(batch, self.settings),
            "programs": {
                name: file_hash(path)
                for name, path in program_files(batch, self.settings).items()
            },
            "measured": measured,
        }
        path = self._stored(batch)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole.write(path, json.dumps(stored))
        except OSError as error:
            raise OutputError(error_text(error)) from None

    def _work(self, queue):
        while True:
            with self.lock:
                if not queue or self.stopped:
                    return
                batch = queue.pop(0)
            try:
                self._run(batch)
            except (OSError, ValueError, CampaignError) as error:
                with self.lock:
                    self.failed.append(error_text(error))
                if isinstance(error, OutputError):
                    self.stop()

    def stop(self):
        with self.lock:
            self.stopped = True
            for child in self.children:
                child.terminate()

    def run(self, batches):
        """Run what is not there yet, the longest first."""
        todo = [b for b in batches if not self.is_done(b)]
        self.progress.begin(todo, len(batches) - len(todo))
        todo.sort(key=lambda b: -len(b.runs) * b.ms)
        # A Thread.join that a signal has ended takes the thread for ended, too.
        try:
            with ThreadPoolExecutor(self.settings.jobs) as pool:
                workers = [
                    pool.submit(self._work, todo)
                    for _ in range(self.settings.jobs)
                ]
                try:
                    for worker in workers:
                        worker.result()
                except BaseException:
                    self.stop()
                    raise
        finally:
            self.progress.end()


def needs_gnuplot():
    """Better now than when all has been run."""
    if not shutil.which("gnuplot"):
        raise CampaignError("there is no gnuplot for the report; tools/setup report")


def choose_host(build):
    """As all commands do; installs what the host needs."""
    chosen = subprocess.run(
        [TOP / "tools/host"],
        env={**os.environ, "B": str(build)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if chosen.returncode:
        raise CampaignError("no host can run this; see hyperhurd probe")
    return chosen.stdout.strip()


def prepare(batches, settings):
    """What baselines need before any of them can run."""
    placements = {batch.placement for batch in batches if batch.is_baseline}
    if placements and settings.host == "kvm":
        raise CampaignError(
            "baselines run in an appliance only; set HOST=svm for all"
        )
    if placements and settings.cpus > 1:
        raise CampaignError("baselines have one CPU")
    if not any(map(baselines.with_libvirt, placements)):
        return
    made = subprocess.run([TOP / "tools/appliance/full"], check=False)
    if made.returncode:
        raise CampaignError("there is no appliance with libvirt")


def clean(out):
    """Forget the batches that are there."""
    shutil.rmtree(out / "batches", ignore_errors=True)
