#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The campaign's arithmetic, table and accounts, without running anything."""

import io
import os
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools/crosstalk"))

import baselines  # noqa: E402
import campaign  # noqa: E402
import explain  # noqa: E402
import index  # noqa: E402
import plots  # noqa: E402
import progress  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import workloads  # noqa: E402

TABLE = workloads.read_table(TOP / "configs/crosstalk/workloads")


def run_of(samples, charged=400, spent=400, idle=600):
    return {
        "samples_ns": samples,
        "domains": [{"name": "v", "charged_us": charged}],
        "spent_us": {"guest": spent},
        "cpus": [
            {"spent_us": spent, "host_us": 0, "idle_us": idle, "wall_us": 1000}
        ],
        "host_us": 0,
        "idle_us": idle,
        "interval_us": 1000,
    }


class Index(unittest.TestCase):
    def test_percentiles_are_of_the_nearest_rank(self):
        self.assertEqual(index.percentile([1, 2, 3, 4], 50), 2)
        self.assertEqual(index.percentile(list(range(1, 101)), 99), 99)
        self.assertEqual(index.percentile([7], 99), 7)

    def test_p99_needs_1000_samples(self):
        self.assertIsNone(index.figures([1000] * 999)["p99"])
        self.assertEqual(index.figures([1000] * 1000)["p99"], 1)

    def test_interval_is_students(self):
        mean, half = index.interval([1.0, 2.0, 3.0])
        self.assertEqual(mean, 2)
        self.assertAlmostEqual(half, 4.303 / 3**0.5, places=3)
        self.assertEqual(index.interval([5.0]), (5.0, None))

    def test_index_pairs_the_repeats(self):
        alone = [index.figures([100, 100]), index.figures([200, 200])]
        other = [index.figures([150, 150]), index.figures([200, 400])]
        found = index.index(other, alone)
        self.assertEqual(found["p50"]["repeats"], [1.5, 1.0])
        self.assertEqual(found["max"]["repeats"], [1.5, 2.0])
        self.assertIsNone(found["p99"])
        self.assertEqual(index.tail(found), "max")

    def test_a_repeat_without_samples_leaves_no_index(self):
        alone = [index.figures([100]), index.figures([100])]
        found = index.index([index.figures([100]), None], alone)
        self.assertIsNone(found["p50"])


class Accounts(unittest.TestCase):
    def test_all_time_must_be_accounted_for(self):
        self.assertIsNone(results.accounts_error(run_of([])))
        self.assertIsNone(results.accounts_error(run_of([], idle=609)))
        self.assertIn("charged", results.accounts_error(run_of([], charged=380)))
        self.assertIn("spent", results.accounts_error(run_of([], spent=430)))


class Cells(unittest.TestCase):
    def cells_of(self, alone, disturbed):
        """A campaign of one repeat with these samples."""
        settings = campaign.Settings(TOP, "svm", TOP, 1, 1, 1, 1)
        pairs = [campaign.Pair("latency", "cpu-hog", "single")]
        batches = campaign.make_batches(TABLE, pairs, settings, True)
        runs = [run_of(alone), run_of(disturbed)]
        stored = {batches[0].key: {"measured": {"runs": runs}}}
        return results.make_cells(batches, stored)

    def test_a_victim_that_finishes_nothing_is_starved(self):
        cells, errors = self.cells_of([1000], [])
        self.assertEqual([c.starved for c in cells], [False, True])
        self.assertEqual(errors, [])

    def test_alone_it_must_finish_something(self):
        cells, errors = self.cells_of([], [1000])
        self.assertEqual([c.starved for c in cells], [False, False])
        self.assertIn("though alone", errors[0])

    def test_both_give_an_index(self):
        cells, errors = self.cells_of([1000], [1500])
        self.assertEqual(cells[1].index["max"]["mean"], 1.5)
        self.assertEqual(errors, [])


    def test_a_repeat_that_is_missing_is_not_compared(self):
        settings = campaign.Settings(TOP, "svm", TOP, 1, 3, 1, 1)
        pairs = [campaign.Pair("latency", "cpu-hog", "single")]
        batches = campaign.make_batches(TABLE, pairs, settings, True)
        runs = {
            batches[i].key: {"measured": {"runs": [run_of([a]), run_of([2 * a])]}}
            for i, a in ((0, 1000), (2, 3000))
        }
        cells, _ = results.make_cells(batches, runs)
        self.assertEqual(cells[1].repeats, [0, 2])
        self.assertEqual(cells[1].index["max"]["repeats"], [2, 2])
        runs[batches[2].key]["measured"]["runs"][0]["error"] = "of some kind"
        cells, errors = results.make_cells(batches, runs)
        self.assertIn("repeat 2: of some kind", errors[0])
        self.assertIsNone(cells[1].index["max"])


