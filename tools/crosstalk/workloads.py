# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of victims and antagonists, and the systems made of them."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

NONE = "none"  # instead of an antagonist: the victim alone

# Which domains the victim's programs are in.
HANDOFF = "handoff"  # a domain each; calls go through portals
COLOCATED = "colocated"  # tasks of one domain; calls stay inside
RING = "ring"  # a domain each, with a part of the victim's reservation each;
# requests are left in a ring and lend no CPU time
RING_THREADS = "ring-threads"  # likewise, and each server has a host thread
SINGLE = "single"  # the victim has no server, so there is nothing to place
RINGS = (RING, RING_THREADS)
PLACEMENTS = (HANDOFF, COLOCATED, *RINGS, SINGLE)

# Of Linux domains alone: what others make of the same victim and antagonist.
PROCESSES = "processes"  # plain processes
CGROUPS = "cgroups"  # the same with weights and limits as they are reserved
LIBVIRT = "libvirt"  # libvirt and QEMU, from the same files
LIBVIRT_CGROUPS = "libvirt-cgroups"
BASELINES = (PROCESSES, CGROUPS, LIBVIRT, LIBVIRT_CGROUPS)

MEMORY_MIB = {"l4": 32, "linux": 128}
LINUX_LINE = (
    "console=ttyS0 quiet acpi=off nolapic noapic panic=-1 hyperhurd.job={job} "
    "hyperhurd.seed={seed}"
)
# For libvirt: a CPU and interrupt controllers as a Linux domain has them here.
LINUX_MACHINE = (
    "<features><ioapic driver='qemu'/></features>",
    "<cpu mode='host-passthrough'/>",
    "<clock offset='utc'><timer name='hpet' present='no'/></clock>",
)


class TableError(Exception):
    """A line of the table that cannot be understood."""


@dataclass
class Program:
    """One program of a line, with its arguments."""

    name: str
    args: dict = field(default_factory=dict)
    job: str = ""  # of a Linux domain
    disk: str = ""
    net: str = ""  # type of its interface
    slice: str = ""  # of the victim's, where this server has its own: RINGS

    @property
    def is_linux(self):
        return self.name == "linux"


@dataclass
class Workload:
    """One line of the table: a victim or an antagonist."""

    role: str
    name: str
    slice: str
    period: str
    deadline: str
    slack: str
    programs: list

    @property
    def client(self):
        return self.programs[0]

    @property
    def servers(self):
        return self.programs[1:]

    @property
    def is_linux(self):
        return all(program.is_linux for program in self.programs)

    def placements(self):
        if self.servers:
            return (HANDOFF, COLOCATED, *RINGS)
        return (SINGLE, *BASELINES) if self.is_linux else (SINGLE,)


def parse_program(text):
    match = re.fullmatch(r"([\w.-]+)\((.*)\)", text)
    if not match:
        raise TableError(f"'{text}' is not PROGRAM(ARGUMENTS)")
    program = Program(match[1])
    for word in match[2].split():
        key, _, value = word.partition("=")
        if key == "disk":
            program.disk = value
        elif key == "net":
            program.net = value
        elif key == "slice":
            program.slice = value
        elif program.is_linux and not value:
            program.job = key
        else:
            program.args[key] = value
    return program


def parse_line(line):
    words = line.split(None, 3)
    if len(words) < 4 or words[0] not in ("victim", "antagonist"):
        raise TableError("write ROLE NAME RESERVATION PROGRAM(ARGUMENTS) ...")
    times, _, slack = words[2].partition(",slack=")
    parts = times.split("/")
    if len(parts) != 3:
        raise TableError(f"'{words[2]}' is not SLICE/PERIOD/DEADLINE[,slack=N]")
    programs = [parse_program(t) for t in re.findall(r"\S+\([^)]*\)", words[3])]
    if not programs:
        raise TableError("there is no program")
    if words[0] == "victim" and not all(p.slice for p in programs[1:]):
        raise TableError("a victim's server has no slice=TIME")
    return Workload(words[0], words[1], *parts, slack, programs)


def read_table(path):
    """Read the table: {role: {name: Workload}}, in its order."""
    table = {"victim": {}, "antagonist": {}}
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            workload = parse_line(line)
        except TableError as error:
            raise TableError(f"{path}:{number}: {error}") from None
        table[workload.role][workload.name] = workload
    return table


def attributes(**values):
    return "".join(
        f" {key}={quoteattr(str(value))}" for key, value in values.items()
    )


