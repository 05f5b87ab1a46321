"""The picture of a process: everything that the definition says is in it, nothing covers anything else, and it stands alone."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from statute.definition import Process
from statute.draw import LINE, draw, width_of, wrapped
from workflows import library

SVG = "{http://www.w3.org/2000/svg}"
Rectangle = tuple[int, int, int, int]  # left, top, right, bottom
LOOPED = (  # a stage that leads back, one that leads past the next, and long labels
    (
        "meeting_held: {say: Meet the family about the draft,",
        "meeting_held: {moves_to: assessing, say: Meet the family about the draft and ask more people about its needs,",
    ),
    (
        'notify_partners: {say: "Tell health, social care and the school or nursery",',
        "notify_partners: {moves_to: with_family, say: Tell health and social care,",
    ),
)


def looped() -> Process:
    text = library.files()["ehc_plan", 1].read_text("utf-8")
    for old, new in LOOPED:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return library.parse_text(text)


PROCESSES = {**{f"{name} v{version}": library.get(name, version) for name, version in sorted(library.files())}, "looped": looped()}


@pytest.fixture(params=PROCESSES)
def process(request: pytest.FixtureRequest) -> Process:
    return PROCESSES[request.param]


def boxes(root: ElementTree.Element) -> list[Rectangle]:
    found = []
    for box in root.iter(f"{SVG}rect"):
        if re.search(r"wm-(box|ending)", box.get("class", "")):
            x, y, width, height = (int(box.get(key, "0")) for key in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


def texts(root: ElementTree.Element) -> list[tuple[str, Rectangle]]:
    found = []
    for text in root.iter(f"{SVG}text"):
        x, y, said = int(text.get("x", "0")), int(text.get("y", "0")), text.text or ""
        found.append((said, (x, y - LINE + 5, x + width_of(said, bold="wm-name" in text.get("class", "")), y + 3)))
    return found


def segments(root: ElementTree.Element) -> list[Rectangle]:
    found = []
    for line in root.iter(f"{SVG}polyline"):
        points = [tuple(map(int, point.split(","))) for point in line.get("points", "").split()]
        found += [(min(a, c), min(b, d), max(a, c), max(b, d)) for (a, b), (c, d) in pairwise(points)]
    return found


def meet(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def inside(a: Rectangle, b: Rectangle) -> bool:
    return b[0] <= a[0] and b[1] <= a[1] and a[2] <= b[2] and a[3] <= b[3]


def test_every_stage_and_every_move_is_told(process: Process) -> None:
    said = " ".join(text for text, _ in texts(ElementTree.fromstring(draw(process))))  # noqa: S314 - our own
    for stage in process.stages.values():
        assert stage.say in said
    for act in process.acts.values():
        for source in act.moves:
            assert act.say in said, (source, act.name)
    for name in process.opens_with:
        assert process.acts[name].say in said


@pytest.mark.thorough
def test_no_box_and_no_text_covers_another(process: Process) -> None:
    for here in (None, *process.stages):
        root = ElementTree.fromstring(draw(process, here))  # noqa: S314
        for one, other in combinations(boxes(root), 2):
            assert not meet(one, other)
        for (said, one), (also, other) in combinations(texts(root), 2):
            assert not meet(one, other), f"{said!r} covers {also!r}"
        for said, place in texts(root):
            touched = [box for box in boxes(root) if meet(place, box)]
            assert all(inside(place, box) for box in touched), f"{said!r} leaves its box"
            assert len(touched) <= 1


@pytest.mark.thorough
def test_no_line_runs_through_a_text_or_a_box(process: Process) -> None:
    root = ElementTree.fromstring(draw(process))  # noqa: S314
    for line in segments(root):
        for said, place in texts(root):
            assert not meet(line, place), f"a line runs through {said!r}"
        for box in boxes(root):
            inner = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
            assert not meet(line, inner)


def test_everything_is_within_the_paper(process: Process) -> None:
    root = ElementTree.fromstring(draw(process))  # noqa: S314
    paper = (0, 0, int(root.get("width", "0")), int(root.get("height", "0")))
    for place in (*boxes(root), *segments(root), *(place for _, place in texts(root))):
        assert inside(place, paper)


def test_the_picture_of_the_twenty_weeks_fits_a_page() -> None:
    assert int(ElementTree.fromstring(draw(library.get("ehc_plan", 1))).get("width", "0")) <= 960  # noqa: S314


def test_an_ending_has_a_shape_of_its_own(process: Process) -> None:
    root = ElementTree.fromstring(draw(process))  # noqa: S314
    shapes = {kind: [r for r in root.iter(f"{SVG}rect") if r.get("class", "") == kind] for kind in ("wm-box", "wm-ending", "wm-inner")}
    assert len(shapes["wm-ending"]) == len(shapes["wm-inner"]) == len(process.endings)
    assert len(shapes["wm-box"]) == len(process.stages) - len(process.endings)
    assert {r.get("rx") for r in shapes["wm-box"]}.isdisjoint({r.get("rx") for r in shapes["wm-ending"]})
    assert [text for text, _ in texts(root)].count("The case ends here") == len(process.endings)


def test_the_picture_can_be_heard(process: Process) -> None:
    root = ElementTree.fromstring(draw(process, process.first_stage))  # noqa: S314
    assert root.get("role") == "img"
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text == process.title
    for stage in process.stages.values():
        assert stage.say in (told.text or "")
    assert f"The case is here: {process.stages[process.first_stage].say}" in (told.text or "")


@pytest.mark.thorough
def test_the_present_stage_is_marked_in_words_and_only_where_asked(process: Process) -> None:
    assert "The case is here" not in draw(process)
    for name in process.stages:
        root = ElementTree.fromstring(draw(process, name))  # noqa: S314
        assert [text for text, _ in texts(root)].count("The case is here") == 1
    with pytest.raises(KeyError):
        draw(process, "nowhere")


@pytest.mark.thorough
def test_nothing_is_brought_from_outside_and_nothing_runs(process: Process) -> None:
    for standalone in (True, False):
        picture = draw(process, standalone=standalone)
        assert not re.search(r"\sstyle=|<script|\son\w+=|href|url\(|<image|<foreignObject|@import", picture)
        assert ("<style>" in picture) is standalone
        assert set(re.findall(r"https?://[^\"\s]+", picture)) == {"http://www.w3.org/2000/svg"}


def test_every_class_has_a_style(process: Process) -> None:
    picture = draw(process, process.first_stage)
    used = {name for value in re.findall(r'class="([^"]+)"', picture) for name in value.split()} - {"wm-picture"}
    assert used <= set(re.findall(r"\.(wm-\w+)", picture))


@pytest.mark.thorough
@pytest.mark.parametrize("seed", ["1", "2", "77"])
def test_the_picture_does_not_depend_on_the_order_of_sets(seed: str) -> None:
    ask = "from workflows import library; from statute.draw import draw; print(draw(library.get('ehc_plan', 1)), end='')"
    answer = subprocess.run([sys.executable, "-c", ask], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True).stdout
    assert answer == draw(library.get("ehc_plan", 1))


def test_words_of_a_definition_cannot_become_markup() -> None:
    text = library.files()["ehc_plan", 1].read_text("utf-8")
    old = "say: The final plan is in force"
    assert text.count(old) == 1
    picture = draw(library.parse_text(text.replace(old, 'say: "<script>1</script> & </text>"')))
    assert "<script" not in picture
    assert ElementTree.fromstring(picture) is not None  # noqa: S314


def test_a_text_is_broken_between_words_and_loses_none() -> None:
    text = "The council assessed and decided that no plan is needed. You can appeal"
    lines = wrapped(text, 150)
    assert " ".join(lines) == text
    assert all(width_of(line) <= 150 for line in lines)
    assert wrapped("incomprehensibilities", 20) == ["incomprehensibilities"]
