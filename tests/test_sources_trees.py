"""HTML, JATS and TEI as sources: the article and its XPaths; hostile XML."""

import pytest
from lxml import etree, html

from papertag.errors import InputError
from papertag.sources.source import Kind
from papertag.sources.trees import read_tree

HTML = """<!DOCTYPE html><html><head><title>Site</title></head><body>
<nav>Menu <a>GPT-1</a></nav><main><h1>On <i>Kestrel</i></h1>
<p>We train Kes<b>trel</b>-7B\n with <math><mn>6.7</mn><mi>B</mi></math> parameters
&amp; more.<br>Next&nbsp;line</p><script>GPT-2</script><pre>GPT-3</pre>
<p hidden>GPT-4</p><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr>
</table><ul><li>one</li><li>two</li></ul><!-- GPT-5 --><h2>References</h2>
<p>[1] GPT-6</p></main><footer>Foot</footer></body></html>"""
JATS = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "JATS.dtd">
<article><front><journal-meta><journal-id>J</journal-id></journal-meta><article-meta>
<title-group><article-title>On Kestrel</article-title></title-group><contrib-group>
<contrib><name><surname>A</surname><given-names>B</given-names></name></contrib>
</contrib-group><aff>KTH, <country>Sweden</country></aff>
<abstract><p>We train <bold>Kestrel</bold>.</p></abstract></article-meta></front>
<body><sec><title>Intro</title><p>More.&nbsp;Yes.</p></sec></body>
<back><ref-list><title>References</title><ref><mixed-citation>GPT</mixed-citation>
</ref></ref-list></back></article>"""
TEI = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>
<title>On Kestrel</title></titleStmt></fileDesc><profileDesc><abstract>
<p>We train Kestrel.</p></abstract></profileDesc></teiHeader><text><body><div>
<head n="1">Intro</head><p>More <ref>[1]</ref>.</p></div></body><back>
<listBibl><biblStruct><title>GPT</title></biblStruct></listBibl></back></text></TEI>"""


def test_html_is_its_article():
    source = read_tree(HTML, "a", Kind.HTML)
    assert source.text == (
        "On Kestrel\n\nWe train Kestrel-7B with 6.7B parameters & more.\nNext line\n\n"
        "A\tB\n1\t2\n\none\ntwo\n\nReferences\n\n[1] GPT-6"
    )
    assert source.text[slice(*source.references)] == "References\n\n[1] GPT-6"
    start = source.text.index("Kestrel-7B")
    places = source.places(start, start + 10)
    found = [html.fromstring(HTML).xpath(place.xpath)[0].tag for place in places]
    assert found == ["p", "b"]


def test_bad_html_is_read_as_browsers_do():
    content = "<p>One <t! x>two</p><p>three</b></t!>"
    source = read_tree(content, "a", Kind.HTML)
    assert source.text == "One two\n\nthree"
    root = etree.HTML(content)
    for word in ("One", "two", "three"):
        start = source.text.index(word)
        (place,) = source.places(start, start + len(word))
        (found,) = root.xpath(place.xpath)
        assert word in "".join(found.itertext())


def test_jats_and_tei_are_read_with_their_front():
    source = read_tree(JATS.encode(), "a", Kind.JATS)
    assert source.text == (
        "On Kestrel\n\nA B\n\nKTH, Sweden\n\nWe train Kestrel.\n\nIntro\n\nMore. Yes."
        "\n\nReferences\n\nGPT"
    )
    assert source.text[slice(*source.references)] == "References\n\nGPT"
    source = read_tree(TEI, "a", Kind.TEI)
    assert source.text == (
        "On Kestrel\n\nWe train Kestrel.\n\nIntro\n\nMore [1].\n\nGPT"
    )
    assert source.text[slice(*source.references)] == "GPT"
    (place,) = source.places(*(source.text.index("Intro") + n for n in (0, 5)))
    assert etree.fromstring(TEI).xpath(place.xpath)[0].text == "Intro"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            '<!DOCTYPE a [<!ENTITY l "x"><!ENTITY m "&l;&l;">]><article>&m;</article>',
            "declares the entity",
        ),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><article>&x;</article>',
            "declares the entity x",
        ),
        ("<article><p>", "is no well-formed XML"),
        ("<a>" * 400 + "</a>" * 400, "is no well-formed XML"),
        ("<a>" * 230 + "x" + "</a>" * 230, "nests more than 200 elements"),
        ("<!DOCTYPE a SYSTEM 'a.dtd'><a>&gone;</a>", "holds the entity &gone;"),
    ],
)
def test_hostile_xml_is_an_error(content, problem):
    with pytest.raises(InputError) as caught:
        read_tree(content, "a", Kind.JATS)
    assert caught.value.problem.startswith(problem)
