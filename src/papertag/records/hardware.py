"""Hardware: a mention as a device of the table of accelerators, and how many of it."""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from papertag.records.quantities import DIGITS, WORDS, parse_number

_MEMORY = re.compile(r"(?<![\w.])\(?(\d+(?:\.\d+)?)[\s-]*(?:GB|GiB|G)\b\)?", re.I)
_FORM = re.compile(
    r"\b(?:SXM\d?|PCI-?E|NVL|HBM\d?e?|DGXS|SMX\d|OAM|ultra-?low power)\b", re.I
)
_NOISE = re.compile(
    r"\b(?:nvidia|google|cloud|amd|intel|huawei|aws|amazon|apple|graphcore|cerebras|"
    r"groq|"
    r"geforce|tesla|radeon|instinct|quadro|habana|tensor core|founders edition|"
    r"gpus?|chips?|cards?|accelerators?|pods?|slices?|devices?|npus?|laptop|mobile|"
    r"max-q)\b",
    re.I,
)
_TPU = re.compile(r"tpu(?:pod|slice)?(v\d+[a-z]?|\d[a-z]?)", re.I)
_TPU_SIZE = re.compile(r"v(\d+[a-z]*)(?:\s*(?:pod|slice))?-(\d+)\s*$", re.I)
_CORES = {"2": 2, "3": 2, "4": 2, "5p": 2, "5e": 1, "6e": 1, "6": 1}

_COUNT = rf"(?:{DIGITS}|{WORDS})"
_ADJECTIVES = (
    r"(?:(?:NVIDIA|Nvidia|Google|AMD|Intel|Huawei|Cloud|Tesla|GeForce|identical|"
    r"interconnected|parallel|such|older|rented|of (?:the|our|its|these)|\d+\s*GB)\s+)*"
)
_LEFT = (
    re.compile(rf"(?<![\w.,])({_COUNT})\s*[x×*]\s*{_ADJECTIVES}$", re.I),
    re.compile(rf"(?<![\w.,/-])({_COUNT})\s+{_ADJECTIVES}$", re.I),
    re.compile(
        rf"(?<![\w.,])({_COUNT})[\s-]+(?:GPUs?|TPUs?|chips?|accelerators?|cards?)\s*"
        r"(?:\(|of type|of the type|,?\s*(?:each|all)(?: an?)?|[-–—:])?\s*"
        rf"{_ADJECTIVES}$",
        re.I,
    ),
    re.compile(rf"(?<![\w.,])({_COUNT})\s+[^().;]{{0,30}}\(\s*$", re.I),
)
_RIGHT = re.compile(
    rf"s?(?:[\s-]+(?:GPUs?|TPUs?|chips?|accelerators?|cards?))?\s*"
    rf"(?:[x×*]\s*({DIGITS})(?![\w.])|\(\s*[x×]?\s*({DIGITS})\s*[x×]?\s*\)"
    rf"|,?\s*\(?quantity:?\s*({DIGITS})|:\s*({DIGITS})\s*(?:$|\n))",
    re.I,
)
_NODE = r"(?:nodes?|servers?|machines?|hosts?|blades?)"
_NODES_OF = re.compile(
    rf"(?<![\w.,])({_COUNT})\s+(?:\w+\s+)?{_NODE},?\s+"
    rf"(?:of|with|each\s+(?:with|of|having|containing|carrying|equipped\s+with)|having|"
    rf"containing|that each (?:have|hold)|equipped\s+with)\s+(?:each\s+)?$",
    re.I,
)
_PER_NODE = re.compile(
    rf"s?(?:\s+(?:GPUs?|chips?|accelerators?|cards?))?\s+(?:per|a|on\s+each\s+of|"
    rf"in\s+each\s+of|"
    rf"each\s+in)\s+(?:(?:{_NODE}),?\s*(?:across|over|on|and|in|×|x|with)?\s*)?"
    rf"(?:(?:the|our)\s+)?({_COUNT})\s+(?:\w+\s+)?{_NODE}",
    re.I,
)
_YEAR = re.compile(r"\b(?:in|since|until|by|of|during)\s+(?:19|20)\d\d\s*$", re.I)
_A_NODE = 16  # devices at most in what papers call a node


class Device(NamedTuple):
    """A row of the table; ``year`` and ``memory`` (GB) are empty where not known."""

    name: str
    vendor: str
    year: int | None
    memory: tuple[float, ...]
    chips: int
    source: str


class Hardware(NamedTuple):
    """A device by its canonical name, memory in GB and count; None where not said."""

    name: str
    vendor: str = ""
    memory: float | None = None
    quantity: int | None = None
    note: str = ""


