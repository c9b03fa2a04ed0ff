"""The progress line on stderr: only on a terminal, only after half a second, no invented percentages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressLine"]

PATIENCE_SECONDS = 0.5


class ProgressLine:
    """A progress callback `(phase, done, total)`; `total` None means that nobody knows how much is left.

    Examples
    --------
    >>> line = ProgressLine(enabled=False)
    >>> line("cells", 10, None)
    >>> line.close()
    """

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._since = time.monotonic()
        self._display: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` steps of `phase` are finished."""
        if not self._enabled or time.monotonic() - self._since < PATIENCE_SECONDS:
            return
        display = self._display or self._open()
        if phase not in self._tasks:
            self._tasks[phase] = display.add_task(phase, total=total)
        display.update(self._tasks[phase], completed=done, total=total)

    def close(self) -> None:
        """Take the line off the screen; the next call opens a new one."""
        if self._display is not None:
            self._display.stop()
            self._display, self._tasks = None, {}

    def _open(self) -> Progress:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        # "10/?" when the total is unknown: a bar would pretend to know it
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._display = Progress(*columns, console=Console(stderr=True), transient=True)
        self._display.start()
        return self._display
