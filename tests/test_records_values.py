"""Each kind of value, as papers write it, and what a database gets."""

import babel
import pytest

from papertag.gazetteer import COUNTRIES, OTHER_COUNTRIES
from papertag.records.countries import countries, parse_country
from papertag.records.dates import read_date
from papertag.records.durations import Kind, parse_duration, read_duration
from papertag.records.hardware import devices, parse_hardware, read_hardware
from papertag.records.parameters import parse_parameters, read_parameters
from papertag.records.quantities import parse_number


def around(marked: str) -> tuple[str, int, int]:
    """Part ``a [b] c`` into its text and the offsets of ``b``."""
    before, rest = marked.split("[", 1)
    mention, after = rest.split("]", 1)
    return before + mention + after, len(before), len(before) + len(mention)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.3 billion", 12.3e9),
        ("175B", 175e9),
        ("1.8 trillion", 1.8e12),
        ("6,738,415,616", 6738415616),
        ("6 738 415 616", 6738415616),
        ("1.75 × 10^11", 1.75e11),
        ("1.75 × 10¹¹", 1.75e11),
        ("1.75e11", 1.75e11),
        ("$1.75 \\times 10^{11}$", 1.75e11),
        ("60 million", 60e6),
        ("340M", 340e6),
        ("0.5-billion", 0.5e9),
        ("3,5 Mio", 3.5e6),
        ("1,5", 1.5),
        ("1,500", 1500),
        ("7½", 7.5),
        ("two", 2),
        ("twenty-four", 24),
        ("one hundred and ten", 110),
        ("five hundred million", 500e6),
        ("two thousand and forty-eight", 2048),
        ("six and a half", 6.5),
        ("two and a half billion", 2.5e9),
        ("a dozen", 12),
        ("half a", 0.5),
        ("many", None),
        ("", None),
        ("and", None),
        ("7Bx", None),
    ],
)
def test_number(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "total", "active"),
    [
        ("12.3 billion", 12.3e9, None),
        ("7.2 billion parameters", 7.2e9, None),
        ("175B", 175e9, None),
        ("8x7B", 56e9, None),
        ("8×22B", 176e9, None),
        ("671B (37B active)", 671e9, 37e9),
        ("1.75 × 10^11", 1.75e11, None),
        ("110 million", 110e6, None),
    ],
)
def test_parameters(text, total, active):
    assert parse_parameters(text)[:2] == (total, active)


@pytest.mark.parametrize(
    ("marked", "total", "active"),
    [
        ("models with [3], 8 and 20 billion parameters", 3e9, None),
        ("of [7] or 13B parameters", 7e9, None),
        ("671B parameters, of which [37B] are activated for each token", None, 37e9),
        ("671B in total, activating only [37B] per token", None, 37e9),
        ("[2.4B] active parameters", None, 2.4e9),
        ("Only [3.4B] of the 27B parameters are active", None, 3.4e9),
        ("it has [780 million] parameters and is active at night", 780e6, None),
    ],
)
def test_parameters_by_what_stands_around(marked, total, active):
    assert read_parameters(*around(marked))[:2] == (total, active)


@pytest.mark.parametrize(
    "marked",
    [
        "an adapter, [4.2M] adapter parameters",
        "[12M] LoRA weights",
        "[many] parameters",
    ],
)
def test_parameters_of_a_part_are_no_model_s(marked):
    assert read_parameters(*around(marked)) is None


@pytest.mark.parametrize(
    ("text", "low", "high", "kind"),
    [
        ("14 days", 336, 336, Kind.WALL),
        ("14-week", 2352, 2352, Kind.WALL),
        ("3 days 8 hours", 80, 80, Kind.WALL),
        ("2 days and 14 hours", 62, 62, Kind.WALL),
        ("9 days, 18 hours", 234, 234, Kind.WALL),
        ("two months", 1461, 1461, Kind.WALL),
        ("a day", 24, 24, Kind.WALL),
        ("six and a half days", 156, 156, Kind.WALL),
        ("a day and a half", 36, 36, Kind.WALL),
        ("half a day", 12, 12, Kind.WALL),
        ("26h", 26, 26, Kind.WALL),
        ("45 minutes", 0.75, 0.75, Kind.WALL),
        ("five to six days", 120, 144, Kind.WALL),
        ("5-6 days", 120, 144, Kind.WALL),
        ("30–36 hours", 30, 36, Kind.WALL),
        ("between two and three weeks", 336, 504, Kind.WALL),
        ("1.7M A100 GPU hours", 1.7e6, 1.7e6, Kind.CHIP),
        ("1.7 million GPU hours", 1.7e6, 1.7e6, Kind.CHIP),
        ("2.788M H800 GPU-hours", 2.788e6, 2.788e6, Kind.CHIP),
        ("34 A100-days", 816, 816, Kind.CHIP),
        ("3,300 GPU hours", 3300, 3300, Kind.CHIP),
        ("184 TPU-core days", 4416, 4416, Kind.OTHER),
        ("3,640 petaflop/s-days", 0, 0, Kind.OTHER),
    ],
)
def test_duration(text, low, high, kind):
    assert parse_duration(text)[:3] == (low, high, kind)


@pytest.mark.parametrize("text", ["several weeks", "epochs", "", "7B", "3"])
def test_no_duration(text):
    assert parse_duration(text) is None


