"""Activities of people who are not known yet: kept aside where all take part, and judged when they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.intake import Report
from activity.tables import activity, kept
from operations.enrol import Profile
from operations.jobs import Jobs
from operations.record import Receipt, Status
from operations.resume import drop_kept, resume_batch
from rewards.tables import entry
from tests.conftest import OpenStore
from tests.operations.test_identities import OPT_IN, OPT_OUT, statuses, together
from tests.world import NOW, World, shared

DAYS = timedelta(days=1)


async def waiting(world: World) -> list[tuple[str, str]]:
    """For whom what is kept waits: kind and name."""
    return sorted((row.kind, row.name) for row in await world.rows(kept))


async def know(world: World, name: str, *identities: str) -> int:
    """Somebody is enrolled, and what was kept for them is judged; how much was looked at."""
    await world.enrol(Profile(name, name, identities=list(identities)))
    return await world.resume()


async def test_what_names_somebody_unknown_is_kept_and_judged_when_they_are_known(world: World) -> None:
    """It gets its place in the sequence then; nothing is there of it before."""
    await world.apply(OPT_OUT)
    told = "no member has the identity 'email:Ada@example.org' yet: it is kept for 30 days, and judged once there is"
    (receipt,) = await world.record(shared(1, "email:Ada@example.org"))
    assert Receipt(Status.KEPT, told, "member") == receipt
    assert ([], [("email", "email:Ada@example.org")]) == (list(await world.rows(activity)), await waiting(world))
    world.now += 2 * DAYS
    assert 1 == await know(world, "ada", "email:ADA@example.org")
    assert ([13], []) == ([sum(row.points for row in await world.rows(entry))], await waiting(world))
    assert {world.now.date()} == {world_day(row.recorded_us) for row in await world.rows(activity)}
    assert [] == await world.differences()


async def test_an_external_id_is_waited_for_too(world: World) -> None:
    """And what comes to be of others leaves it alone."""
    await world.apply(OPT_OUT)
    await world.record(shared(1, "ada"), shared(2, "zoe"))
    assert 0 == await know(world, "ben", "email:ada@example.org")
    assert 1 == await know(world, "ada")
    assert [("", "zoe")] == await waiting(world)


async def test_delivered_again_it_is_kept_once(world: World) -> None:
    """With other content it is a conflict, and the first stays; a member's identity that comes later counts it once."""
    await world.apply(OPT_OUT)
    reports = [shared(1, "slack:U1"), shared(1, "slack:U1"), shared(1, "slack:U1", reach=7)]
    assert [Status.KEPT, Status.KEPT, Status.CONFLICT] == statuses(await world.record(*reports))
    assert [Status.KEPT, Status.CONFLICT] == statuses(await world.record(*reports[1:]))
    assert 1 == len(await waiting(world))
    await know(world, "ada", "slack:U1")
    assert [Status.DUPLICATE, Status.CONFLICT] == statuses(await world.record(*reports[1:]))
    assert 1 == len(await world.rows(activity))


async def test_what_is_kept_holds_its_id(world: World) -> None:
    """What others report under it with other content is a conflict, in the same batch and later, and the first stays;
    a run again says the same."""
    await world.apply(OPT_OUT)
    await world.enrol(Profile("ben", "Ben"))
    reports = [shared(1, "slack:U1"), shared(1, "ben", reach=7), shared(2, "ben"), shared(2, "slack:U1", reach=7)]
    expected = [Status.KEPT, Status.CONFLICT, Status.RECORDED, Status.CONFLICT]
    receipts = await world.record(*reports)
    assert expected == statuses(receipts)
    assert "(test, 1) is kept for somebody unknown with other content, which stays" in receipts[1].message
    first, *others = await world.record(*reports)
    assert (Status.KEPT, True) == (first.status, "it was kept before" in first.message)
    assert [Status.CONFLICT, Status.DUPLICATE, Status.CONFLICT] == statuses(others)
    assert [("slack", "slack:U1")] == await waiting(world)
    await know(world, "ada", "slack:U1")
    assert ["1", "2"] == sorted(row.id for row in await world.rows(activity))
    assert [Status.DUPLICATE, *statuses(others)] == statuses(await world.record(*reports))
    assert [] == await world.differences()


async def test_in_one_batch_what_is_known_judges_what_is_kept(world: World) -> None:
    """With the same content; whoever cannot be told to be another is a duplicate of it."""
    await world.apply(OPT_OUT)
    await world.enrol(Profile("ben", "Ben"))
    reports = shared(1, "slack:U1"), shared(1, "ben"), shared(1, "slack:U2")
    assert [Status.KEPT, Status.RECORDED, Status.DUPLICATE] == statuses(await world.record(*reports))
    assert [] == await waiting(world)
    assert [] == await world.differences()


