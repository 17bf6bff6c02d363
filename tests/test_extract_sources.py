"""`papertag extract` on papers as they come: rows, and where each value stands."""

import json
from pathlib import Path

import pypdfium2

from test_sources import HTML, JATS, LATEX, tarred, zipped

PDF = Path(__file__).parent / "data/pdf/five-4-2.pdf"
TEXT = "We introduce GPT-3. GPT-3 has 175B parameters."
REFERENCES = "\n\nReferences\n\n[1] A. Author. We introduce GPT-3 with 175B. 2020.\n"


def of(sample: str, text: str = TEXT) -> str:
    return sample.replace("We train Kestrel.", text)


def rows(run, here, rules, *inputs):
    ran = run("extract", *inputs, "-p", rules, "-o", "f.jsonl", "--force", "-q")
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in (here / "f.jsonl").read_text().splitlines()]


def test_every_kind_gives_the_row_and_its_place(run, write, here, rules):
    write(
        {"in/a.tex": "% hm\n" + of(LATEX), "in/b.html": of(HTML), "in/c.xml": of(JATS)}
    )
    write({"in/d.md": f"---\nx: GPT-3\n---\n{TEXT}\n", "in/e.txt": TEXT})
    write({"in/f.zip": zipped({"x.txt": TEXT, "y/z.html": of(HTML)})})
    write({"in/g.tar.gz": tarred({"m.tex": of(LATEX, "\\input{p}"), "p.tex": TEXT})})
    found = rows(run, here, rules, "in")
    names = [
        "a.tex",
        "b.html",
        "c.xml",
        "d.md",
        "e.txt",
        "f.zip/x.txt",
        "f.zip/y/z.html",
    ]
    names.append("g.tar.gz")
    assert [row["source"] for row in found] == [f"in/{name}" for name in names]
    assert {row["Parameters"]["value"] for row in found} == {175e9}
    places = [row["Parameters"]["evidence"]["places"] for row in found]
    assert places == [
        [{"line": 2, "column": 70}],
        [{"xpath": "/html/body/p"}],
        [{"xpath": "/article/body/p"}],
        [{"line": 4, "column": 31}],
        [{"line": 1, "column": 31}],
        [{"line": 1, "column": 31}],
        [{"xpath": "/html/body/p"}],
        [{"line": 1, "column": 31, "file": "p.tex"}],
    ]
    assert places[0][0]["column"] == of(LATEX).index("175B") + 1


def test_the_place_in_a_pdf_is_a_page_and_a_box_around_the_value(
    run, here, make_pipeline
):
    rules = make_pipeline(here / "rules", {"Pretzel": "model", "1.1B": "params"})
    (row,) = rows(run, here, rules, PDF)
    assert (row["Model"], row["Parameters"]["value"]) == ("Pretzel", 1.1e9)
    (place,) = row["Parameters"]["evidence"]["places"]
    assert place.keys() == {"page", "box"}
    document = pypdfium2.PdfDocument(PDF)
    page = document[place["page"] - 1].get_textpage()
    assert page.get_text_bounded(*place["box"]).strip() == "1.1B"
    document.close()


def test_references_and_what_is_no_prose_give_no_rows(run, write, here, rules):
    write(
        {
            "a.md": "We train it.\n\n```\nWe introduce GPT-3 with 175B.\n```\n"
            + REFERENCES
        }
    )
    write(
        {"b.txt": "We train it." + REFERENCES, "c.tex": of(LATEX, "It." + REFERENCES)}
    )
    assert rows(run, here, rules, "a.md", "b.txt", "c.tex") == []
    write({"d.md": f"{TEXT}\n\n`175B GPT-3`\n"})
    (row,) = rows(run, here, rules, "d.md")
    assert row["Parameters"]["evidence"]["start"] == TEXT.index("175B")
    assert row["Conflicts"] == []


def test_a_paper_named_twice_is_one(run, write, here, rules):
    write({"in/a.txt": TEXT})
    assert len(rows(run, here, rules, "in", "in/a.txt")) == 1
