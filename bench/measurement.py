"""What a benchmark says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """Ours beside the bare limit, measured in turns in the same run. `ratio` is ours divided by the limit."""

    name: str
    ours: float
    limit: float
    ratio: float
    unit: str

    def line(self) -> str:
        return f"{self.name:28} ours {self.ours:>12,.0f}   limit {self.limit:>12,.0f}   ratio {self.ratio:6.3f}   {self.unit}"
