"""What a person says when they correct or change something: why."""

from activity.intake import Refused

REASON_LENGTH_MAX = 500
NOTE_LENGTH_MAX = 500


def checked_reason(reason: object, readers: str = "the member") -> str:
    """A reason in words, for those who can read it. Raises Refused."""
    if not isinstance(reason, str) or not reason.strip():
        raise Refused("reason", f"reason is missing; say why in a few words, as {readers} will read it")
    return _checked("reason", reason, REASON_LENGTH_MAX)


def checked_note(note: str | None) -> str | None:
    """A note for those who read the revisions or drafts later, if there is one. Raises Refused."""
    return (_checked("note", note, NOTE_LENGTH_MAX) if note else None) or None


def _checked(field: str, text: str, most: int) -> str:
    told = text.strip()
    if len(told) > most:
        raise Refused(
            field, f"{field} has {len(told):,} characters; at most {most} are allowed: say it in short, or link to it"
        )
    if "\0" in told:
        raise Refused(field, f"{field} contains a NUL character; remove it")
    if any("\ud800" <= character <= "\udfff" for character in told):
        raise Refused(field, f"{field} is not valid UTF-8: it contains a stray byte or half of a surrogate pair")
    return told
