"""From tagged texts to records: who is introduced, and which value is whose."""

import json
from pathlib import Path

import pytest

from papertag.errors import SpanError
from papertag.markup import parse
from papertag.records import extract
from papertag.records.aliases import merge_mentions
from papertag.records.layout import read_layout
from papertag.records.record import (
    ACTIVE,
    CHIP_HOURS,
    CODE,
    DATE,
    HARDWARE,
    HOURS,
    PARAMETERS,
    QUANTITY,
)
from papertag.spans import Span
from score_records import GOLD, MODEL, half_of, read, score_all

ROOT = Path(__file__).parents[1]


def records(tagged: str) -> dict[str, dict[str, object]]:
    """Return the fields of each record of a tagged text, by the model's name."""
    paper = parse(tagged)
    found = extract(paper.text, paper.spans, "paper.txt")
    return {
        record.model: {name: record.values(name) for name in record.facts}
        for record in found.records
    }


def names(text: str) -> list[list[str]]:
    """Return the mentions of each model of a text in which they stand in brackets."""
    tagged = parse(text.replace("[", "<model>").replace("]", "</model>"))
    models = merge_mentions(tagged.text, tagged.spans)
    return [[tagged.text[s.start : s.end] for s in m.mentions] for m in models]


def test_aliases_are_one_model_and_variants_are_not():
    assert names(
        "[LLaMA-13B] and [LLaMA 13B], [llama13b]; [Kestrel], [Kestrel-S]."
    ) == [
        ["LLaMA-13B", "LLaMA 13B", "llama13b"],
        ["Kestrel"],
        ["Kestrel-S"],
    ]
    assert names("[org/Sidra-14B] is [Sidra-14B]; [X-3/16] is not [X-3/64].") == [
        ["org/Sidra-14B", "Sidra-14B"],
        ["X-3/16"],
        ["X-3/64"],
    ]
    assert names("[KIRA] ([Keyline Image Reading Architecture]) reads.") == [
        ["KIRA", "Keyline Image Reading Architecture"]
    ]
    assert names("[Goog-\nLeNet] or [GoogLeNet]") == [["Goog-\nLeNet", "GoogLeNet"]]


def test_sentences_cover_the_text_in_order():
    text = "We use it (cf. Fig. 2). Then we, e.g. A. Noon, stop! 3 of 4.\n\n"
    text += "| a | b |\n| c |"
    layout = read_layout(text)
    said = [text[s.start : s.end].strip() for s in layout.sentences]
    assert said == [
        "We use it (cf. Fig. 2).",
        "Then we, e.g. A. Noon, stop!",
        "3 of 4.",
        "| a | b |",
        "| c |",
    ]
    assert all(layout.at(s.start) == i for i, s in enumerate(layout.sentences))


def test_the_paper_s_own_models_and_its_baselines():
    found = records(
        "<model>Kestrel</model>: reports of wind farms\n\nWe present "
        "<model>Kestrel</model>, with <params>780 million</params> parameters. It is "
        "better than <model>T5-Large</model> (<params>770M</params>) and "
        "<model>Llama 2 70B</model>, and starts from <model>Flan-T5</model>."
    )
    assert found == {"Kestrel": {PARAMETERS: [780e6]}}


def test_a_survey_introduces_nothing():
    found = records(
        "A survey of translation. <model>M2M-100</model> of <year>2020</year> covers a "
        "hundred languages. <model>Oriel-MT</model> has <params>2B</params> parameters."
    )
    assert found == {}


def test_list_order():
    found = records(
        "We release <model>Tern-S</model>, <model>Tern-M</model> and "
        "<model>Tern-L</model>, which have <params>1B</params>, "
        "<params>3B</params> and <params>7.5B</params> parameters. They took "
        "<training>2 days</training>, <training>5 days</training> and "
        "<training>2 weeks</training>, respectively."
    )
    assert found == {
        "Tern-S": {PARAMETERS: [1e9], HOURS: [48]},
        "Tern-M": {PARAMETERS: [3e9], HOURS: [120]},
        "Tern-L": {PARAMETERS: [7.5e9], HOURS: [336]},
    }


def test_columns_and_rows_of_a_table():
    head = "We present <model>Elm-1B</model> and <model>Elm-9B</model>.\n\n"
    columns = (
        "| | <model>Elm-1B</model> | <model>Elm-9B</model> |\n|---|---|---|\n"
        "| Time | <training>3 days</training> | <training>9 days</training> |\n"
    )
    rows = (
        "| <model>Elm-1B</model> | <training>3 days</training> |\n"
        "| <model>Elm-9B</model> | <training>9 days</training> |\n"
    )
    for table in (columns, rows):
        found = records(head + table)
        assert found["Elm-1B"][HOURS] == [72]
        assert found["Elm-9B"][HOURS] == [216]


def test_sizes_stand_for_models():
    found = records(
        "We train <model>Sauna-8B</model> and <model>Sauna-34B</model>. The "
        "<params>34B</params> model was trained for <training>58 days</training> on 64 "
        "nodes of 8 <hardware>MI250X</hardware>; the smaller one took "
        "<training>9 days</training>."
    )
    big = found["Sauna-34B"]
    assert (big[PARAMETERS], big[HOURS], big[QUANTITY]) == ([34e9], [1392], [512])
    assert found["Sauna-8B"] == {PARAMETERS: [8e9], HOURS: [216]}


