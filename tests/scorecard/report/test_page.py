from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from salesml.scorecard.registry import all_tables
from salesml.scorecard.report import page
from salesml.scorecard.schema import Column, Picture, Table
from tests.scorecard.made import LONG, METRICS, NAMES, tables

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Read(HTMLParser):
    """Tags in order, with their attributes; fails where one closes what is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Read:
    reader = Read()
    reader.feed(text)
    assert reader.open == []
    return reader


def made(reps: int = 3, *, differ: bool = True, names: tuple[str, ...] = ()) -> str:
    return page(tables(reps, differ=differ, names=names), all_tables(), "GBP")


def test_the_page_is_whole_and_asks_nothing_of_anybody() -> None:
    found = read(made(40, names=NAMES))
    assert not [tag for tag, _ in found.tags if tag in ("script", "link", "img", "iframe", "object", "form")]
    outside = [
        value
        for _, attributes in found.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "xlink:href") and not (value or "").startswith("#")
    ]
    assert outside == []
    policy = next(each["content"] for tag, each in found.tags if each.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "url(" not in made()
    assert "@import" not in made()


def test_links_lead_to_places_of_the_page() -> None:
    found = read(made(40))
    ids = [each["id"] for _, each in found.tags if "id" in each]
    assert len(set(ids)) == len(ids)
    assert {str(each["href"])[1:] for _, each in found.tags if "href" in each} <= set(ids)


def test_names_are_names_whatever_stands_in_them() -> None:
    text = made(8, names=NAMES)
    assert "<b>bold" not in text
    assert "<script" not in text
    assert "alert(&#39;x&#39;)" in text
    found = read(text)
    for name in NAMES:
        assert name in found.text
    assert len(LONG) >= 60


def test_names_stand_apart_from_the_direction_of_what_surrounds_them() -> None:
    text = made(8, names=NAMES)
    assert text.count("مريم") == text.count("<bdi>مريم") + text.count("\u2068مريم")


def test_what_a_screen_reader_needs_is_there() -> None:
    found = read(made(40))
    assert found.tags[0] == ("html", {"lang": "en"})
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert [levels[0], levels.count(1)] == [1, 1]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(each.get("scope") in ("col", "row") for tag, each in found.tags if tag == "th")
    tables_there = [tag for tag, _ in found.tags if tag == "table"]
    assert len(tables_there) == len([tag for tag, _ in found.tags if tag == "caption"])
    for tag, attributes in found.tags:
        if tag == "svg":
            assert attributes.get("role") == "img" or attributes.get("aria-hidden") == "true"


def test_every_metric_says_how_it_is_computed() -> None:
    text = made()
    for _, _, title, *_ in METRICS:
        assert f"How it is computed: How {title.lower()} is computed." in text


def test_what_is_missing_is_named_with_what_it_could_tell() -> None:
    words = (
        "Fit of accounts won: not computed, for want of prospects in crm.yaml. It would tell this: The mean"
    )
    assert words in made()


def test_where_it_is_luck_there_is_no_order_but_that_of_names() -> None:
    text = made(12, differ=False)
    assert "The reps differ by no more than luck" in text
    assert "Who differs by more than luck" not in text
    section = text[text.index('id="defection"') : text.index('id="defection_of_best"')]
    listed = re.findall(r"<bdi>(Rep \d+)</bdi>", section)
    assert listed == sorted(listed)
    assert len(listed) == 12


def test_where_nothing_tells_luck_from_skill_there_is_no_order_either() -> None:
    given = tables(12)
    reps = given["figures"]["level"] == "rep"
    given["figures"].loc[reps, "verdict"] = "not compared"
    text = page(given, all_tables(), "GBP")
    assert "Nothing says how much of a difference is luck here: reps are in the order of their names." in text
    assert "<h4>Reps" not in text


def test_of_many_reps_those_at_the_ends_that_are_real_are_shown_and_all_folded() -> None:
    given = tables(500)
    text = page(given, all_tables(), "GBP")
    assert "<summary>All 500 reps</summary>" in text
    section = text[text.index('id="defection"') : text.index('id="defection_of_best"')]
    shown = section[section.index("<h4>Reps") :].split("<details>")[0]
    named = re.findall(r"<bdi>(Rep \d+)</bdi>", shown)
    figures = given["figures"].query("metric == 'defection' and level == 'rep' and kind == 'year'")
    year = figures[figures["start"] == "2025-01-01"].set_index("id")
    real = year[year["verdict"] != "same"].sort_values("shrunk")
    wanted = [f"Rep {each[1:]}" for each in [*real.index[:8], *real.index[-8:]]]
    assert named == wanted
    assert len(text) < 2_000_000


def test_a_single_rep_is_held_against_nobody() -> None:
    text = made(1)
    assert "<h4>Reps" not in text
    assert "reps, 2025. " not in text
    assert "reps, 2025. " in made(2, differ=False)


def test_alarms_come_first() -> None:
    text = made()
    assert text.index("Worse than a year before, by more than chance explains") < text.index('class="checks"')


FURTHER = Table(
    name="loyalty",
    meaning="Who is still there",
    check=1,
    title="Loyalty",
    columns=(
        Column(name="cohort", type="text", meaning="When won", heading="Won in"),
        Column(name="months", type="whole", meaning="After", heading="Months"),
        Column(name="share", type="number", meaning="Still there", heading="Still there", unit="share"),
        Column(name="words", type="text", meaning="As a sentence"),
    ),
    picture=Picture(kind="steps", x="months", value="share", group="cohort"),
)

ROWS = pd.DataFrame(
    {
        "cohort": ["2024 <Q1>"] * 3, "months": [1, 3, 6], "share": [0.9, 0.8, float("nan")],
        "words": ["Half of <them> stayed"] * 3,
    }
)  # fmt: skip


def test_a_further_table_stands_under_its_check() -> None:
    text = page({**tables(3), "loyalty": ROWS}, (*all_tables(), FURTHER), "GBP")
    part = text[text.index('id="table-loyalty"') : text.index('id="check-2"')]
    assert part.count("Half of &lt;them&gt; stayed.") == 1
    assert "2024 &lt;Q1&gt;" in part
    assert '<th scope="col" class="number">Still there</th>' in part
    assert '<td class="number"><bdi>80%</bdi></td>' in part
    assert part[: part.index("</section>")].count("<circle") == 2
    read(text)


def test_a_table_that_nobody_declared_is_shown_all_the_same() -> None:
    text = page({**tables(3), "loyalty": ROWS}, all_tables(), "GBP")
    assert '<h2 id="further">Further tables</h2>' in text
    assert "<h3>Loyalty</h3>" in text


def test_reps_of_a_further_table_have_their_names() -> None:
    given = tables(2)
    table = pd.DataFrame(
        {
            "level": ["company", "rep"], "id": ["company", "R001"], "kind": ["all"] * 2,
            "start": pd.to_datetime(["2024-01-01"] * 2), "words": ["All is well", "One is not"],
        }
    )  # fmt: skip
    older = table.assign(kind="year", words="Long ago")
    text = page({**given, "loyalty": pd.concat([table, older])}, all_tables(), "GBP")
    part = text[text.index('id="table-loyalty"') : text.index('id="data"')]
    assert "<li>All is well.</li>" in part
    assert "<li>One is not" not in part
    assert "Long ago" not in part
    assert "<bdi>Rep 001</bdi>" in part
    assert "R001" not in part


def test_a_scatter_names_its_dots() -> None:
    drawn = Table(
        name="loyalty", meaning="x", check=6, title="Success", columns=FURTHER.columns,
        picture=Picture(kind="scatter", x="months", value="share", label="cohort"),
    )  # fmt: skip
    text = page({**tables(3), "loyalty": ROWS}, (*all_tables(), drawn), "GBP")
    assert text.count("<title>2024 &lt;Q1&gt;</title>") == 2


def test_an_empty_scorecard_is_still_a_page() -> None:
    given = tables(3)
    from salesml.scorecard.summary import summary

    given["figures"] = pd.DataFrame()
    given["summary"] = summary(given["figures"], given["definitions"], given["periods"], given["people"])
    given["alarms"] = given["alarms"].iloc[:0]
    text = page(given, all_tables(), "GBP")
    assert text.count("Not computed, ") >= 7
    read(text)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks(scheme: str) -> None:
    text = made()
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0 if scheme == "light" else 1]))
    pairs = [(ink, paper) for ink in ("ink", "soft", "link") for paper in ("paper", "raised")]
    pairs += [(tone, f"{tone}-wash") for tone in ("good", "bad", "moved", "mute")]
    for ink, paper in pairs:
        bright, dark = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_the_brief_comes_first_and_says_what_each_sentence_is_about() -> None:
    given = tables(3)
    given["practices"] = pd.DataFrame({"practice": ["a"], "verdict": ["helps"], "words": ["It helps"]})
    given["brief"] = pd.DataFrame(
        {"order": [1], "part": ["What works"], "words": ["Answer soon"], "rests_on": ["practices: a"]}
    )
    text = page(given, all_tables())
    assert "<strong>What works:</strong> Answer soon." in text
    assert text.index('id="table-brief"') < text.index('id="table-practices"')
    section = text[text.index('id="table-brief"') : text.index('id="table-practices"')]
    assert "<table" not in section
    assert "#table-brief { break-after: page; }" in text


def test_one_sentence_stands_for_all_of_whom_nothing_can_be_said() -> None:
    given = tables(3)
    said = [f"{name}: too few to say anything" for name in ("A", "B", "C", "D")]
    given["better_reps"] = pd.DataFrame(
        {"practice": list("ABCDE"), "verdict": [*["too few"] * 4, "more"], "words": [*said, "E: more"]}
    )
    text = page(given, all_tables())
    assert said[0] in text
    assert said[1] not in text
    assert "E: more." in text
    assert "Of 3 more too little is known to say anything." in text
