"""Studies: the questions that can be asked of a scenario besides playing it, each described in one place.

A study is a name, its fields, what answers it in a worker, and what is checked before (`ccsim.web.studies.study`). The form, the job with
its progress, who may end it, keeping the answer, the page that shows it and its downloads are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ccsim.errors import InputError
from ccsim.units import shown
from ccsim.web.studies import explain, pool, records_backtest, records_fit, records_forecast, rules, schedule, size, staff, sweep
from ccsim.web.studies.study import Study

# Of a scenario, in the order in which its view offers them
OF_A_SCENARIO: Final = (
    staff.STUDY, schedule.SHIFTS, schedule.PEOPLE, schedule.SLOTS, size.STUDY, sweep.STUDY, explain.STUDY, rules.STUDY,
)  # fmt: skip
# Of the contingents of a scenario, begun from a view of their own
OF_A_POOL: Final = (pool.NOW, pool.CARD)
# Of the folder, begun from views of their own
OF_THE_FOLDER: Final = (records_fit.STUDY, records_forecast.STUDY, records_backtest.STUDY)
STUDIES: Final[Mapping[str, Study]] = {study.name: study for study in (*OF_A_SCENARIO, *OF_A_POOL, *OF_THE_FOLDER)}


def study_of(name: str) -> Study:
    """The study of that name; raises `InputError`."""
    if name not in STUDIES:
        raise InputError(f"there is no study {shown(name, 40)} here")
    return STUDIES[name]
