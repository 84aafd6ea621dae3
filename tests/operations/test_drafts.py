"""Drafts: what somebody is working on, kept until it is published."""

import pytest

from activity.intake import Refused
from operations.drafts import Draft, DraftRefused, DraftUnknown, delete_draft, draft_named, drafts, save_draft
from operations.programme import ProgrammeInvalid, parse
from operations.publish import apply
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


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("n" * 501, "note has 501 characters; at most 500 are allowed: say it in short, or link to it"),
        ("a\0b", "note contains a NUL character; remove it"),
        ("\ud800", "note is not valid UTF-8: it contains a stray byte or half of a surrogate pair"),
    ],
)
async def test_a_note_that_cannot_be_kept_is_refused(world: World, note: str, words: str) -> None:
    """Neither with a draft nor with a revision; what fits without the blanks around it does."""
    async with world.store.writing() as work:
        saved = await save_draft(work, "a", "1", author="maria", note=f" {'n' * 500}\n", now=world.now)
        assert "n" * 500 == saved.note
        with pytest.raises(Refused, match=words):
            await save_draft(work, "a", "1", author="maria", note=note, now=world.now)
        with pytest.raises(Refused, match=words):
            await apply(work, world.revisions, parse(PROGRAMME), note=note, now=world.now)


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