def test_duration_with_the_unit_at_the_end_of_the_list():
    found = read_duration(*around("[1.2M] vs 5.4M GPU hours"))
    assert found[:3] == (1.2e6, 1.2e6, Kind.CHIP)


@pytest.mark.parametrize(
    ("text", "name", "memory", "quantity"),
    [
        ("A100", "NVIDIA A100", None, None),
        ("NVIDIA A100 80GB", "NVIDIA A100", 80, None),
        ("A100-SXM4-80GB", "NVIDIA A100", 80, None),
        ("8x A100-80GB", "NVIDIA A100", 80, 8),
        ("Tesla V100-SXM2 32GB", "NVIDIA V100", 32, None),
        ("80GB A100", "NVIDIA A100", 80, None),
        ("NVIDIA GeForce RTX 2080 Ti", "NVIDIA RTX 2080 Ti", None, None),
        ("GTX 1080Ti", "NVIDIA GTX 1080 Ti", None, None),
        ("RTX8000", "NVIDIA Quadro RTX 8000", None, None),
        ("Google TPU v4", "Google TPU v4", None, None),
        ("TPUv3", "Google TPU v3", None, None),
        ("Cloud TPU v5e", "Google TPU v5e", None, None),
        ("TPU v3-128", "Google TPU v3", None, 64),
        ("TPU Pod v3-256", "Google TPU v3", None, 128),
        ("TPU v5e-256", "Google TPU v5e", None, 256),
        ("AMD Instinct MI250X", "AMD Instinct MI250X", None, None),
        ("Gaudi2", "Intel Gaudi 2", None, None),
        ("Ascend 910B", "Huawei Ascend 910B", None, None),
        ("AWS Trainium", "AWS Trainium", None, None),
        ("Raspberry Pi 4", "Raspberry Pi 4", None, None),
        ("Frobnicator 9", "Frobnicator 9", None, None),
    ],
)
def test_hardware(text, name, memory, quantity):
    found = parse_hardware(text)
    assert (found.name, found.memory, found.quantity) == (name, memory, quantity)


def test_cores_are_not_chips():
    assert "cores, not chips" in parse_hardware("TPU v3-128").note


@pytest.mark.parametrize(
    ("marked", "quantity"),
    [
        ("eight [NVIDIA V100]s", 8),
        ("on 16 [NVIDIA A100 80GB] GPUs", 16),
        ("on 8x [V100]", 8),
        ("on 8×[V100]s", 8),
        ("1,024 NVIDIA [H100]s", 1024),
        ("a single [RTX 3090]", 1),
        ("one [RTX 3090]", 1),
        ("64 nodes of 8 [H100]", 512),
        ("on 64 nodes, each with eight [H100] GPUs", 512),
        ("with four [A100] GPUs per node on 32 nodes", 128),
        ("2,048 [A100] GPUs in 256 nodes", 2048),
        ("[A100] GPUs (x8)", 8),
        ("[H100] × 64", 64),
        ("two [TPU v3-128] slices", 128),
        ("in 2023 [H100]s were scarce", None),
        ("trained on [A100]s", None),
        ("version 2.1, [A100]", None),
    ],
)
def test_quantity_stands_outside(marked, quantity):
    assert read_hardware(*around(marked)).quantity == quantity


def test_table_of_devices():
    table = devices()
    assert len({device.name for device in table.values()}) >= 120
    for key, device in table.items():
        assert parse_hardware(device.name).name == device.name, key
        assert device.year is None or 2010 <= device.year <= 2026


@pytest.mark.parametrize(
    ("marked", "iso"),
    [
        ("released in [2023]", "2023-07-01"),
        ("in July [2023]", "2023-07-15"),
        ("on 18 July [2023]", "2023-07-18"),
        ("on July 18, [2023]", "2023-07-18"),
        ("on 3rd of Feb. [2024]", "2024-02-03"),
        ("dated [2023]-07-18", "2023-07-18"),
        ("dated [2023]-07", "2023-07-15"),
        ("it may [2023]", "2023-05-15"),
        ("of [2023]-99", "2023-07-01"),
    ],
)
def test_date(marked, iso):
    found = read_date(*around(marked))
    assert found.iso == iso
    assert bool(found.note) == (iso[-2:] in {"01", "15"})


def test_what_is_no_year():
    assert read_date(*around("the [202] of")) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Japanese", "JP"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Scotland", "GB"),
        ("PRC", "CN"),
        ("Republic of Korea", "KR"),
        ("South Korean", "KR"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("the Netherlands", "NL"),
        ("Dutch", "NL"),
        ("United States of America", "US"),
        ("U.S.", "US"),
        ("Czech Republic", "CZ"),
        ("Hong Kong", "HK"),
        ("Ivory Coast", "CI"),
        ("Bosnia and Herzegovina", "BA"),
    ],
)
def test_country(text, code):
    assert parse_country(text).code == code


def test_no_country():
    assert parse_country("Europe") is None


def test_countries_are_those_of_cldr():
    names = babel.Locale("en").territories
    assert {code: names[code] for code, _ in countries()} == dict(countries())
    assert len(countries()) >= 249


def test_each_nationality_of_the_gazetteer_is_known():
    unknown = [name for pair in COUNTRIES.items() for name in pair]
    unknown = [name for name in unknown if parse_country(name) is None]
    assert not unknown
    assert not [name for name in OTHER_COUNTRIES if parse_country(name) is None]
