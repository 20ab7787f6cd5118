"""MarkdownV2, by the rules of Telegram's own parser. (The first Markdown is a legacy that the sandbox leaves out.)"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.errors import ApiError, bad_request
from sandbox.people import Json

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# Longer marks first, for "__" is not two of "_".
MARKS = (("||", "spoiler"), ("__", "underline"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough"))


@dataclass(slots=True)
class _Open:
    mark: str
    kind: str
    start: int
    at: int
    extra: Json = field(default_factory=dict)


class MarkdownParser:
    """Reads one text; marks that are open lie on a stack."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            if self._starts_line():
                self._quote()
            if self.at < len(self.source):
                self._step()
        self._end_quote()
        if self.open:
            last = self.open[-1]
            raise self._error(f"Can't find end of {last.kind.title()} entity at byte offset {self._byte(last.at)}")
        return "".join(self.out), self.entities

    def _step(self) -> None:
        character = self.source[self.at]
        if character == "\\" and self.source[self.at + 1 : self.at + 2].isascii() and self.at + 1 < len(self.source):
            self._emit(self.source[self.at + 1], 2)
        elif character == "`":
            self._code()
        elif character == "[" or self.source.startswith("![", self.at):
            self._push("[", "text_link", 1 if character == "[" else 2)
        elif character == "]":
            self._link()
        elif not self._mark():
            if character in RESERVED:
                wrong = f"Character '{character}' is reserved and must be escaped with the preceding '\\'"
                raise self._error(wrong)
            self._emit(character, 1)

    def _emit(self, piece: str, width: int) -> None:
        self.out.append(piece)
        self.length += len(piece) + sum(character > "\uffff" for character in piece)
        self.at += width

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _error(self, reason: str) -> ApiError:
        return bad_request(f"can't parse entities: {reason}")

    def _push(self, mark: str, kind: str, width: int) -> None:
        self.open.append(_Open(mark, kind, self.length, self.at))
        self.at += width

    def _close(self, width: int, **extra: str) -> None:
        opened = self.open.pop()
        self.at += width
        if self.length > opened.start:
            length = self.length - opened.start
            self.entities.append({"type": opened.kind, "offset": opened.start, "length": length} | opened.extra | extra)

    def _mark(self) -> bool:
        for mark, kind in MARKS:
            if self.source.startswith(mark, self.at):
                if self.open and self.open[-1].mark == mark:
                    self._close(len(mark))
                else:
                    self._push(mark, kind, len(mark))
                return True
        return False

    def _code(self) -> None:
        fence = "```" if self.source.startswith("```", self.at) else "`"
        begin = self.at
        self._push(fence, "pre" if fence == "```" else "code", len(fence))
        if fence == "```":
            language = re.match(r"([A-Za-z0-9_+#-]*)\n", self.source[self.at :])
            if language:
                self.at += language.end()
                self.open[-1].extra = {"language": language[1]} if language[1] else {}
        while not self.source.startswith(fence, self.at):
            if self.at >= len(self.source):
                kind = "Pre" if fence == "```" else "Code"
                raise self._error(f"Can't find end of {kind} entity at byte offset {self._byte(begin)}")
            escaped = self.source[self.at] == "\\" and self.source[self.at + 1 : self.at + 2] in ("\\", "`")
            self._emit(self.source[self.at + escaped], 1 + escaped)
        self._close(len(fence))

    def _link(self) -> None:
        """The end of a link's words; its address follows in parentheses."""
        if not self.open or self.open[-1].mark != "[":
            raise self._error("Character ']' is reserved and must be escaped with the preceding '\\'")
        address = re.compile(r"\]\(((?:\\.|[^)\\])*)\)").match(self.source, self.at)
        if address is None:
            raise self._error(f"Can't find end of a URL at byte offset {self._byte(self.at)}")
        self._close(address.end() - self.at, url=re.sub(r"\\(.)", r"\1", address[1]))

    def _starts_line(self) -> bool:
        return not self.out or self.out[-1] == "\n"

    def _quote(self) -> None:
        """At the start of a line: a quotation begins, goes on, or ends."""
        quoting = any(opened.mark == ">" for opened in self.open)
        if self.source.startswith(">", self.at) or self.source.startswith("**>", self.at):
            width = 1 if self.source[self.at] == ">" else 3
            if quoting and width == 1:
                self.at += 1
            else:
                self._end_quote()
                self._push(">", "blockquote", width)
        elif quoting:
            self._end_quote()

    def _end_quote(self) -> None:
        if self.open and self.open[-1].mark == ">":
            self._close(0)
