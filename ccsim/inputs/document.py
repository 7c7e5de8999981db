"""The text of a scenario file as plain mappings, lists and text, with the line and column of each entry.

Read event by event rather than with a YAML constructor: nothing in the text can then name a Python type, turn `20:00` into a number or
`no` into False, and every alias is counted before it is copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ccsim.errors import ScenarioError
from ccsim.inputs.faults import Fault, Path, key_path, plain
from ccsim.units import shown

LARGEST_TEXT = 1_000_000  # characters
MOST_ENTRIES = 200_000  # entries once aliases are written out
DEEPEST = 20  # levels of mappings and lists within each other
_NULLS = ("", "~", "null", "Null", "NULL")
_REMEMBERED = 16  # texts whose nodes are kept: a page reads the same text for its form, its checks and its saving
_LARGEST_REMEMBERED = 50_000  # characters of each


class Plain(str):
    """Text that stood in the file without quotes, so that it may be meant as a number."""

    __slots__ = ()


@dataclass(eq=False)
class _Node:
    line: int
    column: int
    text: str | None = None
    items: list[_Node] | None = None
    pairs: list[tuple[_Node, _Node]] | None = None
    complete: bool = True


@dataclass
class Document:
    """What a scenario file says: `data` as written, and where each entry stands. `name` is how errors call the file."""

    name: str
    data: dict[str, Any]
    marks: dict[Path, tuple[int, int]] = field(repr=False)

    def error(self, fault: Fault) -> ScenarioError:
        """The fault as one sentence with file, line, column and key."""
        return ScenarioError(
            f"{self.name}{self._position(fault.path)}: {key_path(fault.path) + ': ' if fault.path else ''}{fault.sentence}"
        )

    def line(self, path: Path) -> int:
        """Line of the entry at `path`, or of the nearest entry around it; 0 where none is known."""
        folded = folded_path(path)
        while folded and folded not in self.marks:
            folded = folded[:-1]
        return self.marks.get(folded, (0, 0))[0]

    def _position(self, path: Path) -> str:
        folded = folded_path(path)
        while folded and folded not in self.marks:
            folded = folded[:-1]
        if folded not in self.marks:
            return ""
        line, column = self.marks[folded]
        return f", line {line}, column {column}"


def folded_path(path: Path) -> Path:
    """A path in which keys that may be spelt with hyphens or underscores are alike."""
    return tuple(plain(part) if isinstance(part, str) else part for part in path)


def read_document(text: str, name: str) -> Document:
    """The scenario that `text` writes down.

    Raises `ScenarioError` for text that is no YAML, is empty, or uses what scenario files do not: directives, tags, several documents,
    entries without a value, keys given twice, aliases that would write out to more than `MOST_ENTRIES` entries.
    """
    if len(text) > LARGEST_TEXT:
        raise ScenarioError(f"{name}: the file has {len(text):,} characters; a scenario file has at most {LARGEST_TEXT:,}")
    if not text.strip():
        raise ScenarioError(f"{name}: the file is empty; `open` and `calls` are the least that a scenario needs")
    root = _remembered(text, name) if len(text) <= _LARGEST_REMEMBERED else _Reader(name).compose(text)
    if root is None or root.text in _NULLS:
        raise ScenarioError(f"{name}: the file holds nothing but comments; `open` and `calls` are the least that a scenario needs")
    document = Document(name, {}, {})
    data = _Expansion(document, name).value(root, (), 0)
    if not isinstance(data, dict):
        raise ScenarioError(
            f"{name}, line {root.line}: a scenario file is made of keys and values, such as `open: 07:00-21:00`; found {shown(data)}"
        )
    document.data = data
    return document


def read_value(text: str, what: str) -> Any:
    """A single value as it would stand behind a key, such as `0.9`, `90 s` or `[1, 2]`."""
    if not text.strip():
        raise ScenarioError(f"{what}: a value is missing")
    node = _Reader(what).compose(text)
    if node is None:
        raise ScenarioError(f"{what}: a value is missing")
    return _Expansion(Document(what, {}, {}), what).value(node, (), 0)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(text: str, name: str) -> _Node | None:
    """The nodes of a text, which nobody changes once they are complete; what is no YAML is read, and refused, every time."""
    return _Reader(name).compose(text)


class _Reader:
    """From text to nodes; every fault names the line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.anchors: dict[str, _Node] = {}
        self.stack: list[tuple[_Node, _Node | None]] = []
        self.root: _Node | None = None

    def error(self, line: int, sentence: str) -> ScenarioError:
        return ScenarioError(f"{self.name}, line {line}: {sentence}")

    def compose(self, text: str) -> _Node | None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._take(event)
        except YAMLError as error:
            raise self._malformed(error) from None
        except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, RecursionError):
            # The parser trips over some malformed text with an error of its own making, which says nothing to a planner.
            raise ScenarioError(f"{self.name}: the text is not well-formed YAML") from None
        return self.root

    def _malformed(self, error: Exception) -> ScenarioError:
        problem = str(getattr(error, "problem", None) or "")
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        if "\\t" in problem:
            sentence = "a tab stands where only blanks may; indent with blanks"
        elif "special characters" in str(error):
            return ScenarioError(f"{self.name}: the file holds control characters and so is no scenario file; write it as plain UTF-8 text")
        elif "undefined alias" in problem:
            sentence = "an alias (*name) refers to an anchor (&name) that does not come before it"
        elif "mapping values are not allowed" in problem:
            sentence = "a colon stands where no key can; check the indentation, and put text that holds a colon in quotes"
        elif "simple key" in problem or "':'" in problem:
            sentence = "a key without its colon; write `key: value`"
        elif "<block end>" in problem or "<block mapping" in problem:
            sentence = "the indentation does not fit the lines above"
        elif "',' or" in problem or "flow" in problem:
            sentence = "a bracket or brace opened here or above is not closed, or a comma is missing in it"
        elif "quoted scalar" in problem or "end of stream" in problem:
            sentence = "a quotation mark is not closed"
        else:
            sentence = "the text is not well-formed YAML here"
        return self.error(line, sentence)

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if kind == "DocumentStartEvent":
            if event.version is not None or event.tags:
                raise self.error(1, "directives (lines that begin with %) are not used in scenario files; take the line out")
            if self.root is not None:
                raise self.error(line, "a second document begins here (---); a scenario file holds one")
        elif kind == "AliasEvent":
            node = self.anchors.get(event.anchor)
            if node is None:
                raise self.error(line, f"the alias *{event.anchor} refers to an anchor that does not come before it")
            if not node.complete:
                raise self.error(line, f"the alias *{event.anchor} stands inside the entry that it would repeat")
            self._place(node)
        elif kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent"):
            if event.tag is not None:
                raise self.error(line, f"the tag {shown(str(event.tag))} is not used in scenario files; take it out")
            if kind == "ScalarEvent":
                node = _Node(line, column, text=Plain(event.value) if event.style is None else str(event.value))
            else:
                node = _Node(line, column, items=[] if kind[0] == "S" else None, pairs=[] if kind[0] == "M" else None, complete=False)
            if event.anchor is not None:
                self.anchors[event.anchor] = node
            self._place(node)
            if kind != "ScalarEvent":
                self.stack.append((node, None))
                if len(self.stack) > DEEPEST:
                    raise self.error(line, f"entries are nested more than {DEEPEST} deep; no key of a scenario needs that")
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            self.stack.pop()[0].complete = True

    def _place(self, node: _Node) -> None:
        """Put a node where the text has it: in the list or mapping that is open, or at the top."""
        if not self.stack:
            self.root = node
            return
        parent, waiting_key = self.stack[-1]
        if parent.items is not None:
            parent.items.append(node)
        elif waiting_key is None:
            if node.text is None:
                raise self.error(node.line, "a key is text; found a list or a mapping where a key belongs")
            self.stack[-1] = (parent, node)
        else:
            assert parent.pairs is not None
            parent.pairs.append((waiting_key, node))
            self.stack[-1] = (parent, None)


