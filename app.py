"""The entry: `app` for an ASGI server, and the command line, which only dispatches.

    uvicorn app:app                                   # or: python app.py serve
    python app.py apply programmes/social-journey.yaml
    python app.py import members members.csv

Nothing connects when this is imported. It is the only module, beside the scheduler, that asks what time it is.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import commands
from errors import LaurelsError
from process import Terminated, terminate, terminating
from settings import Settings
from terminal import say

SCOPES = ("ingest", "read", "manage")
CLAIM_STATES = ("waiting", "approved", "refused", "withdrawn")
PAYOUT_STATES = ("awaiting-approval", "granted", "claimed", "delivered", "declined", "expired", "revoked")
PAYOUT_VERBS = {
    "approve": "let the winner claim a prize",
    "deliver": "say that a claimed prize was delivered; one in points gives the points",
    "revoke": "take back a prize that is not delivered; it goes to the next in line if the podium says so",
}

# What the process exits with when a person must mend something, and when one stopped it.
FAILED, STOPPED = 2, 130


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application, with the settings of the environment. Made when a server first calls it."""
    await _application()(scope, receive, send)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns what the process exits with."""
    chosen = vars(_parser().parse_args(arguments))
    run: Callable[..., int] = chosen.pop("run")
    try:
        with terminating(terminate):
            status = run(Settings.read(), now, **chosen)
        sys.stdout.flush()
        return status
    except LaurelsError as error:
        say(error, file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read what is printed has seen enough. Python would complain of the same at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt as stopped:
        print("Stopped.", file=sys.stderr)
        return stopped.status if isinstance(stopped, Terminated) else STOPPED


def now() -> datetime:
    return datetime.now(UTC)


@cache
def _application() -> Any:
    from api.http import create_app

    return create_app(Settings.read(), now)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python app.py", description="Laurels: rewards and leaderboards, asked over GraphQL.")
    add = parser.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser

    def command(name: str, run: Callable[..., int], text: str) -> ArgumentParser:
        added = add(name, help=text[0].lower() + text[1:].rstrip("."), description=text)
        added.set_defaults(run=run)
        return added

    command("serve", commands.serve, "Serve GraphQL, at the host and port of the settings.")
    command("demo", commands.demo, "Fill a store of its own with a made-up company, and serve it.")
    command("migrate", commands.migrate, "Bring the database to the schema of this version; every command does it too.")
    plan = command("plan", commands.plan, "Show what applying a programme file would change, like a difference.")
    apply = command("apply", commands.apply, "Make a programme file the one in force, in one transaction.")
    for each in (plan, apply):
        each.add_argument("file", metavar="FILE", help="a programme as YAML, such as programmes/social-journey.yaml")
    everything = "tell also what may not be meant in what does not change"
    plan.add_argument("--all", action="store_true", dest="everything", help=everything)
    apply.add_argument("--note", metavar="TEXT", help="why, for those who read the revisions later")
    apply.add_argument("--since", metavar="DATE", help="judge all activities since this day again; else from now on")
    simulate = command("simulate", commands.simulate, "Show what a programme file would have done since a past day.")
    simulate.add_argument("file", metavar="FILE", help="a programme as YAML")
    simulate.add_argument("--since", metavar="DATE", required=True, help="the first day that is judged again")
    simulate.add_argument("--until", metavar="DATE", help="the last one; today unless said")
    simulate.add_argument("--json", action="store_true", help="print the whole report as JSON")
    command(
        "catch-up", commands.catch_up, "Go on judging past activities again for an apply that was stopped half-way."
    )
    shown = command("revisions", commands.revisions, "Show who changed the programme, when, why and how.")
    shown.add_argument("number", metavar="NUMBER", type=int, nargs="?", help="one revision; all without it")
    restored = command("restore", commands.restore, "Return to an earlier revision, as a new one.")
    restored.add_argument("number", metavar="NUMBER", type=int, help="as revisions shows it")
    restored.add_argument("--note", metavar="TEXT", help="why")
    restored.add_argument("--since", metavar="DATE", help="judge all activities since this day again; else from now on")
    undone = command("undo", commands.undo, "Make everything as if the newest revision had not been published.")
    undone.add_argument("number", metavar="NUMBER", type=int, nargs="?", help="undo this one, and all after it")
    undone.add_argument("--note", metavar="TEXT", help="why")
    _add_corrections(command)
    _add_closings(command)
    moved = command("move-identity", commands.move_identity, "Give an identity, and what it did, to whom it belongs.")
    moved.add_argument("identity", metavar="IDENTITY", help="as reports write it, such as email:ada@example.org")
    moved.add_argument("to", metavar="MEMBER", help="the external id of whose it is")
    merged = command("merge-members", commands.merge_members, "Make one member of two who turned out to be one.")
    merged.add_argument("member", metavar="MEMBER", help="an external id: who is nobody from then on")
    merged.add_argument("into", metavar="INTO", help="the external id of who is left")
    for each in (moved, merged):
        each.add_argument("--reason", metavar="TEXT", required=True, help="why, as both members will read it")
        each.add_argument("--dry-run", action="store_true", help="say what would become of them; write nothing")
    command("export", commands.export, "Print the programme in force as a file that plans to no change.")
    command("verify", commands.verify, "Compute all results anew and compare; exits with 1 when anything differs.")
    unknown = command("unknown", commands.unknown, "List the people for whom activities are kept until they are known.")
    unknown.add_argument("--first", metavar="N", type=int, default=20, help="how many; 20 unless said")
    command("strip", commands.strip, "Take from old activities and claims what nothing reads, as the programme says.")
    command("rebuild-mirror", commands.rebuild_mirror, "Use what Redis has no more; whoever serves builds it anew.")
    command("schema", commands.schema, "Print the GraphQL schema.")
    _add_import(add("import", help="bring in members or activities from a file", description=IMPORT))
    _add_payouts(add("payouts", help="the prizes that were won, and where they are", description=PAYOUTS))
    _add_claims(add("claims", help="what members claimed, for review", description=CLAIMS))
    _add_key(add("key", help="make, list and revoke API keys", description="Make, list and revoke API keys."))
    return parser


def _add_corrections(command: Callable[[str, Callable[..., int], str], ArgumentParser]) -> None:
    retract = command("retract", commands.retract, "Take back an activity, and everything that followed from it.")
    retract.add_argument("source", metavar="SOURCE", help="the tool that reported it")
    retract.add_argument("id", metavar="ID", help="its id in that tool")
    adjust = command("adjust", commands.adjust, "Give a member points, or take some below 0.")
    adjust.add_argument("member", metavar="MEMBER", help="an external id")
    adjust.add_argument("points", metavar="POINTS", type=int, help="how many, such as 20 or -20")
    adjust.add_argument("--rule", metavar="KEY", help="count them on the boards that count this rule's points")
    adjust.add_argument("--at", metavar="TIME", help="when they count, such as 2026-11-12T09:30:00Z; now unless said")
    give = command("give", commands.give, "Give a member a badge.")
    take = command("take", commands.take, "Take a badge from a member.")
    for each in (give, take):
        each.add_argument("member", metavar="MEMBER", help="an external id")
        each.add_argument("badge", metavar="BADGE", help="its key in the programme")
    give.add_argument("--level", metavar="N", type=int, default=1, help="which of its levels; 1 unless said")
    take.add_argument("--level", metavar="N", type=int, help="one of its levels; all unless said")
    for each in (retract, adjust, give, take):
        each.add_argument("--reason", metavar="TEXT", required=True, help="why, as the member will read it")


def _add_closings(command: Callable[[str, Callable[..., int], str], ArgumentParser]) -> None:
    close = command("close", commands.close, "Close what is due, once, and let prizes expire; or one period early.")
    close.add_argument("board", metavar="BOARD", nargs="?", help="close a period of this board before it is due")
    close.add_argument("period", metavar="PERIOD", nargs="?", help="a key such as 2026-H1, or a date in the period")
    close.add_argument("--reason", metavar="TEXT", help="why it is closed early, as everybody will read it")
    reopen = command("reopen", commands.reopen, "Open a period again whose result is provisional.")
    disqualify = command("disqualify", commands.disqualify, "Take a member or team out of a provisional result.")
    reinstate = command("reinstate", commands.reinstate, "Let a disqualified member or team in again.")
    rehearse = command("rehearse", commands.rehearse, "Show the places of a period, and who would win, closed now.")
    for each in (reopen, disqualify, reinstate, rehearse):
        each.add_argument("board", metavar="BOARD", help="its key in the programme")
        each.add_argument("period", metavar="PERIOD", help="a key such as 2026-H1, or a date in the period")
    for each in (disqualify, reinstate):
        who = each.add_mutually_exclusive_group(required=True)
        who.add_argument("--member", metavar="MEMBER", help="an external id")
        who.add_argument("--team", metavar="TEAM", help="a name")
    for each in (reopen, disqualify, reinstate):
        each.add_argument("--reason", metavar="TEXT", required=True, help="why, as those concerned will read it")
    rehearse.add_argument("--places", metavar="N", type=int, default=10, help="how many places to show; 10 unless said")


IMPORT = """Bring in members or activities from a CSV or JSONL file. What is there already is not brought in twice, so
the same file can be imported again. Exits with 1 when a line was refused. A file in other columns, JSON or a feed
needs a mapping: see docs/importing.md."""

IMPORT_MEMBERS = """Create or change members. Columns: external_id, name, alias, team, location, department,
time_zone, participates, attributes.NAME for each attribute of the programme, and identities.KIND for each kind of
identities, or identities for all of them, separated by semicolons. Only external_id must be there, and
name for who is new. A missing column leaves its fact as it is; an empty cell empties it, but for name,
participates and identities, which are only added."""

IMPORT_ACTIVITIES = """Record activities. Columns: source, id, type, member, time, and data.FIELD for each field, or
data with an object as JSON; contributors, if there are any, are external ids separated by semicolons. Lines of JSONL
are objects as in GraphQL."""


def _add_import(parser: ArgumentParser) -> None:
    what = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    for name, description in (("members", IMPORT_MEMBERS), ("activities", IMPORT_ACTIVITIES)):
        text = description.split(".")[0]
        added = what.add_parser(name, help=text[0].lower() + text[1:], description=description)
        added.add_argument("file", metavar="FILE", help="ends in .csv, .jsonl or .ndjson; of any shape with --mapping")
        added.add_argument("--mapping", metavar="FILE", help="a YAML file that says what the columns mean")
        added.add_argument("--dry-run", action="store_true", help="say what would become of every line; write nothing")
        added.add_argument("--report", metavar="FILE", help="write every refused line here: line, field, reason, id")
        going = "also where the first thousand lines are all refused for one reason"
        added.add_argument("--keep-going", action="store_true", help=going)
        if name == "members":
            added.add_argument(
                "--complete", action="store_true", help="who is missing in the file has left; asks first"
            )
            added.add_argument("--yes", action="store_true", help="with --complete: do not ask, for up to half of all")
        added.set_defaults(run=commands.load, what=name)


PAYOUTS = (
    "List the prizes that podiums gave, approve them, and say which were delivered. Winners claim or decline theirs."
)


def _add_payouts(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="list payouts by number, and where they are")
    listed.add_argument("--podium", metavar="KEY", help="only those of this podium")
    listed.add_argument("--period", metavar="PERIOD", help="and of this period: its key, or any date in it")
    listed.add_argument("--state", choices=PAYOUT_STATES, help="only those in this state")
    listed.set_defaults(run=commands.list_payouts)
    for verb, text in PAYOUT_VERBS.items():
        moved = verbs.add_parser(verb, help=text)
        moved.add_argument("number", metavar="NUMBER", type=int, help="as payouts list shows it")
        moved.add_argument("--reason", metavar="TEXT", required=verb == "revoke", help="why, for whoever looks later")
        moved.set_defaults(run=commands.move_payout, verb=verb)


CLAIMS = "List what members claimed to have done, approve it, so that it counts at its own time, or refuse it."


def _add_claims(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="list claims by number, and where they are")
    listed.add_argument("--state", choices=CLAIM_STATES, help="only those in this state")
    listed.add_argument("--member", metavar="MEMBER", help="only those of this member: an external id")
    listed.add_argument("--first", metavar="N", type=int, default=20, help="how many, the oldest first; 20 unless said")
    listed.set_defaults(run=commands.list_claims)
    approved = verbs.add_parser("approve", help="record what was claimed; exits with 1 when any could not be")
    approved.add_argument("numbers", metavar="NUMBER", type=int, nargs="+", help="as claims list shows it")
    approved.set_defaults(run=commands.approve_claims)
    refused = verbs.add_parser("refuse", help="refuse what was claimed")
    refused.add_argument("number", metavar="NUMBER", type=int, help="as claims list shows it")
    refused.add_argument("--reason", metavar="TEXT", required=True, help="why, as the member will read it")
    refused.set_defaults(run=commands.refuse_claim)


def _add_key(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    create = verbs.add_parser("create", help="make a key and print it; it is shown only now")
    create.add_argument(
        "--scope", action="append", required=True, choices=SCOPES, dest="scopes", help="what it may do; may be repeated"
    )
    create.add_argument("--name", default="", help="what or whom it is for")
    create.add_argument(
        "--member", metavar="MEMBER", help="the external id of whom it acts for: nobody rewards or corrects themself"
    )
    create.set_defaults(run=commands.create_key)
    verbs.add_parser("list", help="list keys by id, without the keys themselves").set_defaults(run=commands.list_keys)
    revoke = verbs.add_parser("revoke", help="make a key useless from now on")
    revoke.add_argument("id", type=int, metavar="ID", help="as key list shows it")
    revoke.set_defaults(run=commands.revoke_key)


if __name__ == "__main__":
    sys.exit(main())
