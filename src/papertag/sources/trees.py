"""Trees: HTML, JATS and TEI to running text, with an XPath for each stretch of it.

Needs lxml. Entities of a file's own are not expanded, and nothing is fetched.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree
from lxml.html import HTMLParser

from papertag.errors import InputError
from papertag.sources.runs import Builder, Origin, Runs
from papertag.sources.sections import find_references
from papertag.sources.source import Kind, Place, Range, Source

_DEPTH = 200  # of elements in elements
_NAME = re.compile(r"[A-Za-z_][\w.-]*")


class Rules(NamedTuple):
    """What the elements of a kind of tree are to a reader, by their names."""

    skipped: frozenset[str]
    blocks: frozenset[str]
    lines: frozenset[str]  # begin a line, in the paragraph at hand
    cells: frozenset[str]
    words: frozenset[str]  # may lack white space around them
    references: frozenset[str]


HTML = Rules(
    skipped=frozenset(
        "script style noscript template nav footer aside form button select svg canvas"
        " iframe object head annotation annotation-xml pre".split()
    ),
    blocks=frozenset(
        "p div section article main h1 h2 h3 h4 h5 h6 ul ol dl table figure figcaption"
        " caption blockquote address details summary hr header".split()
    ),
    lines=frozenset("br tr li dt dd".split()),
    cells=frozenset("td th".split()),
    words=frozenset(),
    references=frozenset(),
)
JATS = Rules(
    skipped=frozenset(
        "journal-meta article-id article-categories pub-date permissions history"
        " self-uri counts custom-meta-group code preformat tex-math annotation"
        " object-id volume issue fpage lpage elocation-id processing-meta".split()
    ),
    blocks=frozenset(
        "p sec title article-title subtitle abstract contrib-group contrib aff fig"
        " table-wrap table caption list disp-formula ack app fn ref-list body back"
        " front kwd-group funding-group disp-quote".split()
    ),
    lines=frozenset("tr list-item ref break".split()),
    cells=frozenset("td th".split()),
    words=frozenset("surname given-names institution country".split()),
    references=frozenset(["ref-list"]),
)
TEI = Rules(
    skipped=frozenset(
        "publicationStmt encodingDesc revisionDesc idno ptr graphic code editionStmt"
        " extent".split()
    ),
    blocks=frozenset(
        "p div head title abstract author affiliation figure figDesc table list note"
        " formula front body back listBibl keywords titleStmt sourceDesc".split()
    ),
    lines=frozenset("row item biblStruct bibl lb".split()),
    cells=frozenset(["cell"]),
    words=frozenset("forename surname orgName settlement country".split()),
    references=frozenset(["listBibl"]),
)
RULES = {Kind.HTML: HTML, Kind.JATS: JATS, Kind.TEI: TEI}


@dataclass(frozen=True)
class TreeMap:
    """The map of a tree: the XPath of the element that each run stands in."""

    xpaths: tuple[str, ...] = field(repr=False)
    runs: Runs = field(repr=False)

    def places(self, start: int, end: int) -> list[Place]:
        """Return the elements that ``text[start:end]`` stands in."""
        found = (run.origin.file for run in self.runs.within(start, end))
        return [Place(xpath=self.xpaths[index]) for index in dict.fromkeys(found)]


def read_tree(content: bytes | str, name: str, kind: Kind) -> Source:
    """Return the text of HTML, JATS or TEI: the article, without what is around it.

    Raises InputError on XML that is not well-formed or has entities of its own, and
    on a tree that is too deep.
    """
    root = _parse_html(content) if kind is Kind.HTML else _parse_xml(content)
    walker = _Walker(RULES[kind])
    walker.walk(*_article(root, kind))
    text = walker.builder.text
    if not text:
        raise InputError(f"has no text ({kind})", "is it the article?")
    references = walker.references or find_references(text)
    tree = TreeMap(tuple(walker.xpaths), Runs(walker.builder.runs))
    return Source(name, kind, text, tree, ((0, len(text)),), references)


def _parse_html(content: bytes | str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    encoding = "utf-8" if isinstance(content, str) else None
    parser = HTMLParser(no_network=True, encoding=encoding, remove_comments=True)
    root = etree.fromstring(data, parser) if data.strip() else None
    if root is None:
        raise InputError("has no text (html)", "is it the article?")
    return root


def _parse_xml(content: bytes | str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8" if isinstance(content, str) else None,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        problem = f"is no well-formed XML: {str(error.msg).split(', line')[0]}"
        raise InputError(problem, "mend it", f"{line}:{column}") from error
    dtd = root.getroottree().docinfo.internalDTD
    names = [entity.name for entity in dtd.iterentities()] if dtd is not None else []
    if names:
        problem = f"declares the entity {names[0]}, which papertag does not expand"
        raise InputError(problem, "write its text in its place")
    return root


def _article(root: Any, kind: Kind) -> tuple[Any, str]:
    """Return the element that holds the article, and its XPath."""
    path = "/" + _step(root)
    if kind is not Kind.HTML:
        return root, path
    for query in ("//article", "//main", "//*[@role='main']", "//body"):
        found = root.xpath(query)
        if len(found) == 1 and "".join(found[0].itertext()).strip():
            return found[0], root.getroottree().getpath(found[0])
    return root, path


def _name(element: Any) -> str:
    """Return an element's name without its name space."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class _Walker:
    """One walk over a tree."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.builder = Builder()
        self.xpaths: list[str] = []
        self.references: Range | None = None

    def walk(self, element: Any, path: str, depth: int = 0) -> None:
        """Add the text of an element and of all below it."""
        if depth > _DEPTH:
            raise InputError(f"nests more than {_DEPTH} elements", "is it a paper?")
        name = _name(element)
        if name in self.rules.skipped or _is_hidden(element):
            return
        space = self.space_around(name)
        self.builder.space(space)
        start = self.builder.size
        index = len(self.xpaths)
        self.xpaths.append(path)
        self.add(element.text, index)
        for child, below in _children(element, path):
            if child.tag is etree.Entity:
                self.add(_entity(child), index)
            else:
                self.walk(child, below, depth + 1)
            self.add(child.tail, index)
        self.builder.space(space)
        if name in self.rules.references and self.builder.size > start:
            self.references = (start and start + len(space), self.builder.size)

    def space_around(self, name: str) -> str:
        if name in self.rules.blocks:
            return "\n\n"
        if name in self.rules.lines:
            return "\n"
        if name in self.rules.cells:
            return "\t"
        return " " if name in self.rules.words else ""

    def add(self, text: str | None, index: int) -> None:
        if text:
            for found in re.finditer(r"\s+|\S+", text):
                origin = Origin(index, found.start(), len(found[0]))
                if found[0].isspace():
                    self.builder.space(" ", origin)
                else:
                    self.builder.add(found[0], origin)


def _is_hidden(element: Any) -> bool:
    style = element.get("style", "").replace(" ", "")
    if element.get("role") in ("navigation", "banner", "contentinfo", "search"):
        return True
    return element.get("hidden") is not None or "display:none" in style


def _children(element: Any, path: str) -> Iterator[tuple[Any, str]]:
    """Yield the children with their XPaths, as ``/html/body/p[2]``."""
    counts = Counter(child.tag for child in element if isinstance(child.tag, str))
    seen = Counter[str]()
    for child in element:
        if not isinstance(child.tag, str):
            yield child, path
            continue
        seen[child.tag] += 1
        number = f"[{seen[child.tag]}]" if counts[child.tag] > 1 else ""
        if not _NAME.fullmatch(_name(child)):  # of bad HTML: told by its position
            yield child, f"{path}/*[{seen.total()}]"
            continue
        yield child, f"{path}/{_step(child)}{number}"


def _step(element: Any) -> str:
    has_space = element.tag.startswith("{")
    return f"*[local-name()='{_name(element)}']" if has_space else str(element.tag)


def _entity(node: Any) -> str:
    """Return the character that an entity of HTML stands for."""
    character = html.unescape(node.text)
    if character == node.text:
        problem = f"holds the entity {node.text}, which is not HTML's"
        raise InputError(problem, "write its text in its place")
    return character
