"""The hotline: its people get their roles, children write, one is helped, one is being helped, one waits."""

from bot.demo.acting import Actor
from bot.demo.cast import Facts
from bot.demo.company import Company
from bot.demo.founding import add


async def make_staff(company: Company) -> None:
    """Each joins the network; then it takes two people and the code of conduct."""
    owner, supervisor = company.actor(company.cast["owner"]), company.actor(company.cast["supervisor"])
    owner.says("/community")
    network = int((await owner.finds("c.add"))[0])
    await owner.presses(f"i:{network}")
    code = await owner.copied()
    for facts in company.cast["workers"]:
        await _join(owner, company.actor(facts), code)
        await _give_role(owner, supervisor, company.actor(facts), network, "worker")
    auditor = company.actor(company.cast["auditor"])
    await _join(owner, auditor, code)
    await _give_role(owner, supervisor, auditor, network, "auditor")
    await _add_agency(company, network)
    await _plan_duty(supervisor, *(company.actor(facts).name for facts in company.cast["workers"]))


async def _plan_duty(supervisor: Actor, worker: str, backup: str) -> None:
    """The same two are on duty round the clock."""
    supervisor.says("/duty")
    await supervisor.presses("du.plan")
    await supervisor.presses("du.day:0")
    for shift in range(3):
        for post, name in (("worker", worker), ("backup", backup)):
            await supervisor.presses(f"du.who:0:{shift}:{post}")
            await supervisor.presses(f"du.set:0:{shift}:{post}", about=name)
    await supervisor.presses("du.plan", again=True)
    await supervisor.presses("du.fill:monday")
    await supervisor.presses("du.publish")


async def _add_agency(company: Company, network: int) -> None:
    """Its people hold their office like everybody of the hotline."""
    owner, supervisor = company.actor(company.cast["owner"]), company.actor(company.cast["supervisor"])
    worker = company.actor(company.cast["agency"]["worker"])
    agency = await add(owner, network, "agency", company.cast["agency"]["name"])
    await owner.presses(f"i:{agency}")
    await _join(owner, worker, await owner.copied())
    await _give_role(owner, supervisor, worker, agency, "worker")


async def _join(owner: Actor, newcomer: Actor, code: str) -> None:
    newcomer.starts(code)
    await newcomer.chooses("teacher")
    await newcomer.answers(newcomer.name)
    await owner.presses("join.yes", about=newcomer.name)
    await newcomer.finds("c")


async def _give_role(owner: Actor, supervisor: Actor, to: Actor, community: int, role: str) -> None:
    await owner.orders("/members", community)
    tapped = await owner.presses("m.one", about=to.name)
    await owner.presses(f"m.hotline:{tapped.data.split(':')[1]}:{role}")
    await supervisor.presses("hotline.yes", about=to.name)
    await to.presses("conduct.yes")


async def choose_pins(company: Company) -> None:
    """Who has opened nothing of the hotline yet: the helpers have chosen theirs when they took a report."""
    await _choose_pin(company.actor(company.cast["supervisor"]), "/queue")
    await _choose_pin(company.actor(company.cast["auditor"]), "/audit")
    await _choose_pin(company.actor(company.cast["agency"]["worker"]), "/queue")


async def _choose_pin(actor: Actor, command: str) -> None:
    actor.says(command)
    await actor.hears(lambda: actor.has_pin)


async def report(company: Company, facts: Facts) -> None:
    """A child writes; a helper takes it, answers, and closes it, as far as it came."""
    child = company.actor(facts["by"])
    await _write(child, facts)
    if "answer" not in facts:
        return
    worker = company.actor(facts["worker"])
    worker.says("/queue")
    number = (await worker.presses("cs.take", fresh=True)).data.split(":")[1]
    await worker.presses(f"cs.kind:{number}:{facts.get('kind', 'bullying')}")
    await worker.presses(f"cs.risk:{number}")
    await worker.presses(f"cs.say:{number}")
    await _say(worker, facts["answer"], "cs.send")
    if "reply" in facts:
        await child.presses(f"my.say:{number}")
        await child.finds("my.done")
        child.says(facts["reply"])
        await child.presses("my.done", fresh=True)
    if "summary" in facts:
        await worker.presses(f"cs.close:{number}", again=True)
        await worker.presses(f"cs.why:{number}:{facts['reason']}")
        await _say(worker, facts["summary"], "cs.shut")
        await child.presses(f"my.face:{number}:1")


async def _write(child: Actor, facts: Facts) -> None:
    child.says("/hotline")
    await child.presses("hl.go:me")
    await child.finds("cs.o")
    child.says(facts["words"])
    await child.presses("cs.o:*:next", fresh=True)
    for answer in ("no", facts["safe"], "any"):
        await child.presses(f"cs.o:*:is:{answer}", fresh=True)
    await child.presses("cs.o:*:send", fresh=True)
    await child.finds("my.say")


async def _say(worker: Actor, words: str, send: str) -> None:
    """What she writes goes out after she has seen it once more."""
    await worker.finds("cs.no")
    worker.says(words)
    sent = await worker.presses(send)
    await worker.hears(lambda: not worker.shows(sent.data))
