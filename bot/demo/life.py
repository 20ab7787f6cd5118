"""A few days of life in three communities, really lived: every word goes through the bot."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot.demo import founding, hotline, joining, together
from bot.demo.cast import Facts, Place
from bot.demo.company import Company
from bot.demo.passing import Passing
from bot.setup import Codes

BEGINS = (-4, 9)  # day, counted from today, and hour
DAYS = (-3, -2, -1)
Scene = Callable[[Place], Awaitable[None]]
Act = Callable[[Company, Place, Facts], Awaitable[None]]


class Life:
    """Plays it. `rested` returns when the bot has said everything it had to say; `tell` says what went wrong."""

    def __init__(
        self, company: Company, passing: Passing, rested: Callable[[], Awaitable[None]], tell: Callable[[str], None]
    ) -> None:
        self._company = company
        self._time = passing
        self._rested = rested
        self._tell = tell

    async def play(self, codes: Codes) -> None:
        """Returns when the communities are as somebody who opens the page should find them."""
        try:
            async with self._time.quickly():
                if await self._begin(codes):
                    for day in DAYS:
                        await self._live(day)
                    await self._come_to_now()
                await self._rested()
        finally:
            self._time.end()

    async def _begin(self, codes: Codes) -> bool:
        """Whether there is a network to live in."""
        company = self._company
        begun = [
            await self._try("the first two offices", founding.take_offices(company, codes)),
            await self._try("the hotline's people", hotline.make_staff(company)),
            await self._try("the regions", founding.add_regions(company)),
        ]
        for hour, what, scene in (
            (10, "the communities", founding.add_communities),
            (17, "joining", joining.join),
            (18, "the families", joining.link_families),
            (19, "the group chat", joining.bind_group),
        ):
            await self._rest_until(BEGINS[0], hour)
            await self._everywhere(what, partial(scene, company))
        return all(begun)

    async def _live(self, day: int) -> None:
        meet = partial(together.meet, today=self._time.today().date())
        check_in = partial(together.check_in, day=day)
        for hour, what, act in (
            (10, "announcements", together.announce),
            (12, "challenges", together.challenge),
            (14, "meetings", meet),
            (16, "polls", together.poll),
        ):
            if any(facts["day"] == day for place in self._company.cast.places for facts in place.get(what)):
                await self._rest_until(day, hour)
                await self._everywhere(what, self._each(what, act, lambda facts: facts["day"] == day))
        await self._report(day)
        await self._rest_until(day, 20)
        await self._everywhere("check-ins", self._each("challenges", check_in, lambda facts: facts["day"] <= day))

    async def _come_to_now(self) -> None:
        await self._rested()
        self._time.come_before_now(minutes=3)
        await self._rested()
        await self._everywhere("the newcomer", partial(joining.wait_at_the_door, self._company))
        await self._report(0)
        await self._try("the PINs", hotline.choose_pins(self._company))

    async def _report(self, day: int) -> None:
        for facts in self._company.cast["cases"]:
            if facts["day"] == day:
                await self._try("a report to the hotline", hotline.report(self._company, facts))

    async def _rest_until(self, day: int, hour: int) -> None:
        """When everything before has been said, it becomes that time, and what is due by then happens."""
        await self._rested()
        self._time.come(day, hour)
        await self._rested()

    def _each(self, what: str, act: Act, happens: Callable[[Facts], bool]) -> Scene:
        async def scene(place: Place) -> None:
            await asyncio.gather(*(act(self._company, place, facts) for facts in place.get(what) if happens(facts)))

        return scene

    async def _everywhere(self, what: str, scene: Scene) -> None:
        """In the three places side by side."""
        places = self._company.cast.places
        await asyncio.gather(*(self._try(f"{what} in {place['region']}", scene(place)) for place in places))

    async def _try(self, what: str, scene: Awaitable[None]) -> bool:
        """What goes wrong is told, and the rest goes on."""
        try:
            await scene
        except Exception as error:  # noqa: BLE001 - the page stays and shows how far they came
            first = str(error).partition("\n")[0]
            self._tell(f"The demo's story went wrong: {what}: {type(error).__name__}: {first}")
            return False
        return True
