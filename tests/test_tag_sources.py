"""`papertag tag` on papers as they come: what is written, in place, errors."""

import gzip
import io
import json
import re
import tarfile
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from papertag.markup import parse
from test_sources import HTML, JATS, LATEX, tarred, zipped

DATA = Path(__file__).parent / "data"
PDF = (DATA / "pdf/five-1-2.pdf").read_bytes()
TEXT = "We train GPT-3 with 175B parameters in 2020."
TAGGED = (
    "We train <model>GPT-3</model> with <params>175B</params> parameters in "
    "<year>2020</year>."
)


def of(sample: str) -> str:
    return sample.replace("We train Kestrel.", TEXT)


def test_a_folder_of_every_kind(run, write, here, files, rules):
    write({"in/a.tex": of(LATEX), "in/sec/part.tex": "A part.", "in/b.html": of(HTML)})
    write({"in/c.xml": of(JATS), "in/d.md": TEXT, "in/e.txt": TEXT, "in/f.pdf": PDF})
    write({"in/g.zip": zipped({"x.txt": TEXT, "y/z.html": of(HTML)})})
    write({"in/h.txt.gz": gzip.compress(TEXT.encode()), "in/no.csv": TEXT})
    write({"in/2301.1.tar.gz": tarred({"m.tex": of(LATEX), "p.tex": "A part."})})
    ran = run("tag", "in", "-o", "in/out", "-p", rules)
    assert ran.err == "10 tagged, 0 left out, 0 with errors\n"
    names = ["2301.1", "a", "b", "c", "d", "e", "f", "g/x", "g/y/z", "h"]
    written = [name for name in files() if name.startswith("in/out/")]
    assert written == [f"in/out/{name}.txt" for name in names]
    for name in names:
        text = (here / f"in/out/{name}.txt").read_text("utf8")
        assert text == TAGGED or name == "f"
    ran = run("tag", "in", "-o", "in/out", "-p", rules, "--resume", "--jobs", "2")
    assert ran.err == "0 tagged, 10 left out, 0 with errors\n"


def test_a_pdf_is_its_text_in_records_and_from_stdin(run, write, rules):
    write({"a.pdf": PDF})
    record = json.loads(run("tag", "a.pdf", "-f", "jsonl", "-p", rules).out)
    inline = run("tag", "a.pdf", "-p", rules)
    assert record["text"] == parse(inline.out.decode()).text
    assert record["meta"] == {"source": "a.pdf"}
    assert run("tag", "-", "-p", rules, stdin=PDF).out == inline.out


def test_a_pdf_is_highlighted(run, write, here, make_pipeline):
    write({"a.pdf": PDF, "b.txt": TEXT})
    make_pipeline(here / "rules", {"the": "model"})
    ran = run("tag", "a.pdf", "b.txt", "-f", "pdf", "-o", "out", "-p", "rules", "-q")
    assert ran.error == "b.txt: is no PDF; choose another --format"
    document = pypdfium2.PdfDocument(here / "out/a.pdf")
    page = document[0]
    assert pypdfium2.raw.FPDFPage_GetAnnotCount(page) > 5
    document.close()


def test_only_prose_of_markdown_is_tagged(run, write, rules):
    source = (
        "---\nx: GPT-3\n---\nGPT-3, [175B](https://x.org/GPT-3)\n\n```\nGPT-3\n```\n"
    )
    write({"a.md": source})
    expected = source.replace("\nGPT-3,", "\n<model>GPT-3</model>,")
    expected = expected.replace("175B", "<params>175B</params>")
    assert run("tag", "a.md", "-p", rules).out.decode() == expected
    again = run("tag", "a.md", "-p", rules, "--retag")
    assert again.out.decode() == expected


def test_latex_is_tagged_in_place(run, write, here, files, rules):
    main = of(LATEX).replace("175B", "$175$B").replace("\\end", "\\input{b/c}\\end")
    write({"in/a.tex": main, "in/b/c.tex": "\\emph{GPT-3 of} $x 2020$ now\r\n"})
    command = ("tag", "in", "--in-place-markup", "-p", rules)
    ran = run(*command, "-o", "out", "-q")
    assert ran.code == 0
    note = "in/a.tex:b/c.tex:1:17: '2020' (year) can not be tagged in place"
    assert ran.err == f"papertag: note: {note}\n"
    assert [name for name in files() if name[:3] == "out"] == [
        "out/a.tex",
        "out/b/c.tex",
    ]
    tagged = (here / "out/a.tex").read_text("utf8")
    assert "<params>$175$B</params>" in tagged
    assert re.sub("</?(model|params|year)>", "", tagged) == main
    other = (here / "out/b/c.tex").read_bytes()
    assert other == b"\\emph{<model>GPT-3</model> of} $x 2020$ now\r\n"
    write({"out/a.tex": "", "out/b/c.tex": "mine"})
    (here / "out/a.tex").unlink()
    ran = run(*command, "-o", "out", "-q")
    assert ran.error == "out/b/c.tex: exists already; --force overwrites it"
    assert run(*command).error.startswith("in/a.tex: has several files; name --output")


def test_a_pdf_has_no_place_for_tags(run, write, rules):
    write({"a.pdf": PDF})
    ran = run("tag", "a.pdf", "--in-place-markup", "-p", rules)
    assert ran.error.startswith("a.pdf: is pdf, which has no text to put tags in; ")