@dataclass
class Domain:
    """A domain in the making."""

    name: str
    reservation: Workload = None
    essential: bool = False
    modules: list = field(default_factory=list)  # (program, task's name)
    serves: list = field(default_factory=list)
    cpu: int = 0
    calls: str = ""  # how its portals carry them, if they do not lend time
    uses: dict = field(default_factory=dict)  # portal: serving domain

    @property
    def is_linux(self):
        return self.modules[0][0].is_linux

    @property
    def disks(self):
        return [program.disk for program, _ in self.modules if program.disk]

    def _metadata(self, seed):
        kind = "linux" if self.is_linux else "l4"
        lines = [
            f"<hh:domain xmlns:hh='https://hyperhurd.org/domain/1' kind='{kind}'"
            f" essential='{'yes' if self.essential else 'no'}'>"
        ]
        if self.reservation:
            r = self.reservation
            slack = {"slack": r.slack} if r.slack else {}
            lines.append(
                "  <hh:reservation"
                + attributes(
                    slice=r.slice, period=r.period, deadline=r.deadline, **slack
                )
                + "/>"
            )
        for program, task in self.modules:
            if program.is_linux:
                continue
            args = {**program.args, "seed": seed}
            words = " ".join(f"{key}={value}" for key, value in args.items())
            file = f"/hyperhurd/servers/workload/{program.name}"
            lines.append(
                "  <hh:module" + attributes(file=file, name=task, args=words) + "/>"
            )
        for portal in self.serves:
            calls = {"calls": self.calls} if self.calls else {}
            lines.append(
                "  <hh:serve" + attributes(portal=portal, **calls) + "/>"
            )
        for portal, server in self.uses.items():
            lines.append(
                "  <hh:portal"
                + attributes(name=portal, server=server, rights="call send notify")
                + "/>"
            )
        return lines + ["</hh:domain>"]

    def _os(self, seed):
        lines = ["<type arch='x86_64' machine='pc'>hvm</type>"]
        if not self.is_linux:
            return lines + ["<kernel>/hyperhurd/guestkernel/guestkernel</kernel>"]
        line = LINUX_LINE.format(job=self.modules[0][0].job, seed=seed)
        return lines + [
            "<kernel>/hyperhurd/linux/bzImage</kernel>",
            "<initrd>/hyperhurd/linux/initrd</initrd>",
            f"<cmdline>{line}</cmdline>",
        ]

    def _devices(self):
        lines = []
        for disk in self.disks:
            lines += [
                "<disk type='file' device='disk'>",
                "  <driver name='qemu' type='raw'/>",
                f"  <source file='/hyperhurd/linux/{disk}'/>",
                "  <target dev='vda' bus='virtio'/>",
                *(["  <readonly/>"] if disk == "disk.img" else []),
                "</disk>",
            ]
        for kind in (program.net for program, _ in self.modules if program.net):
            lines += [
                f"<interface type='{kind}'>",
                "  <model type='virtio'/>",
                "</interface>",
            ]
        if self.is_linux:
            lines.append("<memballoon model='none'/>")
        return lines + ["<serial type='pty'/>"]

    def xml(self, seed):
        """The domain's file."""
        memory = MEMORY_MIB["linux" if self.is_linux else "l4"]
        lines = ["<domain type='kvm'>", f"  <name>{self.name}</name>", "  <metadata>"]
        lines += ["    " + line for line in self._metadata(seed)]
        lines += [
            "  </metadata>",
            f"  <memory unit='MiB'>{memory}</memory>",
            f"  <vcpu cpuset='{self.cpu}'>1</vcpu>",
            "  <os>",
            *("    " + line for line in self._os(seed)),
            "  </os>",
            *("  " + line for line in LINUX_MACHINE if self.is_linux),
            "  <on_crash>destroy</on_crash>",
            "  <devices>",
            *("    " + line for line in self._devices()),
            "  </devices>",
            "</domain>",
        ]
        return "\n".join(lines) + "\n"


def can_be(victim, antagonist, placement):
    """Whether a victim and an antagonist can be placed so."""
    if placement in BASELINES and not antagonist.is_linux:
        return False
    return placement in victim.placements()


def called(program):
    """The portals that a client program names: of its servers, one each."""
    return [program.args[key] for key in ("portal",) if key in program.args]


def server_calls(program):
    """The portals that a server calls beside the one that it serves."""
    return [program.args[key] for key in ("display",) if key in program.args]


def microseconds(text):
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if not match:
        raise TableError(f"'{text}' is no time")
    return round(float(match[1]) * {"us": 1, "ms": 1000, "s": 1000000}[match[2]])


def with_slice(victim, us):
    """The victim's reservation with another slice."""
    return replace(victim, slice=f"{us}us")


def place_victim(victim, placement):
    """The victim's domains, and {portal: domain that serves it}."""
    own = Domain(victim.name, victim, essential=True)
    if placement in RINGS:
        left = microseconds(victim.slice)
        left -= sum(microseconds(server.slice) for server in victim.servers)
        own.reservation = with_slice(victim, left)
    own.modules.append((victim.client, victim.client.name))
    domains = [own]
    serving = {}
    for server in victim.servers:
        portal = server.args["portal"]
        home = own
        if placement != COLOCATED:
            home = Domain(server.name)
            domains.append(home)
        if placement in RINGS:
            home.calls = placement
            home.reservation = with_slice(victim, microseconds(server.slice))
        # Inside a domain a partner is the task of the portal's name.
        home.modules.append((server, portal))
        home.serves.append(portal)
        serving[portal] = home.name
    for domain in domains:
        for program, _ in domain.modules:
            calls = (
                called(program) if program is victim.client else server_calls(program)
            )
            for portal in calls:
                if serving[portal] != domain.name:
                    domain.uses[portal] = serving[portal]
    return domains, serving


def make_system(victim, antagonist, placement, cpus=1):
    """The domains of a run; @antagonist: None for the victim alone.

    What the antagonist brings is on the last one of @cpus, all else on CPU 0.
    """
    domains, serving = place_victim(victim, placement)
    if antagonist is None:
        return domains
    other = Domain(antagonist.name, antagonist, cpu=cpus - 1)
    other.modules.append((antagonist.client, antagonist.client.name))
    for server in antagonist.servers:
        portal = server.args["portal"]
        if portal not in serving:
            home = Domain(server.name, cpu=cpus - 1)
            home.modules.append((server, portal))
            home.serves.append(portal)
            serving[portal] = home.name
            domains.append(home)
    for portal in called(antagonist.client):
        other.uses[portal] = serving[portal]
    return domains + [other]


def needs_linux_files(domains):
    return any(domain.is_linux or domain.disks for domain in domains)


def memory_mib(domains):
    return sum(MEMORY_MIB["linux" if d.is_linux else "l4"] for d in domains)
