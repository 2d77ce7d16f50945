"""What the turns of a comparison say, as numbers and as Markdown."""

import dataclasses
import statistics

DISTURBED = 0.15  # cores used by others during a turn; the kernel and this program take up to 0.1
TITLES = {
    "train": "Training, batch {batch}",
    "infer1": "Inference, one image at a time (1 / median latency)"
}


@dataclasses.dataclass
class Row:
    """A variant of a program on one net in one mode."""

    program: str
    variant: str
    precision: str
    own: bool
    speeds: list = dataclasses.field(default_factory=list)
    # Precision of Tailor -> Tailor / this, turn by turn.
    ratios: dict = dataclasses.field(default_factory=dict)

    @property
    def median(self):
        return statistics.median(self.speeds)


def title(mode, results):
    return TITLES.get(
        mode,
        f"Inference, batch {mode.removeprefix('infer')}").format(batch=results["options"]["batch"])


def sections(results):
    """(mode, net) -> rows, the fastest first, in the order they were measured."""
    found = {}
    for turn in results["turns"]:
        for mode in turn["speeds"]:
            found.setdefault((mode, turn["net"]), None)
    order = sorted(found,
                   key=lambda key: (key[0] != "train", -int(key[0].removeprefix("infer")
                                                            if key[0] != "train" else 0)))
    return {key: rows(results["turns"], *key) for key in order}


def rows(turns, mode, net):
    table, tailor = {}, {}
    for turn in turns:
        speed = turn["speeds"].get(mode)
        if turn["net"] != net or speed is None:
            continue
        key = (turn["program"], turn["variant"], turn["precision"])
        row = table.setdefault(key, Row(*key, turn["own"]))
        row.speeds.append(speed)
        if turn["program"] == "Tailor":
            tailor[turn["precision"]] = speed  # of the latest turn
            continue
        for precision, ours in tailor.items():
            row.ratios.setdefault(precision, []).append(ours / speed)
    return sorted(table.values(), key=lambda row: -row.median)


def rivals(table, precision):
    """The best peer Tailor in this precision answers to: in f32 the best in f32, in bf16 the best
    of all."""
    peers = [
        row for row in table if not row.own and (precision == "bf16" or row.precision == "f32")
    ]
    return peers[0] if peers else None


def spread(values, digits):
    median, low, high = (
        f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{median} ({low} - {high})"


def ratio(row, precision):
    return spread(row.ratios[precision], 2) if precision in row.ratios else ""


def label(row):
    return " ".join(word for word in (row.program, row.variant) if word)


def summary(results):
    lines = [
        "| | net | Tailor | images/s | best peer | images/s | Tailor / peer |",
        "|---|---|---|---|---|---|---|"
    ]
    for (mode, net), table in sections(results).items():
        for row in table:
            best = rivals(table, row.precision)
            if row.program == "Tailor" and best:
                among = "f32" if row.precision == "f32" else "all"
                lines.append(
                    f"| {mode} | {net} | {row.precision} | {row.median:,.0f} "
                    f"| of {among}: {label(best)}, {best.precision} "
                    f"| {best.median:,.0f} | **{ratio(best, row.precision)}** |")
    return lines if len(lines) > 2 else []


def section(mode, net, table, results):
    lines = [
        f"**{title(mode, results)}: {net}**", "",
        "| program | precision | images/s | Tailor f32 / this | Tailor bf16 / this |",
        "|---|---|---|---|---|"
    ]
    for row in table:
        name = f"**{label(row)}**" if row.program == "Tailor" else label(row)
        # bf16 beside f32 is nobody's comparison.
        f32 = ratio(row, "f32") if row.precision == "f32" else ""
        lines.append(
            f"| {name} | {row.precision} | {spread(row.speeds, 0)} | {f32} | {ratio(row, 'bf16')} |"
        )
    return lines


def heading(results):
    machine, options = results["machine"], results["options"]
    versions = ", ".join(f"{program} {version}" for program, version in results["versions"].items())
    lines = [
        f"{machine['cpu']} ({', '.join(machine['isa'])}), {machine['cores']} cores, "
        f"{options['threads']} threads; Tailor at {machine['commit']}; {versions}; "
        f"{options['rounds']} rounds; {machine['date']} UTC.",
        "Medians over the rounds, smallest and largest in brackets."
    ]
    disturbed = sum(turn["others"] > DISTURBED for turn in results["turns"])
    if disturbed:
        lines.append(
            f"Other programs ran during {disturbed} of {len(results['turns'])} turns: "
            "not to be published.")
    return lines + [f"Left out: {reason}" for reason in results["left_out"]]


def markdown(results):
    parts = [heading(results), summary(results)]
    parts += [section(*key, table, results) for key, table in sections(results).items()]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)
