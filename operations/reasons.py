"""What a person says when they correct something: who they are, and why."""

from activity.intake import Refused

REASON_LENGTH_MAX = 500


def checked_reason(reason: object) -> str:
    """A reason in words. Raises Refused."""
    if not isinstance(reason, str) or not reason.strip():
        raise Refused("reason", "reason is missing; say why in a few words, as the member will read it")
    told = reason.strip()
    if len(told) > REASON_LENGTH_MAX:
        raise Refused("reason", f"reason has {len(told):,} characters; at most {REASON_LENGTH_MAX} are allowed")
    if "\0" in told:
        raise Refused("reason", "reason contains a NUL character; remove it")
    if any("\ud800" <= character <= "\udfff" for character in told):
        raise Refused("reason", "reason is not valid UTF-8: it contains half of a surrogate pair")
    return told
