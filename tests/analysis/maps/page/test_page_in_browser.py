"""The page of a map in headless Chromium: search, neighbours, colours, keyboard, and words that look like markup."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.browser import CHROMIUM, MISSING, Page, chromium

import w2v
from w2v.analysis.maps.page.page import PageData, PageSpace, page_bytes
from w2v.keyedvectors import KeyedVectors

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=MISSING)]

EVIL = "</script><img src=x onerror=alert(1)>"
ODD = ["<!--", "&amp;", "\u2028", "\"'", "\u05e9\u05dc\u05d5\u05dd", "\u00a0", "\u200b", "\u202etxt",
       "x" * 10_000, "Stra\u00dfe", "caf\u00e9", "\x1b[2J"]
WORDS = ["king", "queen", "kingdom", "asking", EVIL, *ODD, *(f"w{i}" for i in range(60)), "%41"]
STAGE = "document.getElementById('stage').getBoundingClientRect()"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    rng = np.random.default_rng(3)
    return KeyedVectors([*WORDS, *(f"far{i}" for i in range(100))],
                        rng.standard_normal((len(WORDS) + 100, 8)).astype(np.float32))


@pytest.fixture(scope="module")
def file(kv: KeyedVectors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "map of words.html"
    metadata = {"kind": {word: "<b>noun</b>" if word.startswith("w") else "other" for word in WORDS if word != "queen"},
                "year": {f"w{i}": 1900 + i for i in range(60)}}
    w2v.map(kv, top=len(WORDS), clusters=3, metadata=metadata).save(path)
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(browser: Page, file: Path) -> Iterator[Page]:
    """The page as it opens; at the end it has made no request and reported no problem."""
    browser.window(1200, 800)
    browser.open("about:blank")
    browser.requests.clear()
    browser.problems.clear()
    browser.open(file.as_uri())
    yield browser
    assert set(browser.requests) <= {file.as_uri(), "data:,"} and browser.requests
    assert browser.problems == []


def middle(page: Page) -> tuple[float, float]:
    """Middle of the map in the window."""
    left, top, width, height = page.value(f"(({{left, top, width, height}}) => [left, top, width, height])({STAGE})")
    return left + width / 2, top + height / 2


def point(page: Page, word: str) -> tuple[float, float]:
    """Place of the point of a word in the window."""
    at = 2 * WORDS.index(word)
    left, top = page.value(f"(({{left, top}}) => [left, top])({STAGE})")
    x, y = page.value(f"[screenX(positions[{at}]), screenY(positions[{at + 1}])]")
    return left + x, top + y


def picture(page: Page) -> str:
    """The pixels of the map, as text."""
    found: str = page.value("canvas.toDataURL()")
    return found


def search(page: Page, text: str) -> None:
    page.key("/")
    page.call("Input.insertText", text=text)
    page.settle()


def neighbour_rows(page: Page) -> list[tuple[str, str]]:
    texts = page.texts("#lists li > :first-child"), page.texts("#lists .cosine")
    return [(word, cosine.replace("\u2212", "-")) for word, cosine in zip(*texts, strict=True)]


def expected_rows(kv: KeyedVectors, word: str) -> list[tuple[str, str]]:
    return [(other, f"{cosine:.3f}") for other, cosine in kv.most_similar(word, topn=10)]


def test_page_says_what_it_shows(page: Page) -> None:
    assert page.text("h1") == "The most frequent words of vectors" == page.value("document.title")
    assert page.text("#caption").startswith(f"{len(WORDS)} words by principal components")
    assert not page.text("#panel") and page.value("canvas.getAttribute('aria-label')").startswith("The most frequent")
    assert 0 < page.value("labels.boxes.length") < len(WORDS)


def test_search_completes_words_that_begin_with_the_text_first(page: Page) -> None:
    page.key("/")
    page.write("KIN")
    assert page.texts("#options li") == ["king", "kingdom", "asking"]
    page.key("ArrowDown")
    page.key("ArrowDown")
    assert page.value("search.getAttribute('aria-activedescendant')") == "option-1"
    page.key("Enter")
    assert page.text("#word") == "kingdom" and page.value("location.hash") == "#kingdom"
    assert not page.texts("#options li")


@pytest.mark.parametrize("text, word", [("king", "king"), ("STRASSE", "Stra\u00dfe"), ("cafe\u0301", "caf\u00e9"),
                                        ("\u05e9\u05dc", "\u05e9\u05dc\u05d5\u05dd"), ("  queen ", "queen")])
def test_search_finds_a_word_in_any_form(page: Page, text: str, word: str) -> None:
    search(page, text)
    page.key("Enter")
    assert page.text("#word") == word


def test_search_without_a_result_says_so(page: Page) -> None:
    search(page, "<i>nothing</i>")
    assert page.text("#status") == "No word of the map contains \u201c<i>nothing</i>\u201d."
    assert not page.texts("#options li")
    page.key("Enter")
    assert not page.text("#panel")


def test_click_on_a_point_lists_its_neighbours_in_the_full_space(page: Page, kv: KeyedVectors) -> None:
    search(page, "w7")
    page.key("Enter")
    page.key("Escape")
    assert not page.text("#panel") and page.value("location.hash") == ""
    page.click(*point(page, "w7"))
    rows = expected_rows(kv, "w7")
    assert page.text("#word") == "w7" and neighbour_rows(page) == rows
    on_map = [word for word, _ in rows if word in WORDS]
    assert page.texts("#lists li > button") == on_map and 0 < len(on_map) < 10
    facts = page.text("#facts").split("\n")
    assert facts[:7] == ["rank", str(WORDS.index("w7") + 1), "kind", "<b>noun</b>", "year", "1907", "cluster"]
    assert len(facts[7].split(", ")) == 3


def test_click_on_a_neighbour_selects_it(page: Page, kv: KeyedVectors) -> None:
    search(page, "w7")
    page.key("Enter")
    first = page.texts("#lists li > button")[0]
    page.click_on("#lists li > button")
    assert page.text("#word") == first and neighbour_rows(page) == expected_rows(kv, first)
    assert page.value("document.activeElement.id") == "heading"  # a screen reader goes on with the new word
    page.click_on("#close")
    assert not page.text("#panel") and page.value("document.activeElement.id") == "canvas"


def test_click_beside_all_points_clears_the_word(page: Page) -> None:
    search(page, "w7")
    page.key("Enter")
    x, y = page.value(f"(() => {{ const box = {STAGE}; return [box.left + 3, box.top + 3]; }})()")
    page.click(x, y)
    assert not page.text("#panel")


def test_hover_shows_the_word_and_its_rank(page: Page) -> None:
    search(page, "w7")
    page.key("Enter")
    page.key("Escape")
    x, y = point(page, "w7")
    page.mouse("mouseMoved", x - 1, y)
    page.settle()
    assert page.text("#tip bdi") == "w7"
    assert page.text("#tip span").startswith(f"rank {WORDS.index('w7') + 1}, kind: <b>noun</b>")
    page.mouse("mouseMoved", 3, 3)
    page.settle()
    assert not page.text("#tip")


@pytest.mark.parametrize("word, shown", [
    (EVIL, EVIL), ("<!--", "<!--"), ("&amp;", "&amp;"), ("\"'", "\"'"), ("\u2028", "[U+2028]"), ("\u00a0", "[U+00A0]"),
    ("\u200b", "[U+200B]"), ("\u202etxt", "[U+202E]txt"), ("\x1b[2J", "[U+001B][2J"),
    ("x" * 10_000, "x" * 119 + "\u2026")])
def test_word_with_markup_or_hidden_characters_stays_text(page: Page, kv: KeyedVectors, word: str, shown: str) -> None:
    before = page.value("document.querySelectorAll('script, img, iframe, b, i').length")
    page.value(f"location.hash = encodeURIComponent({word!r})" if word.isascii() and word.isprintable() else
               f"location.hash = encodeURIComponent(names[{WORDS.index(word)}])")
    page.wait("!document.getElementById('panel').hidden")
    page.settle()
    assert page.text("#word") == shown and len(neighbour_rows(page)) == 10
    page.click(*middle(page))
    assert page.value("document.querySelectorAll('script, img, iframe, b, i').length") == before
    assert page.value("document.body.scrollWidth") <= 1200


@pytest.mark.parametrize("fragment, word", [("queen", "queen"), ("QUEEN", "queen"), ("%2541", "%41"), ("%41", ""),
                                            ("%", ""), ("%3Cimg%20src=x%20onerror=alert(1)%3E", "")])
def test_link_opens_at_a_word(page: Page, file: Path, fragment: str, word: str) -> None:
    page.open("about:blank")
    page.requests.clear()
    page.open(f"{file.as_uri()}#{fragment}")
    assert page.text("#word") == word
    assert bool(word) != page.text("#status").endswith("\u201d is not on the map.")
    page.requests[:] = [address.partition("#")[0] for address in page.requests]


@pytest.mark.parametrize("window", [(400, 800), (1200, 800)])
@pytest.mark.parametrize("word", ["king", "w20", "w30", "w59"])
def test_all_neighbours_of_a_chosen_word_are_in_view(page: Page, word: str, window: tuple[int, int]) -> None:
    search(page, word)
    page.key("Enter")
    page.window(*window)
    page.wait("canvas.clientWidth === width && canvas.clientHeight === height")
    page.settle()
    check_neighbours_in_view(page)
    page.key("Escape")
    search(page, word)
    page.key("Enter")
    check_neighbours_in_view(page)


def check_neighbours_in_view(page: Page) -> None:
    inside = "[...marked, state.selected].every(i => {" \
        "const x = screenX(positions[2 * i]), y = screenY(positions[2 * i + 1]);" \
        "return x > 9 && x < width - 9 && y > 9 && y < height - 9; })"
    assert page.value("marked.size") > 1 and page.value(inside)
    assert page.value("labels.boxes.length") > 1 and page.value("labels.boxes.every(inCanvas)")


def test_keyboard_zooms_and_pans(page: Page) -> None:
    assert page.value("camera.scale === all.scale")
    start = picture(page)
    page.key("+")
    page.key("+")
    assert page.value("camera.scale / all.scale") == pytest.approx(1.96) and picture(page) != start
    page.key("-")
    assert page.value("camera.scale / all.scale") == pytest.approx(1.4)
    x = page.value("camera.x")
    page.key("ArrowRight")
    assert page.value("camera.x") > x
    page.key("0")
    assert page.value("camera.x === all.x && camera.scale === all.scale") and picture(page) == start


def test_more_labels_appear_as_one_zooms_in(page: Page) -> None:
    def overlaps() -> int:
        boxes = page.value("labels.boxes.map(box => [box.left, box.top, box.right, box.bottom])")
        return sum(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
                   for i, a in enumerate(boxes) for b in boxes[:i])

    def share() -> float:
        found: float = page.value("labels.boxes.length / inWindow(0).length")
        return found

    first = share()
    assert overlaps() == 0 and first < 1
    for _ in range(6):
        page.key("+")
        assert overlaps() == 0
    assert share() > first


def test_wheel_zooms_at_the_pointer_and_drag_pans(page: Page) -> None:
    x, y = middle(page)
    place = f"({x + 50} - width / 2) / camera.scale + camera.x"
    before = page.value(place)
    page.mouse("mouseWheel", x + 50, y, deltaX=0, deltaY=-300)
    page.settle()
    assert page.value("camera.scale / all.scale") > 1.2 and page.value(place) == pytest.approx(before)
    middle_x = page.value("camera.x * camera.scale")
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    for step in (10, 20, 40):
        page.mouse("mouseMoved", x + step, y, button="left", buttons=1)
    page.mouse("mouseReleased", x + 40, y, button="left", clickCount=1)
    page.settle()
    assert page.value("camera.x * camera.scale") == pytest.approx(middle_x - 40) and not page.text("#panel")


def test_fingers_pan_and_zoom(page: Page) -> None:
    page.window(400, 800, phone=True)
    page.settle()
    x, y = middle(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": across, "y": down, "id": number} for number, (across, down) in enumerate(places)]
        page.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchMove", (x - 80, y), (x + 80, y))
    touch("touchEnd")
    page.settle()
    assert page.value("camera.scale / all.scale") == pytest.approx(2, rel=0.05)
    assert page.value("document.body.scrollWidth") <= 400


def test_legend_names_clusters_and_shows_one_alone(page: Page, kv: KeyedVectors) -> None:
    found = w2v.map(kv, top=len(WORDS), clusters=3)
    page.value("document.getElementById('column').focus()")
    for _ in range(2):
        page.key("ArrowDown")
    page.value("document.activeElement.blur()")
    assert page.texts("#legend .size") == [str(one.size) for one in found.clusters]
    assert page.value("document.querySelector('#column').selectedOptions[0].text") == "cluster"
    start = picture(page)
    page.click_on("#legend li:nth-child(2) button")
    assert page.value("[...document.querySelectorAll('#legend button')].map(one => one.ariaPressed)") == [
        "false", "true", "false"]
    assert picture(page) != start
    members = {found.words[i] for i in np.flatnonzero(found.labels == 1)}
    shown = page.value("labels.boxes.map(box => names[box.number])")
    assert shown and set(shown) <= members
    page.click_on("#show-all")
    assert picture(page) == start and not page.text("#show-all")
    page.click_on("#legend li:nth-child(2) button")
    page.value("document.activeElement.blur()")
    page.key("Escape")
    assert picture(page) == start


def test_groups_differ_by_colour_and_shape_and_the_first_by_each_alone(page: Page) -> None:
    looks = page.value("Array.from({length: MOST_ENTRIES}, (_, i) => [groupStyle(i).colour, groupStyle(i).shape])")
    assert len(looks) == len({tuple(look) for look in looks}) == 24
    assert [len(set(parts)) for parts in zip(*looks[:8], strict=True)] == [8, 8]
    drawn = page.value("Array.from({length: 8}, (_, i) => sprite(i, 5).stamp.parts.join())")
    assert len(set(drawn)) == 8


def test_columns_of_metadata_colour_the_words(page: Page) -> None:
    names = page.value("[...document.querySelectorAll('#column option')].map(one => one.text)")
    assert names == ["kind", "year", "cluster"]
    start = picture(page)
    entries = list(zip(page.texts("#legend bdi"), page.texts("#legend .size"), strict=True))
    assert entries == [("<b>noun</b>", "60"), ("other", "17"), ("no value", "1")]
    page.value("document.getElementById('column').focus()")
    page.key("ArrowDown")
    assert picture(page) != start
    assert (page.text("#low"), page.text("#high")) == ("\u2264 1901", "\u2265 1958")
    assert page.text("#legend").split("\n")[0] == "no value"


@pytest.mark.parametrize("dark", [False, True])
def test_colours_follow_the_system_and_the_button(browser: Page, file: Path, dark: bool) -> None:
    browser.window(1200, 800, dark=dark)
    browser.open("about:blank")
    browser.open(file.as_uri())
    light, black = "rgb(255, 255, 255)", "rgb(20, 24, 28)"
    ground = "getComputedStyle(document.body).backgroundColor"
    corner = "[...frame.data.slice(0, 3)].join(', ')"
    assert browser.value(ground) == (black if dark else light) == f"rgb({browser.value(corner)})"
    browser.click_on("#theme")
    assert browser.value(ground) == (light if dark else black) == f"rgb({browser.value(corner)})"


def test_tab_reaches_all_controls_in_order(page: Page) -> None:
    reached = []
    for _ in range(12):
        page.key("Tab")
        reached.append(page.value("document.activeElement.id || document.activeElement.closest('ul, body').id"))
    assert reached[:9] == ["canvas", "zoom-in", "zoom-out", "zoom-all", "search", "theme", "column", "legend", "legend"]
    assert page.value("[...document.querySelectorAll('button, input, select, canvas[tabindex]')].every("
                      "one => one.labels?.length || one.ariaLabel || one.innerText.trim())")


def test_page_of_two_spaces_shows_both_neighbourhoods(browser: Page, tmp_path: Path) -> None:
    ids = np.array([[1, 3], [2, 0], [0, 1]])
    cosines = np.array([[.9, .8], [.7, -.6], [.5, .4]], dtype=np.float32)
    old = PageSpace("old.txt", np.array([[0., 0], [1, 1], [2, 0]]), np.array([1, 2, 3]), ids, cosines)
    new = PageSpace("new.txt", np.array([[0., 1], [1, 0], [2, 1]]), np.array([5, 2, 3]), ids[:, ::-1], cosines[:, ::-1])
    path = tmp_path / "two.html"
    path.write_bytes(page_bytes(PageData("Two", "spaces", ["a", "b", "c", "d"], [old, new])))
    browser.window(1200, 800)
    browser.problems.clear()
    browser.open(f"{path.as_uri()}#a")
    assert browser.texts("#lists h3") == ["Nearest in old.txt", "Nearest in new.txt"]
    assert neighbour_rows(browser) == [("b", "0.900"), ("d", "0.800"), ("d", "0.800"), ("b", "0.900")]
    assert browser.text("#facts") == "rank\n1 in old.txt, rank 5 in new.txt"
    assert browser.text("#ways") == "Lines go from the place in old.txt (ring) to that in new.txt (point)."
    assert not browser.text("#colours") and browser.problems == []


def test_page_works_without_scripts_as_a_notice_and_from_a_server(browser: Page, file: Path) -> None:
    handler = functools.partial(QuietHandler, directory=str(file.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/map%20of%20words.html"
        browser.requests.clear()
        browser.problems.clear()
        browser.open(address)
        assert browser.text("h1") and set(browser.requests) <= {address, "data:,"} and browser.problems == []
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.call("Page.navigate", url=address)
        browser.wait("document.readyState === 'complete'")
        assert browser.text(".notice").startswith("This page draws a map of words with JavaScript")
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
        server.shutdown()
