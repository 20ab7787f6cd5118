"""Words and buttons as JSON values, for what waits, sealed, until it may be said: it is put into its reader's language
only then."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.messages import Body, Button, Copy, DeepLink, Keyboard, Lines, Link, Moment, Text, Value, Words
from domain.times import from_us, to_us


def kept(value: Value) -> Any:
    """A value as JSON: what is tagged is a mapping of one of these shapes, all else is what it is."""
    match value:
        case Text(msgid, params, plural, n):
            return {
                "text": msgid,
                "params": {name: kept(one) for name, one in params.items()},
                "plural": plural,
                "n": n,
            }
        case Words(words):
            return {"words": words}
        case Lines(parts, gap):
            return {"lines": [kept(part) for part in parts], "gap": gap}
        case Moment(at, zone, show):
            return {"moment": to_us(at), "zone": zone, "show": show}
        case DeepLink(payload, group):
            return {"link": payload, "group": group}
        case _:
            return value


def unkept(stored: Any) -> Any:
    """The value of kept()."""
    match stored:
        case {"text": msgid, "params": params, "plural": plural, "n": n}:
            return Text(msgid, {name: unkept(one) for name, one in params.items()}, plural, n)
        case {"words": words}:
            return Words(words)
        case {"lines": parts, "gap": gap}:
            return Lines(tuple(unkept(part) for part in parts), gap)
        case {"moment": at, "zone": zone, "show": show}:
            return Moment(from_us(at), zone, show)
        case {"link": payload, "group": group}:
            return DeepLink(payload, group)
        case _:
            return stored


def kept_buttons(buttons: Keyboard) -> list[list[dict[str, Any]]]:
    return [[_kept_button(one) for one in row] for row in buttons]


def _kept_button(one: Button | Link | Copy) -> dict[str, Any]:
    match one:
        case Button(label, press):
            return {"label": kept(label), "press": press}
        case Link(label, to):
            return {"label": kept(label), "to": kept(to)}
        case Copy(label, words):
            return {"label": kept(label), "copy": words}


def unkept_buttons(stored: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[Button | Link | Copy]]:
    return [[_unkept_button(one) for one in row] for row in stored]


def _unkept_button(stored: Mapping[str, Any]) -> Button | Link | Copy:
    label: Body = unkept(stored["label"])
    match stored:
        case {"press": press}:
            return Button(label, press)
        case {"to": to}:
            return Link(label, unkept(to))
        case _:
            return Copy(label, stored["copy"])