async def test_a_redelivery_once_the_person_is_known_just_counts(world: World) -> None:
    """Also when it comes before what is kept is judged, or names somebody else."""
    await world.apply(OPT_OUT)
    await world.record(shared(1, "slack:U1"), shared(2, "slack:U1"))
    await world.enrol(Profile("ada", "Ada", identities=["slack:U1"]), Profile("ben", "Ben"))
    reports = shared(1, "slack:U1"), shared(2, "ben")
    assert [Status.RECORDED] * 2 == statuses(await world.record(*reports))
    assert [] == await waiting(world)
    assert 0 == await world.resume()
    assert [] == await world.differences()


async def test_what_is_recorded_is_not_kept_for_a_name_that_was_given_up(world: World) -> None:
    """Delivered again under a name that nobody has, it is known by its content."""
    await world.apply(OPT_OUT)
    await know(world, "ada")
    await world.record(shared(1, "ada"), together(shared(2, "ada"), "zoe"))
    again = shared(1, "slack:U1"), shared(1, "slack:U1", reach=7), together(shared(1, "ada"), "zoe")
    assert [Status.DUPLICATE, Status.CONFLICT, Status.CONFLICT] == statuses(await world.record(*again))
    assert [("", "zoe")] == await waiting(world)


async def test_of_several_all_are_waited_for(world: World) -> None:
    """One after the other, in whatever order they come."""
    await world.apply(OPT_OUT)
    await know(world, "ada")
    (receipt,) = await world.record(together(shared(1, "ada"), "slack:U1", "email:cy@example.org"))
    assert (Status.KEPT, "contributors[0]") == (receipt.status, receipt.field)
    assert 1 == await know(world, "ben", "slack:U1")
    assert [("email", "email:cy@example.org")] == await waiting(world)
    assert 1 == await know(world, "cy", "email:cy@example.org")
    assert ([], [3]) == (await waiting(world), [row.credited for row in await world.rows(activity)])
    assert [] == await world.differences()


async def test_what_cannot_be_recorded_any_more_stays_with_the_reason(world: World) -> None:
    """Until the programme takes it again, or its time is over. Who takes no part gets nothing, and nothing stays."""
    await world.apply(OPT_OUT)
    article = Report("test", "a", "article.published", "slack:U1", "2026-11-12T09:30:00Z", {"url": "u", "topics": []})
    await world.record(article, shared(1, "slack:U1"), shared(2, "slack:U2"))
    text = OPT_OUT[: OPT_OUT.index("  article.published")] + OPT_OUT[OPT_OUT.index("rules:") :]
    text = text[: text.index("  article:")] + text[text.index("boards:") :]
    await world.apply("\n".join(line for line in text.splitlines() if not line.startswith("  articles:")))
    await world.enrol(Profile("ben", "Ben", participates=False, identities=["slack:U2"]))
    await know(world, "ada", "slack:U1")
    (row,) = await world.rows(kept)
    assert "'article.published' is no activity type of this programme" in row.problem
    assert 0 == await world.resume()
    await world.apply(OPT_OUT)
    assert 1 == await world.resume()
    assert ([], ["1", "a"]) == (await waiting(world), sorted(row.id for row in await world.rows(activity)))


async def test_a_type_that_is_renamed_meanwhile_is_known(world: World) -> None:
    """What is kept is of the type, whatever it is called."""
    await world.apply(OPT_OUT)
    await world.record(shared(1, "slack:U1"))
    renamed = OPT_OUT.replace("post.shared", "post.passed-on").replace(
        "Shared a post\n", "Shared a post\n    was: post.shared\n"
    )
    await world.apply(renamed)
    await know(world, "ada", "slack:U1")
    assert ([], 1) == (await waiting(world), len(await world.rows(activity)))
    (receipt,) = await world.record(replace(shared(1, "ada"), type="post.passed-on"))
    assert Status.DUPLICATE == receipt.status


async def test_a_kind_that_is_declared_later_is_known(world: World) -> None:
    """What waited for an external id waits for an identity from then on."""
    await world.apply(OPT_OUT)
    await world.record(shared(1, "teams:T1"), shared(2, "teams:"))
    await world.apply(OPT_OUT.replace("identities: {", "identities: {teams: {title: Teams user}, "))
    assert 2 == await world.resume()
    assert [("", "teams:"), ("teams", "teams:T1")] == await waiting(world)
    assert 1 == await know(world, "ada", "teams:t1")
    assert [row.problem for row in await world.rows(kept)] == [
        "there is nothing after 'teams:'; write it as teams:HANDLE"
    ]


