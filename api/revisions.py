"""The manager's side of rules: drafts, what publishing them changes, the revisions so far, and the way back."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated

import strawberry

from activity.schema import resolved
from api.access import Access
from api.attempt import attempted_writing
from api.context import Context, Info
from api.finding import Finding, findings
from api.problems import Problem
from operations.advice.sifting import sift
from operations.advice.warnings import warnings
from operations.chronicle import RevisionRecord, chronicle, restore
from operations.drafts import Draft as DraftValue
from operations.drafts import delete_draft, draft_named, drafts, save_draft
from operations.programme import Programme as ProgrammeValue
from operations.programme import ProgrammeInvalid, export, parse
from operations.publish import Plan as PlanValue
from operations.publish import PlanRefused, apply, plan
from operations.reasons import NOTE_LENGTH_MAX
from operations.revision import NoProgramme
from operations.undo import undo
from rewards.podium_schema import PodiumCost
from rules.versions import KINDS, Action
from rules.versions import Change as ChangeValue
from storage.work import UnitOfWork

REVISIONS_MAX = 100

strawberry.enum(Action, name="ChangeAction", description="What becomes of a thing that a programme declares.")


@strawberry.type(description="One thing that a revision changes.")
class Change:
    kind: str = strawberry.field(description="activity type, rule, badge, zone, board, podium, or programme settings.")
    key: str = strawberry.field(description="Its name in the programme.")
    action: Action = strawberry.field(description="What becomes of it.")
    was: str | None = strawberry.field(description="The name it had before, where that changes.")
    lines: list[str] = strawberry.field(description="The change as lines of text: '-' goes, '+' comes.")

    @classmethod
    def of(cls, change: ChangeValue) -> "Change":
        return cls(
            kind=KINDS.get(change.kind, "programme settings"),
            key=change.key,
            action=change.action,
            was=change.was,
            lines=list(change.lines()),
        )


@strawberry.type(description="What publishing a file would change.")
class Plan:
    revision: int = strawberry.field(description="The number of the revision that it would become, or that it says.")
    changes: list[Change] = strawberry.field(description="What changes. Empty when the file says what is in force.")
    warnings: list[Finding] = strawberry.field(
        description="What its author may not have meant by what changes. None of it is wrong."
    )
    other_warnings: list[Finding] = strawberry.field(description="The same about what does not change.")
    mistakes: list[Finding] = strawberry.field(description="What is wrong with the file. Then nothing else is told.")
    costs: list[PodiumCost] = strawberry.field(description="What the podiums that it changes cost at most.")
    text: str | None = strawberry.field(description="The same for people, like a difference. Null with mistakes.")


@strawberry.type(description="A programme file that somebody is working on.")
class Draft:
    name: str = strawberry.field(description="What it is called.")
    file: str = strawberry.field(description="The file, as it was written.")
    author: str = strawberry.field(description="Who saved it last.")
    note: str | None = strawberry.field(description="What it is for, in their words.")
    saved_at: datetime = strawberry.field(description="When it was saved last.")

    @classmethod
    def of(cls, draft: DraftValue) -> "Draft":
        return cls(name=draft.name, file=draft.file, author=draft.author, note=draft.note, saved_at=draft.saved_at)

    @resolved("What publishing it would change now.")
    async def plan(self, info: Info) -> Plan:
        return await planned(info.context, self.file)


@strawberry.type(description="One state of the programme that was published.")
class Revision:
    number: int = strawberry.field(description="From 1; the highest is in force.")
    applied_at: datetime = strawberry.field(description="When it was published.")
    author: str = strawberry.field(description="Who published it.")
    note: str | None = strawberry.field(description="Why, in their words.")
    since: date | None = strawberry.field(description="The past day from which it takes effect. Null: from then on.")
    back_to: int | None = strawberry.field(
        description="The revision to which it goes back, as if none had been published since. Null: it undoes nothing."
    )
    pending: bool = strawberry.field(description="Whether members' past activities are still being judged again.")
    changes: list[Change] = strawberry.field(description="What it changed.")

    @classmethod
    def of(cls, record: RevisionRecord) -> "Revision":
        return cls(
            number=record.number,
            applied_at=record.applied_at,
            author=record.author,
            note=record.note,
            since=record.since,
            back_to=record.back_to,
            pending=record.pending,
            changes=[Change.of(change) for change in record.changes],
        )


@strawberry.type(description="What came of publishing.")
class PublishPayload:
    revision: Revision | None = strawberry.field(description="The revision in force now. Null when there was an error.")
    unchanged: bool = strawberry.field(
        description="Nothing was published, because what is in force says the same already: revision is that of "
        "before, with its own author and note."
    )
    mistakes: list[Finding] = strawberry.field(
        description="What is wrong with the file, with places. Then errors has one of PROGRAMME_INVALID."
    )
    errors: list[Problem] = strawberry.field(description="Why it could not be published. Empty when it could.")


@strawberry.type(description="A draft as it was kept, and what publishing it would change.")
class SaveDraftPayload:
    draft: Draft | None = strawberry.field(description="The draft. Null when it could not be kept.")
    errors: list[Problem] = strawberry.field(description="Why it could not be kept.")


@strawberry.type(description="Whether a draft was deleted.")
class DeleteDraftPayload:
    deleted: bool = strawberry.field(description="False when there was none of that name.")


@strawberry.input(description="A draft to keep.")
class SaveDraftInput:
    name: str = strawberry.field(description="What it is called: another of this name is replaced.")
    file: str = strawberry.field(description="A programme file, as YAML.")
    note: str | None = strawberry.field(
        default=None, description=f"What it is for, in at most {NOTE_LENGTH_MAX} characters."
    )


@strawberry.input(description="A draft to forget.")
class DeleteDraftInput:
    name: str = strawberry.field(description="What it is called.")


@strawberry.input(description="A draft to publish.")
class PublishInput:
    draft: str = strawberry.field(description="What it is called.")
    note: str | None = strawberry.field(
        default=None,
        description=f"Why, for those who read the revisions later, in at most {NOTE_LENGTH_MAX} characters.",
    )
    since: date | None = strawberry.field(
        default=None, description="Judge all activities since this day again. Left out: it counts from now on."
    )


@strawberry.input(description="An earlier revision to return to.")
class RestoreRevisionInput:
    number: int = strawberry.field(description="Its number.")
    note: str | None = strawberry.field(default=None, description=f"Why, in at most {NOTE_LENGTH_MAX} characters.")
    since: date | None = strawberry.field(
        default=None, description="Judge all activities since this day again. Left out: it counts from now on."
    )


@strawberry.input(description="A revision to undo, with all after it.")
class UndoRevisionInput:
    number: int | None = strawberry.field(default=None, description="Its number. Left out: the newest alone.")
    note: str | None = strawberry.field(default=None, description="Why.")


File = Annotated[str, strawberry.argument(description="A programme file, as YAML.")]


@strawberry.type
class RevisionQueries:
    """Root fields about revisions and drafts."""

    @resolved(f"The latest revisions, the newest first; at most {REVISIONS_MAX}.", Access())
    async def revisions(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many.")] = 20
    ) -> list[Revision] | None:
        newest = (await info.context.revision()).number
        count = max(0, min(first, REVISIONS_MAX))
        async with info.context.reading() as work:
            records = await chronicle(work, first=max(1, newest - count + 1)) if count else []
        return [Revision.of(record) for record in records]

    @resolved("What publishing a file would change, and what is wrong with it.", Access())
    async def plan(self, info: Info, file: File) -> Plan | None:
        return await planned(info.context, file)

    @resolved("The programme in force as a file. Publishing it changes nothing.", Access())
    async def programme_file(self, info: Info) -> str | None:
        return export((await info.context.revision()).programme)

    @resolved("All drafts, the latest saved first.", Access())
    async def drafts(self, info: Info) -> list[Draft] | None:
        async with info.context.reading() as work:
            return [Draft.of(draft) for draft in await drafts(work)]


@strawberry.type
class RevisionMutations:
    """Root fields that change the programme."""

    @resolved("Keep a file as a draft. One with mistakes is kept too; its plan tells them.", Access())
    async def save_draft(
        self, info: Info, input: Annotated[SaveDraftInput, strawberry.argument(description="The draft.")]
    ) -> SaveDraftPayload | None:
        context = info.context
        saved = await attempted_writing(
            context,
            lambda work: save_draft(
                work, input.name, input.file, author=context.caller.author, note=input.note, now=context.now()
            ),
        )
        return SaveDraftPayload(draft=Draft.of(saved.done) if saved.done else None, errors=saved.errors)

    @resolved("Forget a draft.", Access())
    async def delete_draft(
        self, info: Info, input: Annotated[DeleteDraftInput, strawberry.argument(description="The draft.")]
    ) -> DeleteDraftPayload | None:
        deleted = await attempted_writing(info.context, lambda work: delete_draft(work, input.name))
        return DeleteDraftPayload(deleted=not deleted.errors)

    @resolved("Publish a draft: from now on, or with effect from a past day.", Access())
    async def publish(
        self, info: Info, input: Annotated[PublishInput, strawberry.argument(description="The draft, and how.")]
    ) -> PublishPayload | None:
        context = info.context

        async def publishing(work: UnitOfWork) -> PlanValue:
            return await apply(
                work,
                context.service.revisions,
                (await draft_named(work, input.draft)).programme(),
                now=context.now(),
                author=context.caller.author,
                note=input.note,
                since=input.since,
            )

        return await _published(context, publishing, looks_back=input.since is not None)

    @resolved("Return to what an earlier revision said, as a new revision.", Access())
    async def restore_revision(
        self, info: Info, input: Annotated[RestoreRevisionInput, strawberry.argument(description="The revision.")]
    ) -> PublishPayload | None:
        context = info.context
        return await _published(
            context,
            lambda work: restore(
                work,
                context.service.revisions,
                input.number,
                since=input.since,
                author=context.caller.author,
                note=input.note,
                now=context.now(),
            ),
            looks_back=input.since is not None,
        )

    @resolved(
        "Make everything as if a revision, and all after it, had not been published, as a new revision.", Access()
    )
    async def undo_revision(
        self, info: Info, input: Annotated[UndoRevisionInput, strawberry.argument(description="The revision.")]
    ) -> PublishPayload | None:
        context = info.context

        async def undoing(work: UnitOfWork) -> PlanValue:
            undone = await undo(
                work,
                context.service.revisions,
                input.number,
                author=context.caller.author,
                note=input.note,
                now=context.now(),
            )
            return undone.plan

        return await _published(context, undoing, looks_back=True)


async def planned(context: Context, file: str) -> Plan:
    """What publishing a file would change."""
    try:
        declared: ProgrammeValue = parse(file)
        revisions = context.service.revisions
        async with context.reading() as work:
            found: PlanValue = await plan(work, revisions, declared)
            told = sift(await warnings(work, revisions, declared, now=context.now()), found)
    except (ProgrammeInvalid, PlanRefused) as refused:
        newest = await _newest(context)
        return Plan(
            revision=newest,
            changes=[],
            warnings=[],
            other_warnings=[],
            mistakes=findings(refused.mistakes),
            costs=[],
            text=None,
        )
    return Plan(
        revision=found.revision,
        changes=[Change.of(change) for change in found.changes],
        warnings=[Finding.of_advice(advice) for advice in told.changed],
        other_warnings=[Finding.of_advice(advice) for advice in told.unchanged],
        mistakes=[],
        costs=[PodiumCost.of(cost) for cost in found.costs()],
        text=found.text(),
    )


async def _newest(context: Context) -> int:
    try:
        return (await context.revision()).number
    except NoProgramme:
        return 0


async def _published(
    context: Context, publish: Callable[[UnitOfWork], Awaitable[PlanValue]], *, looks_back: bool
) -> PublishPayload:
    async def publishing(work: UnitOfWork) -> tuple[Revision, bool]:
        done = await publish(work)
        (record,) = await chronicle(work, first=done.revision, last=done.revision)
        return Revision.of(record), not done.changes and not looks_back

    published = await attempted_writing(context, publishing)
    revision, unchanged = published.done or (None, False)
    return PublishPayload(revision=revision, unchanged=unchanged, mistakes=published.mistakes, errors=published.errors)