@cache
def devices() -> dict[str, Device]:
    """Return the devices of the package by each key that ``device_key`` may give."""
    table: dict[str, Device] = {}
    source = files("papertag.records").joinpath("accelerators.tsv")
    for row in csv.DictReader(source.read_text("utf-8").splitlines(), delimiter="\t"):
        device = Device(
            f"{row['vendor']} {row['name'].removeprefix(row['vendor'])}".replace(
                "  ", " "
            ),
            row["vendor"],
            int(row["year"]) if row["year"] else None,
            tuple(float(size) for size in row["memory_gb"].split(";") if size),
            int(row["chips"] or 1),
            row["source"],
        )
        for key in {device_key(row["name"]), *filter(None, row["aliases"].split(";"))}:
            table[key] = device
    return table


def device_key(text: str) -> str:
    """Return what tells a device: its name without vendor, memory and form, bare."""
    text = re.sub(r"\([^)]*\)|[®™]", " ", text)
    text = re.sub(r"[-_]", " ", _MEMORY.sub(" ", text.replace("_", "-")))
    bare = _NOISE.sub(" ", _FORM.sub(" ", text))
    key = re.sub(r"[^a-z0-9]", "", bare.lower()) or re.sub(r"\W", "", text.lower())
    tpu = _TPU.match(key)
    return f"tpu{tpu[1].lower()}" if tpu else key


def parse_hardware(text: str) -> Hardware:
    """Return the device that a mention names, under its own words if not in the table.

    The count is that of a size in the name, as in ``TPU v3-128``, and a note says what
    it counts.
    """
    text = " ".join(text.split())
    memory = _MEMORY.search(text)
    size = float(memory[1]) if memory else None
    mention, count = _split_count(text)
    tpu = _TPU_SIZE.search(mention)
    if tpu and "tpu" in mention.lower():
        mention = mention[: tpu.start()] + f"v{tpu[1]}"
    device = devices().get(device_key(mention))
    if device is None:
        return Hardware(mention, "", size, count)
    if tpu and "tpu" in mention.lower():
        cores = _CORES.get(tpu[1].lower(), 0)
        number = int(tpu[2])
        if cores == 1:
            return Hardware(device.name, device.vendor, size, number)
        chips = number // cores if cores else None
        note = f"-{number} counts cores, not chips: {cores or '?'} cores a chip"
        return Hardware(device.name, device.vendor, size, chips or None, note)
    note = f"a system of {device.chips} chips" if device.chips > 1 else ""
    return Hardware(device.name, device.vendor, size, count, note)


def read_hardware(text: str, start: int, end: int) -> Hardware:
    """Return the device of ``text[start:end]`` with the count that stands around it."""
    found = parse_hardware(text[start:end])
    before = " ".join(text[max(0, start - 120) : start].split(" "))
    after = text[end : end + 80]
    count = _count_around(re.sub(r"\s", " ", before), after)
    if count is None:
        return found
    if found.quantity and not found.note:  # so many nodes, or a word before the count
        many = count if re.match(rf"\s*{_NODE}\b", after, re.I) else 1
        return found._replace(quantity=found.quantity * many)
    if found.note.startswith("-"):  # so many slices, each of so many chips
        count = count * found.quantity if found.quantity else None
    return found._replace(quantity=count)


def _split_count(text: str) -> tuple[str, int | None]:
    """Part ``8x A100`` and ``A100 x8`` into device and count."""
    left = re.match(rf"({DIGITS})(?:\s*[x×]\s*|\s)(?=[A-Z]|\d+GB)", text)
    if left:
        return text[left.end() :], _whole(left[1])
    right = re.search(rf"\s*(?:\s[x×]|×)\s*({DIGITS})$", text)
    if right:
        return text[: right.start()], _whole(right[1])
    return text, None


def _count_around(before: str, after: str) -> int | None:
    if _YEAR.search(before):
        return None
    for pattern in _LEFT:
        match = pattern.search(before)
        count = _whole(match[1]) if match else None
        if match and count:
            return count * _nodes(before[: match.start()], after, count)
    match = _RIGHT.match(after)
    if match:
        return _whole(next(filter(None, match.groups())))
    return None


def _nodes(before: str, after: str, count: int) -> int:
    """Return by how many nodes a count is to be multiplied, 1 if by none."""
    match = _NODES_OF.search(before) or _PER_NODE.match(after)
    many = _whole(match[1]) if match else None
    return many if many and count <= _A_NODE else 1


def _whole(text: str) -> int | None:
    words = re.sub(r"^and\s+", "", text.strip(), flags=re.I)
    number = parse_number(words)
    return int(number) if number and number == int(number) else None
