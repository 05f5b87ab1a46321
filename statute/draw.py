"""The picture of a process: `draw(process) -> str`, an SVG of its stages and of the acts that move a case between them.

Stages run down the left and endings stand on the right. Every move leaves its stage at a height of its own, so labels never meet.
No style attributes, no scripts, nothing from outside; the same process gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from statute.definition import Process

BOX, TRACK, MARGIN = 236, 22, 24
LINE, TEXT = 19, 15  # the height of a line of text, and its size
LABELS = 300  # the width kept for the labels of moves
PAD = 14
DROP, FLAG = 46, 26  # the length of an arrow between stages, and the height of the flag of the present stage
HERE = "The case is here"
LEGEND = "A rounded shape with a double outline is an ending."
SHARED = " A dashed line is a way out that several stages share."
NARROW, WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMWQOGDHNUC@—")
STYLE = """
.wm-paper { fill: #ffffff }
.wm-box { fill: #f3f7fb; stroke: #1d3d5c; stroke-width: 2 }
.wm-ending { fill: #ffffff; stroke: #1d3d5c; stroke-width: 2 }
.wm-inner { fill: none; stroke: #1d3d5c; stroke-width: 1 }
.wm-here { fill: #fff7d6; stroke-width: 5 }
.wm-flag { fill: #1d3d5c }
.wm-text, .wm-name, .wm-note, .wm-flagtext { font-family: arial, "Liberation Sans", sans-serif; font-size: 15px; fill: #0b0c0c }
.wm-name { font-weight: bold }
.wm-note { font-size: 13px; fill: #4a4f54 }
.wm-flagtext { fill: #ffffff; font-weight: bold }
.wm-line { fill: none; stroke: #1d3d5c; stroke-width: 2 }
.wm-side { fill: none; stroke: #6b7680; stroke-width: 2; stroke-dasharray: 6 4 }
.wm-halo { fill: none; stroke: #ffffff; stroke-width: 8 }
.wm-tip { fill: #1d3d5c }
.wm-sidetip { fill: #6b7680 }
"""


@dataclass(slots=True)
class _Move:
    """One arrow: every act that leads from a stage to another one."""

    source: str
    target: str
    says: list[str]
    side: bool = False  # a way out that several stages share: drawn quieter
    y: int = 0  # the height at which it leaves its stage
    enters: int = 0  # for a turn, the height at which it comes in
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Box:
    """Where a stage is drawn."""

    name: str
    lines: list[str]
    ends: bool
    x: int = 0
    y: int = 0
    height: int = 0

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


def draw(process: Process, here: str | None = None, *, standalone: bool = True) -> str:
    """The picture as SVG. `here` marks the stage of a case; without `standalone` the page brings the styles (classes `wm-...`).

    Raises:
        KeyError: `here` is no stage of the process.
    """
    if here is not None and here not in process.stages:
        raise KeyError(here)
    return _Picture(process, here).svg(standalone)


def width_of(text: str, *, bold: bool = False) -> int:
    """About how wide a text is when drawn, rather too wide than too narrow."""
    units = sum(0.34 if sign in NARROW else 0.86 if sign in WIDE else 0.7 if sign.isupper() else 0.575 for sign in text)
    return round(units * TEXT * (1.08 if bold else 1)) + 1


def wrapped(text: str, width: int, *, bold: bool = False) -> list[str]:
    """A text in lines no wider than asked for, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", bold=bold) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


class _Picture:
    """The layout: rows of stages with room for their moves, then tracks for the moves that turn, then the endings."""

    def __init__(self, process: Process, here: str | None) -> None:
        self.process, self.here = process, here
        says: dict[tuple[str, str], list[str]] = {}
        for stage in process.stages:
            for act in process.acts.values():
                if stage in act.moves:
                    says.setdefault((stage, act.moves[stage]), []).append(act.say)
        self.moves = [_Move(source, target, list(dict.fromkeys(texts))) for (source, target), texts in says.items()]
        self.working = [name for name, stage in process.stages.items() if not stage.ends]  # in the order of their author
        self.row = {name: n for n, name in enumerate(self.working)}
        self.boxes: dict[str, _Box] = {}
        for name, rule in process.stages.items():
            room = BOX - 2 * PAD - (22 if rule.ends else 0)
            self.boxes[name] = _Box(name, wrapped(rule.say, room, bold=True), rule.ends)
        self._place()

    def _place(self) -> None:
        sources: dict[str, set[str]] = {}
        for move in self.moves:
            sources.setdefault(move.target, set()).add(move.source)
        for move in self.moves:
            move.side = move.target in self.process.endings and len(sources[move.target]) > 1
        self.down = [m for m in self.moves if self.row.get(m.target, -1) == self.row[m.source] + 1]
        self.out = [m for m in self.moves if m.target not in self.row]
        self.turns = [m for m in self.moves if m not in self.down and m not in self.out]
        for move in self.moves:
            move.lines = _either(move.says, BOX + LABELS // 2 if move in self.down else LABELS - 24)
        self.left = MARGIN + (LABELS + TRACK * len(self.turns) if self.turns else 0)
        self.starts = _either([self.process.acts[name].say for name in self.process.opens_with], BOX + LABELS)
        for name, box in self.boxes.items():  # at least; a row may need more
            box.height = LINE * len(box.lines) + 2 * PAD + (LINE if box.ends else 0) + (FLAG if name == self.here else 0)
        y = MARGIN + LINE * len(self.starts) + DROP
        for name in self.working:
            y = self._row(name, y)
        self._endings(y)

    def _row(self, name: str, y: int) -> int:
        """Place one stage and the moves that leave it sideways; gives where the next row begins."""
        box, order = self.boxes[name], list(self.process.stages)
        box.x, box.y = self.left, y
        right = left = y
        for move in sorted((m for m in self.out if m.source == name), key=lambda m: (m.side, order.index(m.target))):
            needs = 0 if move.side else self.boxes[move.target].height // 2  # an ending of its own stands level with its move
            move.y = right + max(LINE * len(move.lines) + 8, needs)
            right = move.y + max(14, needs + 16)
        for move in (m for m in self.turns if name in (m.source, m.target)):
            if move.source == name:
                move.y = left + LINE * len(move.lines) + 8
                left = move.y + 14
            else:
                move.enters = left + TRACK
                left = move.enters + 8
        box.height = max(box.height, right - y, left - y)
        below = sum(len(m.lines) for m in self.down if m.source == name)
        return y + box.height + (LINE * below + DROP if below else DROP // 2)

    def _endings(self, bottom: int) -> None:
        """Endings of one stage stand level with their move; those that several stages share stand below, each with a track to it."""
        shared = sorted({m.target for m in self.out if m.side}, key=list(self.process.stages).index)
        first_track = self.left + BOX + LABELS + 8
        self.tracks = {name: first_track + TRACK * n for n, name in enumerate(reversed(shared))}
        right, free = first_track + TRACK * len(shared) + 24, MARGIN
        for move in (m for m in self.out if not m.side):
            box = self.boxes[move.target]
            box.x, box.y = right, move.y - box.height // 2
            free = max(free, box.y + box.height + 16)
        free = max([free, *(m.y + 16 for m in self.out if m.side)])
        for name in shared:
            box = self.boxes[name]
            box.x, box.y = right, free
            free += box.height + 16
        self.width = right + BOX + MARGIN
        self.notes = wrapped(LEGEND + (SHARED if shared else ""), self.width - 2 * MARGIN)
        self.foot = max(free, bottom) + LINE
        self.height = self.foot + LINE * (len(self.notes) - 1) + MARGIN

    # Drawing: tracks first, so that what crosses them stays whole

    def svg(self, standalone: bool) -> str:
        """The picture as text."""
        process, name = self.process, f"{self.process.name}-v{self.process.version}"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="wm-picture" role="img" aria-labelledby="{name}-title {name}-desc"'
            f' viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}">'
        )
        parts = [head, f'<title id="{name}-title">{escape(process.title)}</title>', f'<desc id="{name}-desc">{escape(self._told())}</desc>']
        if standalone:
            parts.append(f"<style>{STYLE}</style>")
        parts.append(f'<rect class="wm-paper" width="{self.width}" height="{self.height}"/>')
        parts += [line for target, x in self.tracks.items() for line in self._track(target, x)]
        parts += [line for move in self.out for line in self._sideways(move)]
        parts += [line for n, move in enumerate(self.turns) for line in self._turned(move, MARGIN + TRACK * n)]
        parts += [line for move in self.down for line in self._downward(move)]
        first = self.boxes[process.first_stage]
        x, top = first.x + 30, first.y - DROP
        parts += [f'<circle class="wm-tip" cx="{x}" cy="{top}" r="7"/>', _line([(x, top), (x, first.y - 10)]), _tip(x, first.y, "down")]
        parts += _texts(self.starts, x + 16, top - LINE * (len(self.starts) - 1) + 5)
        parts += [line for box in self.boxes.values() for line in self._boxed(box)]
        parts += _texts(self.notes, MARGIN, self.foot, "wm-note")
        return "\n".join([*parts, "</svg>", ""])

    def _told(self) -> str:
        """The same in words, for those who hear the picture."""
        stages, said = self.process.stages, []
        for name in self.working:
            ways = [f"{' or '.join(m.says)}: leads to “{stages[m.target].say}”" for m in self.moves if m.source == name]
            said.append(f"Stage: {stages[name].say}. {'; '.join(ways)}.")
        ends = "; ".join(stage.say for stage in stages.values() if stage.ends)
        here = f" The case is here: {stages[self.here].say}." if self.here else ""
        return f"{' '.join(said)} Endings: {ends}.{here}"

    def _track(self, target: str, x: int) -> list[str]:
        joins, box = [m.y for m in self.out if m.target == target], self.boxes[target]
        dots = [f'<circle class="wm-sidetip" cx="{x}" cy="{y}" r="4"/>' for y in sorted(joins)[1:]]
        line = _line([(x, min(joins)), (x, box.middle), (box.x - 10, box.middle)], "wm-side")
        return [line, *dots, _tip(box.x, box.middle, "right", "wm-sidetip")]

    def _sideways(self, move: _Move) -> list[str]:
        start, target = self.left + BOX, self.boxes[move.target]
        texts = _texts(move.lines, start + 12, move.y - 7 - LINE * (len(move.lines) - 1))
        if move.side:
            end = self.tracks[move.target]
            return [_line([(start, move.y), (end - 7, move.y)], "wm-halo"), _line([(start, move.y), (end, move.y)], "wm-side"), *texts]
        points = [(start, move.y), (target.x - 10, move.y)]
        return [_line(points, "wm-halo"), _line(points), _tip(target.x, move.y, "right"), *texts]

    def _turned(self, move: _Move, x: int) -> list[str]:
        """A move to an earlier stage, or past one: round by the left."""
        points = [(self.left, move.y), (x, move.y), (x, move.enters), (self.left - 10, move.enters)]
        start = self.left - LABELS + 12
        return [_line(points), _tip(self.left, move.enters, "right"), *_texts(move.lines, start, move.y - 7 - LINE * (len(move.lines) - 1))]

    def _downward(self, move: _Move) -> list[str]:
        source, target = self.boxes[move.source], self.boxes[move.target]
        x, top = source.x + 30, source.y + source.height
        return [_line([(x, top), (x, target.y - 10)]), _tip(x, target.y, "down"), *_texts(move.lines, x + 16, top + DROP // 2 + 12)]

    def _boxed(self, box: _Box) -> list[str]:
        here = box.name == self.here
        kind = f"{'wm-ending' if box.ends else 'wm-box'}{' wm-here' if here else ''}"
        round_by = 28 if box.ends else 3
        parts = [f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{BOX}" height="{box.height}" rx="{round_by}"/>']
        if box.ends:
            inner = f'x="{box.x + 5}" y="{box.y + 5}" width="{BOX - 10}" height="{box.height - 10}" rx="{round_by - 5}"'
            parts.append(f'<rect class="wm-inner" {inner}/>')
        y = box.y + PAD + LINE - 4
        if here:
            parts += [f'<rect class="wm-flag" x="{box.x + PAD}" y="{y - 16}" width="{width_of(HERE, bold=True) + 16}" height="22"/>']
            parts += _texts([HERE], box.x + PAD + 6, y, "wm-flagtext")
            y += FLAG
        x = box.x + PAD + (8 if box.ends else 0)
        parts += _texts(box.lines, x, y, "wm-name")
        return [*parts, *_texts(["The case ends here"], x, y + LINE * len(box.lines), "wm-note")] if box.ends else parts


def _either(says: list[str], width: int) -> list[str]:
    return [line for n, say in enumerate(says) for line in wrapped(f"or: {say}" if n else say, width)]


def _texts(lines: Iterable[str], x: int, y: int, kind: str = "wm-text") -> list[str]:
    return [f'<text class="{kind}" x="{x}" y="{y + LINE * n}">{escape(line)}</text>' for n, line in enumerate(lines)]


def _line(points: list[tuple[int, int]], kind: str = "wm-line") -> str:
    return f'<polyline class="{kind}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def _tip(x: int, y: int, way: str, kind: str = "wm-tip") -> str:
    """An arrowhead whose point is at x, y."""
    corners = [(x, y), (x - 11, y - 6), (x - 11, y + 6)] if way == "right" else [(x, y), (x - 6, y - 11), (x + 6, y - 11)]
    return f'<polygon class="{kind}" points="{" ".join(f"{a},{b}" for a, b in corners)}"/>'
