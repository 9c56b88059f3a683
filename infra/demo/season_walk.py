"""The walk-through of a season: check in, see the month, open tonight's stream, and watch one edit reach every surface.

What is expected is read from the season file and its product list here, with nothing of the product's code.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import urllib3
import yaml

from infra.demo.checks import Checks
from infra.demo.member import Member

WITHIN_S = 60.0
"""How old anything that a member sees may be."""
_POLL_S = 1.0
_UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True, kw_only=True)
class SeasonWalk:
    address: str
    text: str
    """The season file as it was published."""
    products: Path
    tonight: str
    today: date
    checks: Checks
    command: Callable[[Sequence[str]], Mapping[str, Any]]
    """Runs `huixue …` and gives what it printed as JSON."""
    nonce: str

    member: Member = field(init=False)
    feed_url: str = field(init=False, default="")

    def play(self) -> bool:
        """True if every step was as expected."""
        self.checks.say("Member C opens the mini-program: home, tonight's stream, her month")
        self.member = Member(self.address, "qiandao", self.nonce)
        return self.checks.play(
            (self._checks_in, self._month, self._home, self._stream, self._moved, self._on_shelf)
        )

    def _checks_in(self) -> None:
        base = self._season["check_in"]["base_points"]
        done = self.member.call("POST", "/v1/check-ins")
        seen = (done.status, done.body["date"], done.body["points"], done.body["streak"])
        self._check("checked in", seen, (201, self.today.isoformat(), base, 1))
        self._check("points", self.member.points()["available"], base)
        newest = self.member.entries()[0]
        self._check("her entry", (newest["scene"], newest["points"]), ("check_in", base))
        again = self.member.call("POST", "/v1/check-ins")
        hit = (again.status, again.headers.get("idempotency-hit"), again.body["points"])
        self._check("checked in again", hit, (200, "true", base))
        self._check("points unchanged", self.member.points()["available"], base)

    def _month(self) -> None:
        month = self._calendar(self.today)
        self.feed_url = month["feed_url"]
        day = _day(month, self.today)
        self._check("today in her month", (day["checked_in"], day["made_up"]), (True, False))
        said = [(each["title"], each["theme"]) for each in day["streams"]]
        self._check(
            "tonight's stream", said, [(self._stream_said["title"], self._stream_said["theme"])]
        )
        self._check("it starts", _instant(day["streams"][0]["starts_at"]), self._starts_at)
        first = min(self._season["check_in"]["consecutive"], key=lambda each: int(each["days"]))
        ahead = month["next_reward"]
        left = (ahead["days_left"], ahead["points"])
        self._check("her next reward", left, (first["days"] - 1, first["points"]))

    def _home(self) -> None:
        home = self.member.call("GET", "/v1/home")
        again = self._pool().request(
            "GET", f"{self.address}/v1/home",
            headers={**self.member.authorization, "if-none-match": home.headers["etag"]},
        )  # fmt: skip
        self._check("home, and again", (home.status, again.status), (200, 304))
        self._check("entries", _titles(home.body["entries"]), self._blocks("entry"))
        # she joined today, and nobody knows her skin
        known = [each for each in self._blocks("banner") if "敏感肌" not in each]
        self._check("banners", _titles(home.body["banners"]), known)
        tonight = home.body["tonight"]
        self._check("tonight", tonight["stream_id"], self.tonight)
        self._check("its slots, counted", tonight["slot_count"], self._slot_count())

    def _stream(self) -> None:
        stream = self.member.call("GET", f"/v1/streams/{self.tonight}").body
        self._check("its slots", len(stream["slots"]), self._slot_count())
        first, said = stream["slots"][0], self._stream_said["slots"][0]
        price_fen = round(float(said["price_yuan"]) * 100)
        shown = (first["brand"], first["title"], first["price_fen"])
        self._check("the first", shown, (said["brand"], said["title"], price_fen))
        expected = self._starts_at + timedelta(minutes=said["at_min"])
        self._check("expected at", _instant(first["expected_at"]), expected)
        self._check("in the feed", self._in_feed(), (self._starts_at, "CONFIRMED"))

    def _moved(self) -> None:
        tomorrow = self.today + timedelta(days=1)
        goal = datetime(
            tomorrow.year, tomorrow.month, tomorrow.day, 21, 15, tzinfo=_SHANGHAI
        ).astimezone(UTC)
        self.checks.say(
            "huixue stream move: the stream goes to tomorrow, and every surface follows"
        )
        self.command(
            ["stream", "move", self.tonight, f"{tomorrow} 21:15", "--reason", "主播嗓子不舒服"]
        )
        wanted = [(self.tonight, goal)]
        self._follows("her month", lambda: self._starts_on(tomorrow), wanted)
        self._follows("the day before", lambda: self._starts_on(self.today), [])
        self._follows("the feed", self._in_feed, (goal, "CONFIRMED"))
        guide = next(each for each in self._season["guides"] if each["kind"] == "promotion")
        self._follows("the guide's table", lambda: self._in_guide(guide["guide_id"]), goal.date())

    def _on_shelf(self) -> None:
        done = self.command(["stream", "on-shelf", f"{self.tonight}#1"])

        def state() -> object:
            stream = self.member.call("GET", f"/v1/streams/{self.tonight}").body
            return next(e["state"] for e in stream["slots"] if e["slot_id"] == done["slot_id"])

        self._follows("huixue stream on-shelf: the first slot", state, "on_shelf")

    def _follows(self, what: str, look: Callable[[], object], expected: object) -> None:
        begun = time.monotonic()
        while (found := look()) != expected and time.monotonic() - begun < WITHIN_S:
            time.sleep(_POLL_S)
        self._check(f"{what} (after {time.monotonic() - begun:.0f} s)", found, expected)

    def _check(self, what: str, found: object, expected: object) -> None:
        self.checks.check(what, found, expected)

    def _calendar(self, day: date) -> dict[str, Any]:
        return self.member.call("GET", f"/v1/calendar?month={day:%Y-%m}").body

    def _starts_on(self, day: date) -> list[tuple[str, datetime]]:
        """Of tonight's stream alone: others stand where they stood."""
        streams = _day(self._calendar(day), day)["streams"]
        return [
            (each["stream_id"], _instant(each["starts_at"]))
            for each in streams
            if each["stream_id"] == self.tonight
        ]

    def _in_guide(self, guide_id: str) -> object:
        rows = self.member.call("GET", f"/v1/guides/{guide_id}").body["rows"]
        row = next(each for each in rows if each["stream_id"] == self.tonight)
        return _instant(row["slot"]["expected_at"]).date()

    def _in_feed(self) -> object:
        """Start and status of tonight's stream, as a phone reads them: nobody signed in."""
        reply = self._pool().request("GET", self.address + self.feed_url)
        for event in _events(reply.data.decode()):
            if event.get("SUMMARY") == self._stream_said["title"]:
                start = event["DTSTART"]
                if _UTC.fullmatch(start) is None:
                    return f"it starts {start!r}"
                return datetime.fromisoformat(start), event["STATUS"]
        return f"{reply.status}: not there"

    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=30), retries=False)

    @property
    def _season(self) -> dict[str, Any]:
        season: dict[str, Any] = yaml.safe_load(self.text)
        return season

    @property
    def _stream_said(self) -> dict[str, Any]:
        streams = self._season["streams"]
        return next(each for each in streams if each["stream_id"] == self.tonight)

    @property
    def _starts_at(self) -> datetime:
        said = datetime.fromisoformat(str(self._stream_said["starts_at"]))
        return said.replace(tzinfo=_SHANGHAI).astimezone(UTC)

    def _blocks(self, kind: str) -> list[str]:
        blocks = [each for each in self._season["home"] if each["kind"] == kind]
        return _titles(sorted(blocks, key=lambda each: -each.get("priority", 0)))

    def _slot_count(self) -> int:
        """Counted again: what is written out, and each product at most once."""
        with self.products.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        taken: set[str] = set()
        count = 0
        for said in self._stream_said["slots"]:
            if "from" not in said:
                count += 1
                continue
            fit = [
                row["id"] for row in rows
                if row["id"] not in taken and row["brand"] in said["brands"]
                and any(word in row["title"] for word in said.get("words", [""]))
            ]  # fmt: skip
            if said["order_by"] != "sales":
                raise ValueError("the walk-through counts selections by sales alone")
            sold = {row["id"]: int(row["sales"]) for row in rows}
            chosen = sorted(fit, key=lambda each: (-sold[each], each))[: said["at_most"]]
            taken.update(chosen)
            count += len(chosen)
        return count


def _day(month: Mapping[str, Any], day: date) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in month["days"] if each["date"] == day.isoformat())
    return found


def _titles(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each["title"]) for each in blocks]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _events(feed: str) -> Iterator[dict[str, str]]:
    """RFC 5545 §3.1: folded lines joined; the properties of each VEVENT without their parameters."""
    event: dict[str, str] = {}
    for line in feed.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            yield event
        else:
            event[name.partition(";")[0]] = value