def test_bad_papers_are_one_line_each_and_the_rest_goes_on(run, write, here, rules):
    bad = {
        "locked.pdf": (DATA / "locked.pdf").read_bytes(),
        "half.pdf": PDF[: len(PDF) // 2],
        "jpeg.pdf": b"\xff\xd8\xff\xe0 JFIF",
        "bomb.xml": '<!DOCTYPE a [<!ENTITY b "x">]><article>&b;</article>',
        "loop.tex": "\\documentclass{article}\\def\\a{\\a}\\begin{document}\\a",
        "out.tex": "\\documentclass{article}\\begin{document}\\input{../x}",
        "bomb.gz": gzip.compress(b"x" * (2 << 20)),
        "up.zip": zipped({"../up.txt": TEXT, "ok.txt": TEXT}),
        "big.html": HTML + " " * (2 << 20),
    }
    write({f"in/{name}": content for name, content in bad.items()})
    write({"in/a.txt": TEXT, "in/a.pdf": PDF})
    limits = ("--max-unpacked", "1", "--max-megabytes", "1", "--max-pages", "9")
    ran = run("tag", "in", "-o", "out", "-p", rules, *limits)
    *errors, summary = ran.err.splitlines()
    assert summary == f"2 tagged, 0 left out, {len(bad) + 1} with errors"
    for name in bad:
        shown = "up.zip/../up.txt" if name == "up.zip" else name
        found = [e for e in errors if e.startswith(f"papertag: error: in/{shown}:")]
        assert len(found) == 1, name
    assert any("in/a.txt: its output would be that of in/a.pdf" in e for e in errors)
    assert ran.code == 1


@pytest.mark.parametrize("name", ["a.tex", "a.html", "a.md"])
def test_a_tagged_output_keeps_the_running_text(run, write, rules, name):
    content = {"a.tex": LATEX, "a.html": HTML, "a.md": "We train Kestrel."}[name]
    write({name: content.replace("Kestrel", "&lt;model> GPT-3 &amp;lt;p>")})
    inline = parse(run("tag", name, "-p", rules).out.decode()).text
    record = json.loads(run("tag", name, "-p", rules, "-f", "jsonl").out)
    assert inline == record["text"]


def test_archives_are_tagged_in_place_each_in_its_own_folder(run, write, here, files):
    for name in ("GPT-3", "GPT-4"):
        part = TEXT.replace("GPT-3", name)
        paper = {"main.tex": of(LATEX) + "\\input{part}", "part.tex": part}
        whole = paper["main.tex"].replace("\\end{document}\\input{part}", "")
        paper["main.tex"] = whole + "\\input{part}\\end{document}"
        write({f"in/{name}.tar.gz": tarred(paper)})
    ran = run("tag", "in", "--in-place-markup", "-o", "out")
    assert ran.code == 0
    written = [name for name in files() if name.startswith("out/")]
    wanted = [f"out/{n}/{f}.tex" for n in ("GPT-3", "GPT-4") for f in ("main", "part")]
    assert written == wanted
    for name in ("GPT-3", "GPT-4"):
        tagged = (here / f"out/{name}/part.tex").read_text("utf8")
        assert f"<model>{name}</model>" in tagged
    (here / "out/GPT-3/main.tex").unlink()  # as a stop before it would leave it
    ran = run("tag", "in", "--in-place-markup", "-o", "out", "--resume")
    assert "1 tagged, 1 left out" in ran.err


def test_a_part_of_the_paper_is_never_overwritten(run, write, here):
    whole = "\\documentclass{article}\\begin{document}\\input{part}\\end{document}"
    write({"in/main.tex": whole, "in/part.tex": TEXT, "out/x.txt": ""})
    (here / "out/part.tex").symlink_to(here / "in/part.tex")
    arguments = ("tag", "in/main.tex", "--in-place-markup", "-o", "out", "--force")
    ran = run(*arguments)
    assert ran.code == 1
    assert "out/part.tex: the output would overwrite the paper;" in ran.err
    assert (here / "in/part.tex").read_text("utf8") == TEXT


def test_damaged_archives_and_odd_names_are_one_line_each(run, write, here, rules):
    content = {}
    for way in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", way) as file:
            file.writestr("a.txt", TEXT * 20)
            file.writestr("b.txt", TEXT)
        damaged = bytearray(packed.getvalue())
        damaged[50:70] = bytes(20)
        content[f"in/{way}.zip"] = bytes(damaged)
    names = {"x.txt": TEXT, "y.txt": TEXT}
    content["in/nul.tar"] = _renamed(tarred(names), "a\0b.txt")
    content |= {"in/good.txt": TEXT, "in/verb.tex": of(LATEX).split("\\end{d")[0]}
    content["in/verb.tex"] += "\\verb"
    write(content)
    (here / "in/gone.tex").symlink_to(here / "nowhere.tex")
    ran = run("tag", "in", "-o", "out", "-p", rules)
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert (here / "out/good.txt").read_text("utf8") == TAGGED
    assert (here / "out/nul/y.txt").read_text("utf8") == TAGGED
    for name in ("verb.tex", "gone.tex", "nul.tar/a\\0b.txt", "14.zip", "12.zip"):
        assert f"papertag: error: in/{name}" in ran.err


def _renamed(packed, name):
    """Return a tar file whose first file has another name, by a pax header."""
    made = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(packed)) as old,
        tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for number, info in enumerate(old):
            content = old.extractfile(info)
            info.pax_headers = {} if number else {"path": name}
            new.addfile(info, content)
    return made.getvalue()
