"""What may stand behind a key: the models' base, and the values that have more than one form."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from ccsim.inputs import kinds
from ccsim.inputs.faults import KeyFault, listed, nearest, plain
from ccsim.inputs.kinds import Name, PositiveDuration, Reads
from ccsim.units import shown

REQUIRED: Any = ...


def key(meaning: str, default: Any = None, *, left_out: str = "", start: str = "", name: str | None = None, built: bool = True) -> Any:
    """A key of the file: what it means, its default, what leaving it out means (where the default does not say), a starting value."""
    extra: dict[str, Any] = {"left_out": left_out, "start": start, "built": built}
    return Field(default, alias=name, description=meaning, json_schema_extra=extra)


class Keys(BaseModel):
    """Keys and values of one place in the file; refuses keys that are unknown or not built yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, title=None, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            found = shown(data) if isinstance(data, str) else "a list"
            raise kinds.custom_error(KeyFault(f"found {found}, where keys and values belong, such as {cls._example()}"))
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        blanks = {name.replace(" ", "_"): name for name in known}  # a name with blanks may be joined up
        told: dict[str, Any] = {}
        for written, value in data.items():
            word = written.replace("-", "_")
            word = blanks.get(word, word)
            if word not in known:
                raise kinds.custom_error(KeyFault(cls._unknown(written, list(known)), (written,), rank=0))
            extra = known[word].json_schema_extra
            if isinstance(extra, dict) and not extra["built"]:
                raise kinds.custom_error(
                    KeyFault("this key is part of the scenario file but not built yet in this version; leave it out", (written,), rank=0)
                )
            if word in told:
                how = "spelt in two ways" if " " in word else "once with a hyphen and once with an underscore"
                raise kinds.custom_error(KeyFault(f"this key is given twice, {how}; keep one", (written,)))
            told[word] = value
        return told

    @classmethod
    def _unknown(cls, written: str, known: list[str]) -> str:
        near = nearest(written, known)
        return f"there is no such key here; {f'did you mean `{near}`?' if near else f'the keys here are {listed(known, 30)}'}"

    @classmethod
    def _example(cls) -> str:
        first = next(field.alias or name for name, field in cls.model_fields.items())
        return f"`{first}: ...`"


def _shape(value: Any) -> str:
    """Tag of the form in which a value stands in the file, in angle brackets, which tell tags from keys in pydantic's paths."""
    return "<list>" if isinstance(value, list) else "<keys>" if isinstance(value, dict) or isinstance(value, BaseModel) else "<single>"


class Column(Keys):
    """A column of numbers in a CSV file beside the scenario."""

    file: Name = key("CSV file in the scenario's folder or below, with a heading; fields parted by commas, semicolons or tabs", REQUIRED)
    column: Name | None = key("Heading of the column", left_out="the file's only column")


def whole_number(lowest: int, highest: int) -> Reads:
    """A key that takes a whole number within limits."""
    words = f"{lowest:,} to {highest:,}"
    return Reads("whole number", kinds.whole(lowest, highest), words, {"type": "integer", "minimum": lowest, "maximum": highest})


def number_between(lowest: float, highest: float) -> Reads:
    """A key that takes a number within limits."""
    words = f"{lowest:,g} to {highest:,.0f}"
    return Reads("number", kinds.number(lowest, highest), words, {"type": "number", "minimum": lowest, "maximum": highest})


def one_of(*words: str) -> Reads:
    """A key that takes one of several words."""
    return Reads("one of " + ", ".join(words), kinds.choice(*words), "", kinds.choice_schema(*words))


class YearlyVolume(Keys):
    """Calls a year, spread over months and weekdays."""

    calls_a_year: Annotated[
        float, Reads("number", kinds.number(0, 1e11, "number of calls"), "0 to 100,000,000,000", {"type": "number", "minimum": 0})
    ] = key("Calls in one calendar year", REQUIRED, name="calls a year")
    year: Annotated[int, whole_number(1900, 9000)] | None = key("The calendar year of `calls a year`", left_out="the year of `date`")
    growth: kinds.SignedShare = key("Growth from each calendar year to the next", 0.0, left_out="0 %")
    low: kinds.SignedShare | None = key("Lowest the year may come to, against the plan; for sizing", left_out="no range", start="-20 %")
    high: kinds.SignedShare | None = key("Highest the year may come to, against the plan; for sizing", left_out="no range", start="20 %")
    months: kinds.Months | None = key("Relative weight of each month of the year", left_out="as many calls as its open days come to")
    weekdays: kinds.WeekdayFactors | None = key("Relative weight of each weekday within its month", left_out="1 each")


def _volume_shape(value: Any) -> str:
    yearly = {"calls_a_year", "calls_per_year", "year", "growth", "low", "high", "months"}
    if isinstance(value, dict) and any(plain(str(written)) in yearly for written in value):
        return "<year>"
    return _shape(value)


_CALLS = kinds.number(0, 100_000_000, "number of calls")
_NUMBERS: kinds.Schema = {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1}
_DayVolume = Annotated[float, Reads("number", _CALLS, "0 to 100,000,000", {"type": "number", "minimum": 0, "maximum": 100_000_000})]
_Numbers = Annotated[tuple[float, ...], Reads("list of numbers", kinds.read_list(_CALLS, "numbers"), "each 0 to 100,000,000", _NUMBERS)]
_Counts = Annotated[
    tuple[int, ...],
    Reads(
        "list of whole numbers",
        kinds.read_list(kinds.whole(0, 1_000_000), "numbers"),
        "each 0 to 1,000,000",
        {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1_000_000}, "minItems": 1},
    ),
]
_Durations = Annotated[
    tuple[float, ...],
    Reads(
        "list of durations",
        kinds.read_list(kinds.read_positive_duration, "durations"),
        "each above 0 s",
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ),
]


def _keys_or_list(value: Any) -> str:
    """Tag of the form in which a value stands, where keys or a list will do."""
    return _shape(value).replace("single", "list")


def keys_or_single(value: Any) -> str:
    """Tag of the form in which a value stands, where keys or a single value will do."""
    return _shape(value).replace("list", "single")


Money = Annotated[float, number_between(0, 1e9)]
Factor = Annotated[float, Reads("number", kinds.number(0.01, 100), "0.01 to 100", {"type": "number", "minimum": 0.01, "maximum": 100})]
Volume = Annotated[
    Annotated[_DayVolume, Tag("<single>")]
    | Annotated[_Numbers, Tag("<list>")]
    | Annotated[Column, Tag("<keys>")]
    | Annotated[YearlyVolume, Tag("<year>")],
    Discriminator(_volume_shape),
]
Profile = Annotated[Annotated[_Numbers, Tag("<list>")] | Annotated[Column, Tag("<keys>")], Discriminator(_keys_or_list)]
Mean = Annotated[
    Annotated[PositiveDuration, Tag("<single>")] | Annotated[_Durations, Tag("<list>")] | Annotated[Column, Tag("<keys>")],
    Discriminator(_shape),
]
Agents = Annotated[
    Annotated[Annotated[int, whole_number(0, 1_000_000)], Tag("<single>")]
    | Annotated[_Counts, Tag("<list>")]
    | Annotated[Column, Tag("<keys>")],
    Discriminator(_shape),
]
