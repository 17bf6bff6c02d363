"""Names: made-up mentions of each type, in the shapes that real ones have."""

import random
import re

from papertag.gazetteer import COUNTRIES, DEVICES, OTHER_COUNTRIES


def _words(text: str) -> list[str]:
    return text.split()


_ONSETS = _words(
    "b br c ch cl cr d dr f fl g gl gr h j k kl l m n p ph pl pr qu r s sh sk sl st t"
    " th tr v w x y z"
)
_VOWELS = _words("a e i o u ai ea ee ia io oa ou y")
_CODAS = ["", "", "", *_words("l m n r s t x nd rk st ll ra na on us is ma")]
_HEADS = _words(
    "Bio Chem Code Deep Doc Dyn Econ Edge Fast Fin Geo Graph Hyper Law Lite Math Med"
    " Meta Mini Mobile Mol Multi Neuro Omni Open Path Prot Scene Seg Seq Sci Speech"
    " Super Time Tiny Uni Vid Vis Voice Wave"
)
_TAILS = _words(
    "BERT CLIP Diff Former GAN GPT Gen LLM LM MAE Mamba Mixer Net Nets RNN Seg Sent T5"
    " ViT VAE VLM Vec"
)
_ORDINARY = _words(
    "Alder Amber Atlas Beacon Bison Birch Coral Cobalt Comet Condor Crane Delta Echo"
    " Ember Falcon Fern Flint Forge Garnet Heron Iris Juniper Kestrel Lark Linden Lotus"
    " Lynx Maple Marlin Meteor Mica Nectar Nova Onyx Opal Orchid Osprey Otter Pebble"
    " Pike Quartz Raven Reef Rowan Sable Sage Sequoia Sparrow Swift Teal Thistle Tundra"
    " Vesper Willow Wren Zephyr"
)
_GREEK = "αβγδελμπσφω"
_SIZES = _words(
    "Tiny Small Base Large XL XXL Mini Medium Huge Nano Pro Lite Plus Ultra"
)
_BILLIONS = _words(
    "0.5 1 1.3 1.5 1.8 2 2.7 3 6 6.7 7 8 9 12 13 14 20 27 30 33 34 40 65 70 72 110 176"
    " 180 405"
)
_TUNED = _words(
    "Instruct Chat instruct chat Base it preview Coder Math VL SFT DPO v0.1 hf"
)
_PATCHES = _words("-S/16 -B/16 -L/14 -H/14 -B/32 -T -S -B -L")


def model() -> str:
    """Return a made-up name of a model."""
    name = random.choice((_word, _compound, _acronym, _plain, _coded, _acronym))()
    tails = (_none, _none, _none, _none, _number, _version, _size, _billions, _patch)
    return name + random.choice(tails)()


def country(like: str) -> str:
    """Return a country as a noun, or as an adjective where ``like`` is one."""
    if like in COUNTRIES.values() and like not in COUNTRIES:  # New Zealand is both
        return random.choice(list(COUNTRIES.values()))
    return random.choice([*COUNTRIES, *OTHER_COUNTRIES])


def device(like: str) -> str:
    """Return a device, with its maker where ``like`` begins with one."""
    maker = random.choice([*DEVICES, *["NVIDIA"] * 12, "Google", "Google", "AMD"])
    name = random.choice(DEVICES[maker])
    makers = {known.title() for known in DEVICES}
    is_named = like.split(maxsplit=1)[0].rstrip("®").title() in makers
    if maker == "NVIDIA" and random.random() < 0.3:
        maker = random.choice(("Nvidia", "nVidia", "NVIDIA®"))
    return f"{maker} {name}" if is_named or maker == "Raspberry Pi" else name


def quantity(like: str) -> str:
    """Return ``like`` with other digits: the same shape, another number.

    A leading zero stays; any other first digit is 1 to 9. Digits in a word stay.
    """

    def other(digits: re.Match[str]) -> str:
        first = "0" if digits[0][0] == "0" and len(digits[0]) > 1 else None
        lead = first or (str(random.randint(1, 9)) if digits[0] != "0" else "0")
        return lead + "".join(random.choice("0123456789") for _ in digits[0][1:])

    return re.sub(r"(?<![A-Za-z\d])\d+", other, like)


def year() -> str:
    """Return a year in which a model may have come out."""
    return str(random.randint(2012, 2026))


def person() -> str:
    """Return a made-up family name."""
    return _word().title()


def _word() -> str:
    syllables = random.choice((2, 2, 3))
    parts = [random.choice(_ONSETS) + random.choice(_VOWELS) for _ in range(syllables)]
    word = "".join(parts) + random.choice(_CODAS)
    return random.choice((word.title(), word.title(), word.title(), word, word.upper()))


def _compound() -> str:
    head = random.choice((*_HEADS, *_ORDINARY, _word().title()))
    return head + random.choice(("", "", "", "-")) + random.choice(_TAILS)


def _acronym() -> str:
    letters = "".join(
        random.choice("ABCDEFGHILMNOPRSTUVX") for _ in range(random.randint(2, 5))
    )
    return random.choice((letters, letters, letters[:-1] + letters[-1].lower()))


def _plain() -> str:
    return random.choice(_ORDINARY)


def _coded() -> str:
    letters = "".join(
        random.choice("ABCDEGKLMNPRSTVXZ") for _ in range(random.randint(1, 2))
    )
    greek = random.choice(_GREEK) + "-" if random.random() < 0.15 else ""
    return f"{greek}{letters}{random.choice(('', '-'))}{random.randint(1, 9)}"


def _none() -> str:
    return ""


def _number() -> str:
    return random.choice(("-", " ", "")) + str(
        random.choice((2, 3, 4, 5, 18, 50, 101, 152))
    )


def _version() -> str:
    number = f"{random.randint(1, 5)}{random.choice(('', '', '.1', '.5', '.2'))}"
    return random.choice((" v", "-v", "v", " ", "-")) + number


def _size() -> str:
    size = random.choice(_SIZES)
    return random.choice(("-", " ")) + random.choice((size, size.lower()))


def _billions() -> str:
    size = random.choice(("-", " ")) + random.choice(_BILLIONS) + random.choice("BBBb")
    return size + (f"-{random.choice(_TUNED)}" if random.random() < 0.35 else "")


def _patch() -> str:
    return random.choice(_PATCHES)
