"""A pipeline, or tagged output, against gold: matching, agreement, JSON."""

import json
import sys

import pytest

from papertag.documents import Document
from papertag.errors import InputError
from papertag.evaluation import OUTSIDE, evaluate, match, predict
from papertag.pipeline import load_pipeline
from papertag.spans import LABELS, Span

MODEL, YEAR = Span(0, 5, "model"), Span(9, 13, "year")
TEXT = "GPT-3 in 2020"
GOLD = Document("gold/a.txt", TEXT, (MODEL, YEAR))


def test_predict_gives_spans_in_the_order_of_gold(rules):
    gold = [GOLD, Document("e", ""), Document("b", "\U0001f600 GPT-3")]
    found = list(predict(load_pipeline(rules), gold))
    assert found == [(MODEL, Span(9, 13, "year")), (), (Span(2, 7, "model"),)]


def test_match_goes_by_text_and_not_by_name_or_order():
    other = Document("gold/b.txt", "b")
    predicted = [Document("x", "b"), Document("y", TEXT, (YEAR,))]
    assert match([GOLD, other], predicted) == [(YEAR,), ()]


def test_match_takes_equal_texts_in_their_order():
    predicted = [Document("x", TEXT, (YEAR,)), Document("y", TEXT, (MODEL,))]
    assert match([GOLD, GOLD], predicted) == [(YEAR,), (MODEL,)]


def test_match_names_texts_that_one_side_lacks():
    with pytest.raises(InputError, match=r"^gold/a.txt: this text is not among"):
        match([GOLD], [Document("x", TEXT + "\n")])
    with pytest.raises(InputError, match=r"^gold/a.txt: this text is not among"):
        match([GOLD, GOLD], [Document("x", TEXT)])
    with pytest.raises(InputError, match=r"^y.txt: this predicted text is not in gold"):
        match([GOLD], [Document("x.txt", TEXT), Document("y.txt", "b")])


def test_agreement_counts_tokens():
    pytest.importorskip("sklearn")
    result = evaluate([GOLD], [(MODEL, Span(6, 13, "year"))])
    agreement = result.agreement
    assert agreement["labels"] == [*LABELS, OUTSIDE]
    cells = {
        (row, column): count
        for row, counts in zip(agreement["labels"], agreement["confusion"], strict=True)
        for column, count in zip(agreement["labels"], counts, strict=True)
        if count
    }
    assert cells[("year", "year")] == 1
    assert cells[(OUTSIDE, "year")] == 1
    assert set(cells) == {("model", "model"), ("year", "year"), (OUTSIDE, "year")}
    assert 0 < agreement["kappa"] < 1


@pytest.mark.parametrize("text", ["", "nothing here"])
def test_agreement_where_there_is_nothing(text):
    pytest.importorskip("sklearn")
    result = evaluate([Document("a", text)], [()])
    assert result.agreement["kappa"] is None
    assert evaluate([], []).agreement["confusion"] == []


def test_the_json_is_plain_and_complete():
    value = evaluate([GOLD, GOLD], [(MODEL, YEAR), (MODEL,)]).to_json()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert set(value) == {"documents", "strict", "partial", "border", "agreement"}
    assert value["documents"] == 2
    assert value["strict"]["types"]["model"]["f1"] == 1
    assert value["strict"]["types"]["year"]["recall"] == 0.5
    assert value["strict"]["types"]["year"]["interval"] is not None


def test_scores_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    result = evaluate([GOLD], [(MODEL, YEAR)])
    assert result.agreement is None
    assert result.scores.strict.micro.f1 == 1
    assert result.to_json()["agreement"] is None


def test_gold_and_predictions_must_be_as_many():
    with pytest.raises(ValueError, match="shorter"):
        evaluate([GOLD, GOLD], [(MODEL,)])
