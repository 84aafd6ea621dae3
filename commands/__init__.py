"""What each command does. Takes the settings and a clock; returns what the process exits with.

Functions import what they need: most need little, and answer before the rest would have been loaded.
"""

from commands.claims import approve_claims, list_claims, refuse_claim
from commands.closing import close, disqualify, rehearse, reinstate, reopen
from commands.corrections import adjust, give, retract, take
from commands.importing import load
from commands.keys import create_key, list_keys, revoke_key
from commands.moving import merge_members, move_identity
from commands.payouts import list_payouts, move_payout
from commands.publishing import apply, catch_up, export, plan, restore, revisions, simulate, undo
from commands.serving import demo, serve
from commands.unknown import unknown
from commands.upkeep import migrate, rebuild_mirror, schema, strip, verify

__all__ = [
    "adjust",
    "apply",
    "approve_claims",
    "catch_up",
    "close",
    "create_key",
    "demo",
    "disqualify",
    "export",
    "give",
    "list_claims",
    "list_keys",
    "list_payouts",
    "load",
    "merge_members",
    "migrate",
    "move_identity",
    "move_payout",
    "plan",
    "rebuild_mirror",
    "refuse_claim",
    "rehearse",
    "reinstate",
    "reopen",
    "restore",
    "retract",
    "revisions",
    "revoke_key",
    "schema",
    "serve",
    "simulate",
    "strip",
    "take",
    "undo",
    "unknown",
    "verify",
]