async def test_nothing_is_kept_for_longer_than_the_programme_says(world: World) -> None:
    """By the time at which it came first; nor anything once taking part is for each to say."""
    await world.apply(f"keep_unknown: P3D\n{OPT_OUT}")
    await world.record(shared(1, "slack:U1"))
    world.now += 2 * DAYS
    (receipt, _) = await world.record(shared(1, "slack:U1"), shared(2, "slack:U1"))
    assert "it was kept before, for 3 days since it first came" in receipt.message
    assert 0 == await world.drop_kept()
    world.now += 1.5 * DAYS
    assert (1, 1) == (await world.drop_kept(), len(await waiting(world)))
    await world.apply(OPT_IN)
    assert [] == await waiting(world)


async def test_what_is_old_is_dropped_some_at_a_time(world: World) -> None:
    """However much it is, in transactions that are short."""
    await world.apply(OPT_OUT)
    await world.record(*(shared(number, f"slack:U{number}") for number in range(7)))
    world.now += 40 * DAYS
    await world.record(shared(7, "slack:U7"))
    assert 7 == await drop_kept(world.store, world.revisions, now=world.now, chunk=3)
    assert [("slack", "slack:U7")] == await waiting(world)


async def test_the_job_judges_and_drops(world: World) -> None:
    """In batches, in the order in which it came."""
    await world.apply(OPT_OUT)
    await world.record(*(shared(number, "slack:U1", url="same") for number in range(5)))
    await world.enrol(Profile("ada", "Ada", identities=["slack:U1"]))
    async with world.store.writing() as work:
        assert 2 == await resume_batch(work, world.revisions, now=world.now, most=2)
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    assert (3, 0) == (await jobs.judge_what_was_kept(), await jobs.judge_what_was_kept())
    assert [str(number) for number in range(5)] == [row.id for row in await world.rows(activity)]
    assert [] == await world.differences()


def world_day(recorded_us: int) -> object:
    return (NOW.fromtimestamp(recorded_us / 1e6, NOW.tzinfo)).date()


NAMES = {
    "ada": ["ada", "email:ada@example.org", "slack:U01", "email:ADA@Example.org "],
    "ben": ["ben", "email:ben@example.org"],
    "cy": ["cy", "slack:U03"],
}


def unlimited() -> str:
    """The programme without limits: what is paid for one activity depends on no other."""
    lines = [line for line in OPT_OUT.splitlines() if "limits:" not in line and "- {max:" not in line]
    return "\n".join(lines)


Said = tuple[int, list[tuple[str, int]]]  # the reach of a post, and who is named, by which of their names


@st.composite
def stories(draw: st.DrawFn) -> list[list[Said] | str]:
    """Batches of activities, and between them members who come to be known, each of whom has all names then."""
    who = st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3, unique=True)
    post = st.tuples(
        st.integers(0, 9_999),
        who.flatmap(
            lambda names: st.tuples(
                *(st.tuples(st.just(name), st.integers(0, len(NAMES[name]) - 1)) for name in names)
            ).map(list)
        ),
    )
    steps: list[list[Said] | str] = draw(st.lists(st.lists(post, min_size=1, max_size=4), min_size=1, max_size=4))
    for name in sorted(NAMES):
        steps.insert(draw(st.integers(0, len(steps))), name)
    return steps


async def totals(world: World) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for name, key, points in await world.ledger():
        found[name, key] += points
    return found


def reports(batch: Sequence[Said], first: int, *, named: bool) -> list[Report]:
    made = []
    for number, (reach, who) in enumerate(batch, first):
        texts = [NAMES[name][which if named else 0] for name, which in who]
        made.append(together(shared(number, texts[0], reach=reach), *texts[1:]))
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
async def test_whatever_members_are_called_and_whenever_they_are_known_they_get_the_same(
    open_store: OpenStore, story: list[list[Said] | str]
) -> None:
    """As when all had been known from the start, and named by their external ids; and the proof is whole."""
    async with open_store() as store:
        world, number = World(store), 0
        await world.apply(unlimited())
        for step in story:
            if isinstance(step, str):
                await know(world, step, *NAMES[step][1:])
            else:
                assert {Status.RECORDED, Status.KEPT} >= set(
                    statuses(await world.record(*reports(step, number, named=True)))
                )
                number += len(step)
        found = await totals(world)
        assert [] == await waiting(world)
        assert [] == await world.differences()
    async with open_store() as store:
        world, number = World(store), 0
        await world.apply(unlimited())
        await world.hire("Ada", "Ben", "Cy")
        for step in story:
            if not isinstance(step, str):
                await world.record(*reports(step, number, named=False))
                number += len(step)
        assert await totals(world) == found
