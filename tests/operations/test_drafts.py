"""Drafts: what somebody is working on, kept until it is published."""

import pytest

from operations.drafts import Draft, DraftRefused, DraftUnknown, delete_draft, draft_named, drafts, save_draft
from operations.programme import ProgrammeInvalid
from tests.world import PROGRAMME, World


async def _save(world: World, name: str, file: str, author: str = "maria") -> Draft:
    async with world.store.writing() as work:
        return await save_draft(work, name, file, author=author, note="Spring", now=world.now)


async def test_a_draft_is_kept_as_it_was_written(world: World) -> None:
    """Comments and blanks too: it is a text that somebody is working on."""
    text = "# what we try\n" + PROGRAMME
    saved = await _save(world, "spring", text)
    async with world.store.reading() as work:
        assert saved == await draft_named(work, "spring")
        assert text == (await draft_named(work, "spring")).file


async def test_a_draft_with_mistakes_is_kept_and_tells_them_when_asked(world: World) -> None:
    """Nobody loses their work because it is not finished."""
    saved = await _save(world, "half-done", "programme: x\n")
    with pytest.raises(ProgrammeInvalid, match="'starts' is missing"):
        saved.programme()


async def test_saving_again_replaces_and_the_latest_comes_first(world: World) -> None:
    """A name stands for one draft."""
    await _save(world, "a", "1")
    await _save(world, "b", "2")
    world.now = world.now.replace(hour=13)
    await _save(world, "a", "3", "ben")
    async with world.store.reading() as work:
        assert [("a", "3", "ben"), ("b", "2", "maria")] == [
            (each.name, each.file, each.author) for each in await drafts(work)
        ]


async def test_a_deleted_draft_is_gone(world: World) -> None:
    """And deleting it again says which there are."""
    await _save(world, "a", "1")
    await _save(world, "b", "2")
    async with world.store.writing() as work:
        await delete_draft(work, "a")
    with pytest.raises(DraftUnknown, match="there is no draft 'a'; there are b"):
        async with world.store.writing() as work:
            await delete_draft(work, "a")


@pytest.mark.parametrize(("name", "file"), [("", "x"), (" ", "x"), ("n" * 65, "x"), ("a\nb", "x"), ("a", "x\0")])
async def test_what_cannot_be_kept_is_refused(world: World, name: str, file: str) -> None:
    """A name that nobody could type, and what a database cannot hold."""
    with pytest.raises(DraftRefused):
        await _save(world, name, file)