def test_active_parameters_chip_hours_and_ranges():
    found = records(
        "We introduce <model>Polder</model>, with <params>61B</params> parameters, of "
        "which <params>8.4B</params> are active. Training <model>Polder</model> took "
        "<training>five to six days</training>, or <training>1.7M H100 GPU "
        "hours</training>, not <training>3,640 petaflop/s-days</training>."
    )
    assert found == {
        "Polder": {
            PARAMETERS: [61e9],
            ACTIVE: [8.4e9],
            HOURS: [(120, 144)],
            CHIP_HOURS: [1.7e6],
        }
    }


def test_hardware_that_only_runs_a_model_is_not_its_training_hardware():
    found = records(
        "We present <model>Wisp</model>. It was trained on one "
        "<hardware>V100</hardware>. On a <hardware>Jetson Nano</hardware> "
        "<model>Wisp</model> runs at 9 fps."
    )
    assert found["Wisp"][HARDWARE] == ["NVIDIA V100"]


def test_countries_of_makers_go_to_all_own_models_and_others_keep_theirs():
    found = records(
        "<model>Lark-S</model> and <model>Lark-L</model>\n\nUniversity of Oslo, "
        "<country>Norway</country>; Riken, <country>Japan</country>\n\nWe present "
        "<model>Lark-S</model> and <model>Lark-L</model>. <model>Mistral 7B</model> is "
        "<country>French</country>."
    )
    assert (
        sorted(found["Lark-S"][CODE]) == sorted(found["Lark-L"][CODE]) == ["JP", "NO"]
    )


def test_reference_lists_are_skipped_and_a_section_about_references_is_not():
    body = "We present <model>Wisp</model>."
    more = "<model>Wisp</model> came out in <year>2021</year>."
    cited = (
        "\n\nReferences\n[1] A. Bee. <model>Wisp</model>. 2019, {}.\n[2] C. Dee. 2018."
    )
    found = records(f"{body} {more}" + cited.format("<year>1999</year>"))
    assert found["Wisp"][DATE] == ["2021-07-01"]
    other = "\n\nReferences\nJudges refer to articles. " + "They do so at length. " * 12
    assert records(body + other + more)["Wisp"][DATE] == ["2021-07-01"]


def test_a_conflict_is_shown_and_the_better_value_is_in_the_record():
    paper = parse(
        "We present <model>Wisp</model>. <model>Wisp</model> (<params>12M</params>) is "
        "small. The model has <params>14M</params> parameters."
    )
    found = extract(paper.text, paper.spans, "paper.txt")
    (conflict,) = found.conflicts
    assert found.records[0].values(PARAMETERS) == [12e6]
    assert [fact.value for fact in conflict.facts] == [12e6, 14e6]
    assert (conflict.model, conflict.field) == ("Wisp", PARAMETERS)


def test_what_belongs_to_no_model_is_listed_and_not_guessed():
    paper = parse(
        "We present <model>Wisp</model> and <model>Gull</model>.\n\nThe decoder adds "
        "<params>3M</params> parameters."
    )
    found = extract(paper.text, paper.spans, "paper.txt")
    assert [fact.value for fact in found.unlinked] == [3e6]
    assert all(not record.facts for record in found.records)


def test_evidence_is_the_sentence_and_its_offsets_point_to_the_mention():
    paper = parse("Hi 𝔸.\r\n\r\nWe present <model>Wisp</model>: <params>12M</params>.")
    spans = [Span(s.start, s.end, s.label, 0.5) for s in paper.spans]
    (record,) = extract(paper.text, spans, "paper.txt").records
    (fact,) = record.facts[PARAMETERS]
    assert fact.evidence.sentence == "We present Wisp: 12M."
    assert paper.text[fact.evidence.start : fact.evidence.end] == "12M"
    assert 0 < fact.score < 0.5


@pytest.mark.parametrize(
    "text", ["", "\n", "No model.", "𝔸\r\n\r\n|a|\n# \n\\section{}"]
)
def test_a_text_without_models_has_no_records(text):
    assert extract(text, (), "a.txt").records == ()


def test_spans_that_do_not_fit_are_an_error():
    with pytest.raises(SpanError, match="reaches out"):
        extract("abc", (Span(1, 9, "model"),), "a.txt")


def test_the_same_input_gives_the_same_records():
    paper = parse((ROOT / "corpus/records/larch-protein.txt").read_text("utf8"))
    first = extract(paper.text, paper.spans, "a")
    assert first == extract(paper.text, paper.spans[::-1], "a")


def test_the_rules_beat_the_nearest_model_on_the_documents_held_out():
    documents = [json.loads(line) for line in GOLD.read_text("utf8").splitlines()]
    held_out = [gold for gold in documents if half_of(gold["document"]) == "held-out"]
    tagged = {gold["document"]: read(gold["document"], "gold") for gold in held_out}
    rules, nearest = score_all(held_out, tagged, verbose=False)
    for name in (PARAMETERS, HARDWARE, QUANTITY, HOURS):
        assert rules[name][0] > nearest[name][0], name
    right, predicted, gold = rules[MODEL]
    assert right / predicted > 0.85
    assert right / gold > 0.9
