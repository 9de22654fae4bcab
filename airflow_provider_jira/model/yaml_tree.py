"""YAML as an administrator means it: plain data, the line of every key, and the traps of YAML 1.1 refused.

The tree is built from the parser's events. Unlike PyYAML's own composer, that cannot run out of stack on deeply nested
text, knows the line of every key, and sees a key that is given twice. Keys are always text; words with a double meaning
are issues (see :mod:`~airflow_provider_jira.model.yaml_scalar`).

Reading never raises for what a file holds: what cannot be read is an :class:`Issue`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from airflow_provider_jira.model import yaml_scalar
from airflow_provider_jira.model.problems import KeyPath, shown

# PyYAML built without libyaml reads the same, slower.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 30
MAX_NODES = 200_000

_PREFIX = "tag:yaml.org,2002:"
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Issue:
    """Something that cannot be meant, with its place.

    :param path: keys and positions as far as they are known
    :param line: line, counted from 1
    :param found: what was found
    :param mend: what would be right
    """

    path: KeyPath
    line: int
    found: str
    mend: str


@dataclass(slots=True)
class Mark:
    """Lines of one node and of what it holds.

    :param line: where the node begins, counted from 1
    :param keys: for a mapping: key -> (line of the key, mark of the value)
    :param items: for a list: marks of the items
    """

    line: int
    keys: dict[str, tuple[int, Mark]] | None = None
    items: list[Mark] | None = None


@dataclass
class Document:
    """A file's content.

    :param data: ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``; ``None`` where nothing was read
    :param mark: the lines; ``None`` where nothing was read
    :param issues: what cannot be meant, in the order of the file
    :param line_count: lines of the file, at least 1
    """

    data: Any = None
    mark: Mark | None = None
    issues: list[Issue] = field(default_factory=list)
    line_count: int = 1

    def locate(self, path: KeyPath) -> tuple[int, KeyPath]:
        """Find the line of a path, or of the nearest thing above it that the file holds.

        :param path: keys and list positions
        :returns: the line, and the part of the path that exists
        """
        mark = self.mark
        if mark is None:
            return 1, ()
        line, depth = mark.line, 0
        for step in path:
            if mark.keys is not None and step in mark.keys:
                line, mark = mark.keys[step]
            elif mark.items is not None and isinstance(step, int) and step < len(mark.items):
                mark = mark.items[step]
                line = mark.line
            else:
                break
            depth += 1
        return min(line, self.line_count), path[:depth]


def read(content: bytes) -> Document:
    """Read a YAML file.

    :param content: the file's bytes, UTF-8
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        issue = Issue((), line, "the file is not UTF-8 text", "save it with the encoding UTF-8")
        return Document(issues=[issue], line_count=content.count(b"\n") + 1)
    document = Document(line_count=len(_LINE_BREAK.findall(text)) + 1)
    builder = _Builder(document)
    try:
        builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        document.issues.append(_syntax(error, text, document.line_count))
        document.data = document.mark = None
    except yaml.reader.ReaderError as error:
        at = _NOT_ALLOWED.search(text)
        line = len(_LINE_BREAK.findall(text, 0, at.start())) + 1 if at else 1
        code = ord(at.group()) if at else error.character
        found = f"the file holds a character that YAML does not allow (code {code})"
        document.issues.append(Issue((), line, found, "remove it"))
        document.data = document.mark = None
    except _Hopeless:
        document.data = document.mark = None
    return document


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Hopeless(Exception):
    """Reading on makes no sense; the issue is noted."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being read.

    :param key: in a mapping, the key whose value comes next; ``None`` while a key comes next
    :param use: what becomes of that value: it belongs to the key, is merged, or is dropped because there is no real key
    """

    data: Any
    mark: Mark
    anchor: str | None
    nodes: int = 1
    key: str | None = None
    key_line: int = 0
    use: Literal["keep", "merge", "drop"] = "keep"
    merged: list[tuple[dict[str, Any], Mark]] = field(default_factory=list)