class Batches(unittest.TestCase):
    def batches(self, *pairs, repeats=2):
        settings = campaign.Settings(TOP, "svm", TOP, 200, repeats, 7, 1)
        return campaign.make_batches(
            TABLE, [campaign.Pair(*pair) for pair in pairs], settings, True
        )

    def test_a_batch_is_one_repeat_with_the_victim_alone(self):
        made = self.batches(
            ("periodic", "cpu-hog", "handoff"), ("periodic", "ipc-flood", "handoff")
        )
        self.assertEqual([b.key for b in made], [
            "periodic-handoff.0", "periodic-handoff.1"])  # fmt: skip
        self.assertEqual(
            [(run.antagonist, run.seed) for run in made[1].runs],
            [("none", 8), ("cpu-hog", 8), ("ipc-flood", 8)],
        )

    def test_the_victims_periods_count_but_not_the_shortest(self):
        lengths = {
            b.victim: b.ms
            for b in self.batches(
                ("periodic", "cpu-hog", "handoff"),
                ("video", "cpu-hog", "handoff"),
                ("latency", "cpu-hog", "single"),
            )
        }
        self.assertEqual(
            lengths, {"periodic": 10000, "video": 6667, "latency": 4000}
        )

    def test_the_time_left_is_by_length(self):
        out = io.StringIO()
        shown = progress.Progress(out)
        made = self.batches(
            ("periodic", "cpu-hog", "handoff"),
            ("latency", "cpu-hog", "single"),
            repeats=1,
        )
        shown.begin(made, 0)
        shown.start -= 100
        shown.step(made[0], "000-none.0")
        self.assertIn("1 of 4 runs, 3 min left: periodic beside none", out.getvalue())


