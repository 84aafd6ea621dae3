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
        figures = f"ours {self.ours:>10,.0f}  limit {self.limit:>10,.0f}  ratio {self.ratio:5.3f}"
        return f"{self.name:26} {figures}  {self.unit}"
