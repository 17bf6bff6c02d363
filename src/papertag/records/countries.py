"""Countries: a name or an adjective as the country's code of ISO 3166 and its name."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Country(NamedTuple):
    """The two letters of ISO 3166, and the short English name of CLDR."""

    code: str
    name: str


def parse_country(text: str) -> Country | None:
    """Return the country that ``text`` names (``Japanese``, ``UK``), or None."""
    return _names().get(_key(text))


@cache
def countries() -> tuple[Country, ...]:
    """Return all countries of the table, by their codes."""
    return tuple(Country(row["code"], row["name"]) for row in _rows())


@cache
def _names() -> dict[str, Country]:
    table: dict[str, Country] = {}
    for row in _rows():
        country = Country(row["code"], row["name"])
        for name in (row["name"], *filter(None, row["other_names"].split(";"))):
            table[_key(name)] = country
    return table


def _rows() -> list[dict[str, str]]:
    source = files("papertag.records").joinpath("countries.tsv").read_text("utf-8")
    return list(csv.DictReader(source.splitlines(), delimiter="\t"))


def _key(text: str) -> str:
    """Return a name without accents, dots, case and article."""
    bare = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    bare = bare.replace("\u2019", "'").replace(".", "").replace("&", "and")
    words = re.sub(r"[-\s]+", " ", bare).strip().lower()
    return words.removeprefix("the ").replace(" ", "")