class Stored(unittest.TestCase):
    """What is there already is not run again, if it is still the same."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name) / "build"
        self.settings = campaign.Settings(
            self.build, "svm", Path(folder.name), 200, 1, 1, 1
        )
        pairs = [campaign.Pair("linux-job", "linux-build", "single")]
        (self.batch,) = campaign.make_batches(TABLE, pairs, self.settings, True)
        for name, path in campaign.program_files(self.batch, self.settings).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        self.runner = campaign.Runner(self.settings, None)
        self.store()

    def store(self, **wrong):
        runs = [run_of([1]) for _ in self.batch.runs]
        runs[-1].update(wrong)
        (self.settings.out / "batches").mkdir(exist_ok=True)
        self.runner._store(self.batch, {"runs": runs})

    def test_what_went_well_is_done(self):
        self.assertTrue(self.runner.is_done(self.batch))

    def test_what_went_wrong_is_not_done_but_there(self):
        for wrong in {"error": "it was slow"}, {"idle_us": 1}:
            self.store(**wrong)
            self.assertFalse(self.runner.is_done(self.batch))
            self.assertIsNotNone(self.runner.load(self.batch))

    def test_other_files_are_another_batch(self):
        for name in "hyperhurd", "linux/initrd", "linux/versions":
            path = self.build / name
            text = path.read_text()
            path.write_text("another")
            self.assertIsNone(self.runner.load(self.batch), name)
            path.write_text(text)

    def test_another_appliance_is_another_batch(self):
        for name in "KERNEL", "ICOUNT":
            with mock.patch.dict(os.environ, {name: "0"}):
                self.assertIsNone(self.runner.load(self.batch), name)

    def test_on_a_full_disk_what_was_there_stays_and_nothing_more_is_run(self):
        first, second = self.batch, replace(self.batch, repeat=1)
        stored = self.settings.out / "batches" / f"{first.key}.json"
        before = stored.read_bytes()
        stored.with_name(stored.name + ".new").symlink_to("/dev/full")
        command = [
            "sh", "-c",
            "echo 'measure: 000-none.0: done'; echo '{}' >\"$1\"", "sh",
        ]  # fmt: skip

        def measure(_batch, _settings, _systems, result):
            return [*command, result]

        self.runner.progress = progress.Progress(io.StringIO())
        self.runner.is_done = lambda batch: False
        with mock.patch.object(campaign, "measure_command", measure):
            self.runner.run([first, second])
        self.assertEqual(self.runner.failed, [f"{stored}: No space left on device"])
        self.assertEqual(stored.read_bytes(), before)
        self.assertEqual(list(stored.parent.iterdir()), [stored])

    def test_without_gnuplot_nothing_is_run(self):
        with mock.patch.dict(os.environ, {"PATH": "/nowhere"}):
            self.assertRaises(campaign.CampaignError, campaign.needs_gnuplot)


class Table(unittest.TestCase):
    def refused(self, line, why):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("# a comment\n\n" + line + "\n")
            file.flush()
            with self.assertRaisesRegex(workloads.TableError, ":3: " + why):
                workloads.read_table(file.name)

    def test_wrong_lines_are_refused_with_their_place(self):
        self.refused("victim a 1ms/2ms/2ms", "write ROLE NAME")
        self.refused("bystander a 1ms/2ms/2ms a()", "write ROLE NAME")
        self.refused("victim a 1ms/2ms a()", "'1ms/2ms' is not")
        self.refused("victim a 1ms/2ms/2ms a", "there is no program")
        self.refused("victim a 1ms/2ms/2ms a() b()", "a victim's server has no")

    def test_wrong_pairs_are_refused(self):
        for line in ("periodic", "x cpu-hog handoff", "periodic cpu-hog single",
                     "linux-job cpu-hog libvirt"):  # fmt: skip
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(line + "\n")
                file.flush()
                with self.assertRaises(campaign.CampaignError):
                    campaign.read_pairs(file.name, TABLE)

    def test_the_named_pairs_have_everything(self):
        pairs = campaign.read_pairs(TOP / "configs/crosstalk/pairs", TABLE)
        self.assertEqual(len(set(pairs)), 20)
        self.assertEqual({p.victim for p in pairs}, set(TABLE["victim"]))
        self.assertEqual({p.antagonist for p in pairs}, set(TABLE["antagonist"]))
        self.assertEqual({p.placement for p in pairs}, set(workloads.PLACEMENTS))


class Placement(unittest.TestCase):
    def domains(self, victim, antagonist, placement):
        other = TABLE["antagonist"].get(antagonist)
        made = workloads.make_system(TABLE["victim"][victim], other, placement)
        return {domain.name: domain for domain in made}

    def test_the_same_programs_in_other_domains(self):
        for victim in ("periodic", "video", "requests"):
            programs = []
            for placement in ("handoff", "colocated", "ring", "ring-threads"):
                made = self.domains(victim, None, placement)
                programs.append(
                    sorted(
                        (p.name, tuple(sorted(p.args.items())))
                        for d in made.values()
                        for p, _ in d.modules
                    )
                )
            for other in programs[1:]:
                self.assertEqual(programs[0], other)

    def test_handoff_is_a_domain_each(self):
        made = self.domains("video", "ipc-flood", "handoff")
        self.assertEqual(
            list(made), ["video", "decoder", "shared-server", "ipc-flood"]
        )
        self.assertEqual(made["video"].uses, {"decoder": "decoder"})
        self.assertEqual(made["decoder"].uses, {"shared": "shared-server"})
        self.assertEqual(made["ipc-flood"].uses, {"shared": "shared-server"})

    def test_colocated_is_one_and_still_serves_others(self):
        made = self.domains("video", "ipc-flood", "colocated")
        self.assertEqual(list(made), ["video", "ipc-flood"])
        self.assertEqual(made["video"].uses, {})
        self.assertEqual(made["ipc-flood"].uses, {"shared": "video"})

    def test_ring_divides_the_reservation(self):
        made = self.domains("video", "ipc-flood", "ring")
        parts = [made[d] for d in ("video", "decoder", "shared-server")]
        self.assertEqual(
            sum(workloads.microseconds(d.reservation.slice) for d in parts), 7400
        )
        for domain in parts:
            self.assertEqual(domain.reservation.period, "33.333ms")
            self.assertEqual(domain.reservation.deadline, "12ms")
        self.assertIn("calls=\"ring\"", made["decoder"].xml(1))
        handoff = self.domains("video", "ipc-flood", "handoff")
        self.assertNotIn("calls", handoff["decoder"].xml(1))

    def test_ring_threads_differ_from_ring_in_that(self):
        rings = self.domains("video", "ipc-flood", "ring")
        threads = self.domains("video", "ipc-flood", "ring-threads")
        self.assertEqual(list(rings), list(threads))
        for name, domain in rings.items():
            self.assertEqual(
                domain.xml(1).replace('"ring"', '"ring-threads"'),
                threads[name].xml(1),
            )

    def test_an_antagonist_brings_the_server_that_is_missing(self):
        made = self.domains("latency", "ipc-flood", "single")
        self.assertEqual(made["ipc-flood"].uses, {"shared": "shared-server"})
        self.assertIn("shared-server", made)

    def test_seeds_reach_the_programs(self):
        xml = self.domains("periodic", None, "handoff")["periodic"].xml(17)
        self.assertIn("seed=17", xml)


class Cpus(unittest.TestCase):
    def test_antagonists_are_on_the_last_and_bring_their_servers(self):
        victim, flood = TABLE["victim"]["latency"], TABLE["antagonist"]["ipc-flood"]
        made = workloads.make_system(victim, flood, "single", 2)
        self.assertEqual(
            {domain.name: domain.cpu for domain in made},
            {"latency": 0, "shared-server": 1, "ipc-flood": 1},
        )
        self.assertIn("<vcpu cpuset='1'>", made[-1].xml(1))

    def test_each_one_accounts_for_its_own_time(self):
        run = run_of([], charged=900, spent=900, idle=1100)
        first, second = ({**run["cpus"][0]} for _ in range(2))
        first.update(spent_us=600, idle_us=400)
        second.update(spent_us=300, idle_us=700)
        run["cpus"] = [first, second]
        self.assertIsNone(results.accounts_error(run))
        first["idle_us"], second["idle_us"] = 500, 600
        self.assertIn("CPU 0: 1100 us of 1000", results.accounts_error(run))

    def test_the_clock_must_agree_where_it_is_exact(self):
        run = {**run_of([]), "interval_us": 900}
        self.assertIn("clock of CPU 0", results.accounts_error(run))
        self.assertIsNone(results.accounts_error(run, exact=False))
        self.assertTrue(results.clock_is_exact({"icount": False, "host": "kvm"}))
        self.assertFalse(results.clock_is_exact({"icount": False, "host": "svm"}))


class Baselines(unittest.TestCase):
    JOB = TABLE["victim"]["linux-job"]
    BUSY = TABLE["antagonist"]["linux-busy"]

    def run_of(self, before, after, log, error=None):
        """What is read of a run of both that left this."""
        domains = workloads.make_system(self.JOB, self.BUSY, "cgroups")
        run = campaign.Run("linux-busy", 0, 1, domains)
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "before").write_text(before)
            (folder / "after").write_text(after)
            (folder / "linux-job.log").write_text(log)
            if error:
                (folder / "error").write_text(error)
            return baselines.read_run(run, folder)

    def accounts(self, now, idle, printed, *used):
        text = f"now {now}\nidle {idle}\nprinted {printed}\n"
        for name, us in zip(("linux-job", "linux-busy"), used):
            text += f"{name} usage_usec {us}\n{name} user_usec {us}\n"
            text += f"{name} system_usec 0\n"
        return text

    def test_only_linux_is_placed_without_us(self):
        def can_be(antagonist):
            return workloads.can_be(self.JOB, TABLE["antagonist"][antagonist], "libvirt")

        self.assertTrue(can_be("linux-busy"))
        self.assertFalse(can_be("cpu-hog"))
        self.assertNotIn("libvirt", TABLE["victim"]["periodic"].placements())

    def test_weights_and_limits_are_as_reserved(self):
        job, busy = workloads.make_system(self.JOB, self.BUSY, "cgroups")
        self.assertEqual(
            baselines.domain_line(job, 7).split()[3:],
            ["ro", "200", "10000", "50000", "7"],
        )
        self.assertEqual(baselines.domain_line(busy, 7).split()[4:6], ["650", "max"])

    def test_samples_are_of_whole_lines_in_the_interval(self):
        line = "hyperhurd: sample {}\n"
        log = "".join(line.format(n) for n in ("1 2", "3 4", "5@50 6@60", "7 8", "9"))
        found = baselines.samples(log.encode(), 3, len(log) - 3)
        self.assertEqual(found, [5, 6, 7, 8])

    def test_accounts_add_up(self):
        found = self.run_of(
            self.accounts(10**9, 5, 0, 100, 200),
            self.accounts(2 * 10**9, 15, 0, 300100, 500200),
            "",
        )
        self.assertIsNone(results.accounts_error(found))
        self.assertEqual(found["idle_us"], 100000)
        self.assertEqual(found["host_us"], 100000)

    def test_more_than_all_time_is_an_error(self):
        found = self.run_of(
            self.accounts(0, 0, 0, 0, 0),
            self.accounts(10**9, 0, 0, 600000, 500000),
            "",
        )
        self.assertIn("charged", results.accounts_error(found))

    def test_what_went_wrong_is_kept(self):
        begin, end = self.accounts(0, 0, 0, 0, 0), self.accounts(10**9, 0, 0, 5, 10**6)
        self.assertIn("did nothing", self.run_of(begin, end, "")["error"])
        self.assertEqual(self.run_of(begin, end, "", "frozen")["error"], "frozen")

    def test_the_named_pairs_can_be(self):
        path = TOP / "configs/crosstalk/baselines"
        placements = {p.placement for p in campaign.read_pairs(path, TABLE)}
        self.assertEqual(placements, {"single", *workloads.BASELINES})


class Excess(unittest.TestCase):
    def cell(self, antagonist, placement, ns):
        cell = results.Cell("requests", placement, antagonist, True)
        cell.index = index.index([index.figures([ns])], [index.figures([1000])])
        cell.runs = [{**run_of([ns]), "missed": 0, "periods": 1}]
        cell.runs[0]["domains"][0]["charged_for_others_us"] = 0
        return cell

    def test_only_what_exceeds_the_bound_is_listed(self):
        cells = [self.cell("notify-storm", "handoff", 1500)]
        cells.append(self.cell("cpu-hog", "handoff", 1000))
        found = report.exceeding(cells)
        self.assertEqual([c.antagonist for c, _ in found], ["notify-storm"])
        self.assertEqual(found[0][1], "max 1.50")
        self.assertIn("<b>1</b>", report.summary(cells, []))

    def test_ring_is_reported_and_not_bounded(self):
        self.assertIn("Of 0 pairs", report.summary([self.cell("x", "ring", 9)], []))


class Explanations(unittest.TestCase):
    """A victim (0), its server (1) and an antagonist (2); times in ns."""

    CALLS = {"calls": [[20, 80, 1]], "answers": [[50, 1, 2], [80, 1, 0]]}

    def run_with(self, timeline, of="max", begin=0, end=100):
        names = ("v", "server", "other")
        closeup = {"of": of, "begin_ns": begin, "end_ns": end, "timeline": timeline}
        return {
            "victim": "v",
            "domains": [{"name": name} for name in names],
            "events_lost": 0,
            "closeups": [{**closeup, **self.CALLS}],
        }

    def cell(self, run, alone, repeats=(0,)):
        def make(runs):
            cell = results.Cell("v", "handoff", "other", True)
            cell.runs, cell.repeats = runs, list(repeats)
            return cell

        cell = make(run)
        cell.alone = make(alone)
        return cell

    def parts(self, run):
        found = explain.parts(run, run["closeups"][0])
        return {(p.runs, p.paid_by, p.in_slack, p.victim): ns for p, ns in found.items()}

    def test_a_server_works_for_whom_it_answers_next(self):
        run = self.run_with([[0, 0, 30, 0, 0, 0, 0], [0, 30, 100, 1, 1, 0, 0]])
        busy, waits = "waits for server, busy with other", "waits for server"
        self.assertEqual(
            self.parts(run),
            {
                ("v", "v", False, "is in no call"): 20,
                ("v", "v", False, busy): 10,
                ("server", "server", False, busy): 20,
                ("server", "server", False, waits): 30,
                ("server", "server", False, "is in no call"): 20,
            },
        )

    def test_who_runs_and_who_pays(self):
        run = self.run_with(
            [
                [0, 80, 85, 2, 2, 0, 1],
                [0, 85, 90, -1, -1, 0, 0],
                [0, 90, 93, -2, -2, 0, 0],
                [0, 93, 97, 0, 1, 0, 0],
                [0, 97, 100, 0, 0, 2, 0],
            ],
            begin=80,
        )
        self.assertEqual(
            [key[:3] for key in self.parts(run)],
            [
                ("other", "other", True),
                ("the host", "", False),
                ("nobody", "", False),
                ("server", "v", False),
                ("the VMM (devices)", "v", False),
            ],
        )

    def test_no_step_of_the_vmm_is_long(self):
        run = self.run_with([[0, 0, 200_000, 1, 1, 3, 0]], end=200_000)
        run["closeups"][0].update(calls=[], answers=[])
        (found,) = explain.parts(run, run["closeups"][0])
        self.assertEqual(found.runs, "Linux instead of server")

    def test_only_the_sample_counts_and_only_on_its_cpu(self):
        timeline = [[0, 0, 100, 0, 0, 0, 0], [1, 0, 100, 2, 2, 0, 0]]
        found = self.parts(self.run_with(timeline, begin=85, end=95))
        self.assertEqual(list(found.values()), [10])

    def test_a_call_without_an_answer_waits_to_the_end(self):
        run = self.run_with([[0, 80, 100, 2, 2, 0, 0]], begin=80)
        run["closeups"][0].update(calls=[[70, None, 1]], answers=[])
        self.assertEqual(
            self.parts(run), {("other", "other", False, "waits for server"): 20}
        )

    def test_the_worst_repeat_is_explained_by_its_own_victim_alone(self):
        def runs(*lengths):
            return [
                self.run_with([[0, 0, n, 0, 0, 0, 0]], begin=0, end=n) for n in lengths
            ]

        cell = self.cell(runs(40, 70), runs(10, 20), (1, 2))
        found = explain.why(cell)
        self.assertEqual(found.repeat, 2)
        self.assertEqual(report.shown_run(cell), (cell.runs[1], 2))
        self.assertEqual(sum(found.tail.values()), 70)
        self.assertEqual(sum(found.alone.values()), 20)
        self.assertEqual(sum(found.difference.values()), 50)

    def test_a_sentence_names_what_made_the_difference(self):
        slow = self.run_with([[0, 0, 15, 0, 0, 0, 0], [0, 15, 100, 2, 2, 0, 0]])
        quick = self.run_with([[0, 0, 15, 0, 0, 0, 0]], end=15)
        text = explain.sentence(explain.why(self.cell([slow], [quick])))
        self.assertIn("other runs while it waits for server", text)
        self.assertNotIn("v runs", text)

    def test_words_say_who_pays_and_in_what(self):
        def words(*part):
            return explain.words(explain.Part(*part))

        self.assertEqual(
            words("s", "v", True, explain.NO_CALL), "s runs, paid by v, in slack"
        )
        self.assertEqual(
            words("s", "v", False, "waits for s"),
            "s runs, paid by v, while it waits for s",
        )
        self.assertEqual(
            words("v", "v", True, "waits for s"), "v runs in slack while it waits for s"
        )

    def test_who_finished_nothing_is_shown_at_the_end(self):
        run = self.run_with([[0, 0, 100, 2, 2, 0, 0]], of="last")
        text = explain.sentence(explain.why(self.cell([run], [run_of([])])))
        self.assertTrue(text.startswith("The last 0.1 µs of repeat 0: "), text)
        self.assertIn("other runs", text)

    def test_an_idle_cpu_has_no_time_line(self):
        run = {**self.run_with([[0, 0, 100, -2, -2, 0, 0]], of="last"), "cpus": [{}]}
        cell = self.cell([run], [run])
        names = {name: "#000000" for name in ("v", "server", "other")}
        self.assertEqual(report.time_line(cell, names, "x"), "")
        run["closeups"][0]["of"] = "max"
        self.assertIn("<svg", report.time_line(cell, names, "x"))

    def test_without_a_trace_there_is_no_explanation(self):
        cell = self.cell([run_of([])], [run_of([])])
        self.assertIsNone(explain.why(cell))
        self.assertIsNone(explain.describe(None))
        self.assertEqual(report.why_table(cell), "")

    def test_small_parts_are_added_up(self):
        times = [
            [0, 10 * i, 10 * i + i, 0, i % 3, i % 4, i % 2] for i in range(1, 100)
        ]
        run = self.run_with(times, end=2000)
        rows = explain.table(explain.why(self.cell([run], [run_of([])])))
        self.assertEqual(len(rows), explain.PARTS_MAX + 1)
        self.assertIsNone(rows[-1][0])
        self.assertEqual(
            sum(row[3] for row in rows), sum(b - a for _, a, b, *_ in times)
        )


class Plots(unittest.TestCase):
    def test_errors_of_gnuplot_are_errors(self):
        with self.assertRaises(plots.PlotError):
            plots.draw("plot nonsense(\n", "x")

    def test_ids_and_ink_are_the_pages(self):
        svg = plots.cdf([("alone", plots.INK, [1, 2, 3])], "cdf7")
        self.assertTrue(svg.startswith("<svg"))
        self.assertIn("currentColor", svg)
        self.assertNotIn("black", svg)
        self.assertNotRegex(svg, r"""\bid=["'](?!cdf7-)""")


if __name__ == "__main__":
    unittest.main()
