"""What is counted, in a word for one and a word for many: those that the programme file gives, or the likeliest.

>>> noun = Noun("colleague", "colleagues")
>>> noun.counted(1), noun.counted(5)
('one colleague', '5 colleagues')
"""

import re
from dataclasses import dataclass

WORDS_MAX = 2  # of a title that are surely one noun: "group chat"; a third may say more of it: "idea taken up"


@dataclass(frozen=True, slots=True)
class Noun:
    """The words for one and for many: colleague, colleagues."""

    one: str
    many: str

    def counted(self, number: int) -> str:
        return f"one {self.one}" if number == 1 else f"{number:,} {self.many}"


def noun_of_field(name: str) -> Noun:
    """The values of a field.

    >>> noun_of_field("topic").many, noun_of_field("own_topics").one
    ('topics', 'own topic')
    """
    words = name.replace("_", " ").strip()
    return Noun(_singular(words), words) if is_plural(words) else Noun(words, _plural(words))


def noun_of_title(title: str) -> Noun | None:
    """What an activity type's title says that somebody did one of; None where that is not sure.

    >>> noun_of_title("Published an article"), noun_of_title("Created an account on a network").many
    (Noun(one='article', many='articles'), 'accounts')
    """
    found = re.fullmatch(r"\w+ an? ([\w' -]+?)(?: (?:about|at|by|for|from|in|of|on|to|with) .+)?", title.strip())
    words = found[1].split() if found else []
    if not words or len(words) > WORDS_MAX or {"or", "and"} & set(words) or is_plural(words[-1]):
        return None
    return Noun(" ".join(words), _plural(" ".join(words)))


def is_plural(words: str) -> bool:
    """Whether a word looks like one for many."""
    return len(words) > 2 and words.endswith("s") and not words.endswith(("ss", "us", "is"))


def _plural(words: str) -> str:
    if re.search("[^aeiou]y$", words):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("s", "x", "z", "ch", "sh")) else f"{words}s"


def _singular(words: str) -> str:
    return f"{words[:-3]}y" if words.endswith("ies") else words[:-1]