class _Builder:
    """Builds data and marks from parser events."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Mark, int]] = {}
        self.root_seen = False

    def path(self) -> KeyPath:
        """Path of what is being read."""
        steps: list[str | int] = []
        for frame in self.stack:
            if isinstance(frame.data, list):
                steps.append(len(frame.data))
            elif frame.key is not None:
                steps.append(frame.key)
        return tuple(steps)

    def issue(self, line: int, found: str, mend: str, *further: str) -> None:
        self.document.issues.append(Issue((*self.path(), *further), min(line, self.document.line_count), found, mend))

    def build(self, events: Iterable[Any]) -> None:
        event: Any
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self.start(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.end()
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                if self.root_seen:
                    line = _line(event)
                    self.issue(line, "a second document begins here (---)", "write one connector per file")
                    return
                self.root_seen = True

    def start(self, event: Any) -> None:
        line = _line(event)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        if event.tag not in (None, "!", f"{_PREFIX}{'seq' if is_list else 'map'}"):
            self.tagged(line, event.tag)
        if len(self.stack) >= MAX_DEPTH:
            self.issue(line, "the file is nested deeper than any definition", "remove brackets or indentation here")
            raise _Hopeless
        mark = Mark(line, items=[]) if is_list else Mark(line, keys={})
        self.stack.append(_Frame([] if is_list else {}, mark, event.anchor))

    def end(self) -> None:
        frame = self.stack.pop()
        for data, mark in frame.merged:
            assert mark.keys is not None and frame.mark.keys is not None  # noqa: S101, PT018 - only mappings are merged
            for key, value in data.items():
                if key not in frame.data:
                    frame.data[key] = value
                    frame.mark.keys[key] = mark.keys[key]
        self.put(frame.data, frame.mark, frame.nodes, frame.anchor)

    def alias(self, event: Any) -> None:
        line = _line(event)
        if event.anchor not in self.anchors:
            found = f"alias *{event.anchor} names an anchor that is not complete before it"
            self.issue(line, found, f"put &{event.anchor} on something that ends above this line")
            self.put(None, Mark(line), 1, None)
            return
        data, mark, nodes = self.anchors[event.anchor]
        self.put(data, mark, nodes, None, line)

    def scalar(self, event: Any) -> None:
        line = _line(event)
        text: str = event.value
        wants_key = bool(self.stack) and self.stack[-1].mark.keys is not None and self.stack[-1].key is None
        plain = event.implicit[0] and event.tag is None
        if event.tag not in (None, "!", f"{_PREFIX}str"):
            self.tagged(line, event.tag)
        if wants_key:
            self.begin(text, line, plain=plain, anchor=event.anchor)
            return
        value, trap = yaml_scalar.value(text) if plain else (text, None)
        if trap is not None:
            self.issue(line, *trap)
        self.put(value, Mark(line), 1, event.anchor)

    def tagged(self, line: int, tag: str) -> None:
        self.issue(line, f"the tag {shown(tag.replace(_PREFIX, '!!'))} has no meaning here", "remove it")

    def begin(self, key: str, line: int, *, plain: bool, anchor: str | None = None) -> None:
        """Take a scalar as a mapping's next key."""
        frame = self.stack[-1]
        if anchor is not None:
            self.anchors[anchor] = (key, Mark(line), 1)
        above = self.stack[-2].key if len(self.stack) > 1 else None
        if plain and (trap := yaml_scalar.key_trap(key, above)) is not None:
            self.issue(line, *trap, key)
        frame.key, frame.key_line, frame.use = key, line, "merge" if plain and key == "<<" else "keep"
        keys = frame.mark.keys
        if keys is not None and key in keys and frame.use == "keep":
            found = f"{shown(key)} is given twice, in lines {keys[key][0]} and {line}"
            self.issue(line, found, "remove or rename one of the two")

    def put(self, data: Any, mark: Mark, nodes: int, anchor: str | None, line: int | None = None) -> None:
        """Put a finished node where it belongs.

        :param nodes: how many nodes it stands for, aliases written out
        :param line: where it is used, if that is not where it is defined
        """
        if anchor is not None:
            self.anchors[anchor] = (data, mark, nodes)
        if not self.stack:
            self.document.data, self.document.mark = data, mark
            return
        frame = self.stack[-1]
        frame.nodes += nodes
        if frame.nodes > MAX_NODES:
            self.issue(line or mark.line, "the file stands for far more than any definition", "use fewer aliases")
            raise _Hopeless
        if frame.mark.items is not None:
            frame.data.append(data)
            frame.mark.items.append(mark)
        elif frame.key is None:
            self.key_without_text(data, line or mark.line)
        else:
            key, frame.key = frame.key, None
            if frame.use == "merge":
                self.merge(frame, data, mark, line or mark.line)
            elif frame.use == "keep":
                frame.data[key] = data
                frame.mark.keys[key] = (frame.key_line, mark)  # type: ignore[index]

    def key_without_text(self, data: Any, line: int) -> None:
        """Handle a mapping, a list or an alias in the place of a key."""
        if isinstance(data, str):
            self.begin(data, line, plain=False)
            return
        self.issue(line, f"{shown(data)} stands where a key should be", "put text that begins with { or [ in quotes")
        frame = self.stack[-1]
        frame.key, frame.key_line, frame.use = "?", line, "drop"

    def merge(self, frame: _Frame, data: Any, mark: Mark, line: int) -> None:
        """Take up ``<<``: keys to add unless the mapping gives them itself."""
        parts = list(zip(data, mark.items or [], strict=True)) if isinstance(data, list) else [(data, mark)]
        for part, part_mark in parts:
            if isinstance(part, dict):
                frame.merged.append((part, part_mark))
            else:
                self.issue(line, f"{shown(part)} cannot be merged", "let << name a mapping, as in <<: *common")


_HINTS = (
    ("mapping values are not allowed", 'put text that holds ": " in quotes, and check the indentation above'),
    ("could not find expected ':'", "write key: value, with the same indentation as the lines above"),
    ("did not find expected key", "check the indentation, and that every quote and bracket above is closed"),
    ("did not find expected '-' indicator", "check the indentation: items of one list begin in the same column"),
    ("found unexpected end of stream", "close the quote or bracket that was opened above"),
    ("did not find expected ',' or", "close the bracket, or put a comma between its parts"),
    ("did not find expected node content", "remove the comma or bracket that has nothing beside it"),
    ("undefined alias", "name an anchor (&) from further up"),
)


def _syntax(error: yaml.MarkedYAMLError, text: str, line_count: int) -> Issue:
    """Word a syntax error."""
    mark = error.problem_mark or error.context_mark
    line = min(mark.line + 1, line_count) if mark is not None else 1
    problem = str(error.problem or error.context or "the text cannot be read")
    mend = next((hint for start, hint in _HINTS if start in problem), "correct the YAML syntax here")
    if "cannot start any token" in problem and mark:
        lines = _LINE_BREAK.split(text)
        rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
        mend = "indent with spaces, not tabs" if rest[:1] == "\t" else f"put text that begins with {rest[:1]} in quotes"
    return Issue((), line, f"this is not YAML: {problem}", mend)