class _Expansion:
    """From nodes to plain data: aliases written out, merges done, positions noted."""

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name
        self.entries = 0

    def value(self, node: _Node, path: Path, depth: int) -> Any:
        self.entries += 1
        if depth > DEEPEST:
            raise ScenarioError(
                f"{self.name}, line {node.line}: entries are nested more than {DEEPEST} deep; no key of a scenario needs that"
            )
        if self.entries > MOST_ENTRIES:
            raise ScenarioError(
                f"{self.name}, line {node.line}: "
                f"the file writes out to more than {MOST_ENTRIES:,} entries; are aliases repeated in aliases?"
            )
        self.document.marks.setdefault(folded_path(path), (node.line, node.column))
        if node.items is not None:
            return [self.value(item, (*path, place), depth + 1) for place, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node, path, depth)
        assert node.text is not None
        if isinstance(node.text, Plain) and node.text in _NULLS:
            raise self.document.error(Fault(path, "the key has no value; give it one or take the line out"))
        return node.text

    def _mapping(self, node: _Node, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: dict[str, Any] = {}
        for key, value in node.pairs or ():
            name = str(key.text)
            if isinstance(key.text, Plain) and name == "<<":
                merged = {**self._merged(value, path, depth), **merged}
                continue
            if not name.strip():
                raise ScenarioError(f"{self.name}, line {key.line}: a key is empty; give it a name")
            if name in data:
                raise ScenarioError(
                    f"{self.name}, line {key.line}, column {key.column}: "
                    f"{key_path((*path, name))} is given twice, first in line {lines[name]}; keep one"
                )
            self.document.marks[folded_path((*path, name))] = (key.line, key.column)
            data[name] = self.value(value, (*path, name), depth + 1)
            lines[name] = key.line
        return {**merged, **data}

    def _merged(self, node: _Node, path: Path, depth: int) -> dict[str, Any]:
        """What `<<: *anchor` brings into a mapping; of several, the first that has a key gives its value."""
        data: dict[str, Any] = {}
        for part in node.items if node.items is not None else [node]:
            if part.pairs is None:
                raise ScenarioError(f"{self.name}, line {node.line}: `<<` takes an alias of a mapping, such as `<<: *base`")
            data = {**self.value(part, path, depth + 1), **data}
        return data
