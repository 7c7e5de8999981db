"""How many people: what each interval needs."""

from __future__ import annotations

from ccsim.staffing.cover import cover, nearest
from ccsim.staffing.requirement import Beside, Requirement, beside, planned_on_duty, requirement

__all__ = ["Beside", "Requirement", "beside", "cover", "nearest", "planned_on_duty", "requirement"]
