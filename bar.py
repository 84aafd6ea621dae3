"""The bar that a terminal shows of long work, fitted to its width: how much is done and the time left always have room.

Where there is little, these go one by one: most of the bar, the longer words, the bar, the words, the end of the title.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from rich.console import RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Column

FIXED_WIDTH = len(" 100% 0:00:00")
BAR_WIDTH_MIN, BAR_WIDTH_MAX = 6, 40


class Bar(Progress):
    """The field `words` of a task says how far it is, in several ways, the longest first; "" stands for nothing."""

    _words_width = 0  # of the longest so far, so that nothing comes and goes with a digit

    @cached_property
    def _left(self) -> TimeRemainingColumn:
        return TimeRemainingColumn()  # one for all the time, as it shows no more than two times in a second

    def get_renderables(self) -> Iterable[RenderableType]:
        for task in self.tasks:
            self.columns = tuple(self._columns(task))
            yield self.make_tasks_table([task])

    def _columns(self, task: Task) -> Iterator[ProgressColumn]:
        longest, *others = task.fields["words"]
        self._words_width = max(self._words_width, len(longest))
        room = max(1, self.console.width - FIXED_WIDTH)
        yield _text(task.description, Column(no_wrap=True, overflow="ellipsis", max_width=room))
        room -= len(task.description)
        words = next((each for each in (longest.ljust(self._words_width), *others) if len(each) < room), "")
        room -= len(words) + 1 if words else 0
        if room > BAR_WIDTH_MIN:
            yield BarColumn(min(BAR_WIDTH_MAX, room - 1))
        yield TaskProgressColumn()
        if words:
            yield _text(words, Column(no_wrap=True))
        yield self._left


def _text(text: str, column: Column) -> TextColumn:
    return TextColumn(text.replace("{", "{{").replace("}", "}}"), markup=False, table_column=column)
