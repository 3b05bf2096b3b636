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


class Progress:
    """Counts runs; writes to standard error."""

    def __init__(self, out=sys.stderr):
        self.out = out
        self.bar = out.isatty()
        self.lock = threading.Lock()
        self.all = 0
        self.done = 0
        self.start = 0.0

    def begin(self, batches, stored):
        self.all = sum(len(batch.runs) for batch in batches)
        self.start = time.monotonic()
        if stored:
            print(f"crosstalk: {stored} batches are there already", file=self.out)

    def left(self):
        """Seconds, if runs go on as they did."""
        passed = time.monotonic() - self.start
        return passed / self.done * (self.all - self.done)

    def step(self, batch, system):
        """One more run is done: @system of @batch."""
        run = system.split("-", 1)[-1].rsplit(".", 1)[0]
        with self.lock:
            self.done += 1
            full = BAR * self.done // self.all
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
            self.out.flush()
