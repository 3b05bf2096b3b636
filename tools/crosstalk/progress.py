# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a campaign is: a bar on a terminal, plain lines elsewhere."""

import sys
import threading
import time

BAR = 24


def minutes(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


START_MS = 1000  # of work before a run begins, about


def work(batch):
    """Of each run of a batch."""
    return batch.ms + START_MS


class Progress:
    """Counts runs; writes to standard error."""

    def __init__(self, out=sys.stderr):
        self.out = out
        self.bar = out.isatty()
        self.lock = threading.Lock()
        self.all = 0
        self.done = 0
        self.work = 0  # in all runs
        self.work_done = 0
        self.start = 0.0

    def begin(self, batches, stored):
        self.all = sum(len(batch.runs) for batch in batches)
        self.work = sum(len(batch.runs) * work(batch) for batch in batches)
        self.start = time.monotonic()
        if stored:
            print(f"crosstalk: {stored} batches are there already", file=self.out)

    def left(self):
        """Seconds, if runs go on as they did."""
        passed = time.monotonic() - self.start
        return passed / self.work_done * (self.work - self.work_done)

    def step(self, batch, system):
        """One more run is done: @system of @batch."""
        run = system.split("-", 1)[-1].rsplit(".", 1)[0]
        with self.lock:
            self.done += 1
            self.work_done += work(batch)
            full = BAR * self.work_done // self.work
            text = (
                f"{self.done} of {self.all} runs, {minutes(self.left())} left: "
                f"{batch.victim} beside {run}, {batch.placement}"
            )
            if self.bar:
                bar = "#" * full + "." * (BAR - full)
                self.out.write(f"\r[{bar}] {text}\033[K")
            else:
                self.out.write(f"crosstalk: {text}\n")
            self.out.flush()

    def end(self):
        if self.bar:
            self.out.write("\r\033[K")
        if self.done:
            took = minutes(time.monotonic() - self.start)
            self.out.write(f"crosstalk: {self.done} runs in {took}\n")
        self.out.flush()
