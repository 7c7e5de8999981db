"""Records: files dropped, and what can be asked of them: a scenario, a forecast, how well the days are predicted."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from fastapi import Request
from nicegui import app, ui
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from ccsim.errors import CcsimError
from ccsim.web import records
from ccsim.web.desk import Desk
from ccsim.web.guard import RECORDS_TOO_LARGE
from ccsim.web.studies import OF_THE_FOLDER
from ccsim.web.studies.study import Subject
from ccsim.web.views.drop import drop_zone
from ccsim.web.views.forms import Form
from ccsim.web.views.frame import Who, framed, head, link, place_of, say
from ccsim.web.views.studies import begin
from ccsim.web.workspace import LARGEST_RECORDS, RECORDS

PLACE = "/records"


def add(desk: Desk) -> None:
    """Put the view into the page."""

    @app.post("/records/drop")
    async def drop(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=4, max_part_size=LARGEST_RECORDS) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                return _back(desk, request, "no file was chosen")
            name, content = file.filename, await file.read(LARGEST_RECORDS + 1)
        try:
            await asyncio.to_thread(records.keep, desk.workspace, name, content)
        except CcsimError as fault:
            return _back(desk, request, records.in_fields_of_records(str(fault)))
        return RedirectResponse(PLACE, 303)

    @ui.page(PLACE, title="Records")
    async def view(notice: str = "", ask: str = "", again: str = "") -> None:
        who = Who()
        entries = await asyncio.to_thread(records.listed, desk.workspace)
        chosen = next((study for study in OF_THE_FOLDER if study.name == ask), OF_THE_FOLDER[0])
        boxes = await asyncio.to_thread(chosen.boxes, Subject(desk.workspace))
        fault = desk.notices.of(notice, who.seat)
        try:
            typed = await asyncio.to_thread(desk.typed, again) if again else None
        except CcsimError as unknown:
            fault, typed = str(unknown), None
        with framed("Records", PLACE, "From your records"):
            if fault:
                say(fault, "fault")
            _drop_zone()
            head(2, "Records in this folder")
            if not entries:
                say("None yet: drop a file above. It stays in this folder, and nothing of it leaves this machine.")
                return
            with ui.element("ul").classes("plain"):
                for entry in entries:
                    with ui.element("li"):
                        link(entry.name.removeprefix(f"{records.FOLDER}/"), f"/files/{quote(entry.name)}", download=True)
                        say(f"{entry.size / 1e6:,.1f} MB", "soft")
            with ui.element("nav").classes("line next").props('aria-label="What to ask of them"'):
                say("What to ask of them:", "soft")
                for study in OF_THE_FOLDER:
                    if study is not chosen:
                        link(study.title, place_of(PLACE, ask=study.name))
            head(2, chosen.title)
            say(chosen.asks)
            form = Form(boxes, typed)
            form.draw()
            begin(desk, chosen, "", form, who)


def _drop_zone() -> None:
    """Where records are dropped."""
    words = "Calls one a row, or counts by interval; a log of attendance, a roster. CSV, Excel or parquet, with your own headings."
    title = "Drop records here, or choose a file"
    drop_zone("/records/drop", "Keep it", title, words, tuple(RECORDS), LARGEST_RECORDS, RECORDS_TOO_LARGE)


def _back(desk: Desk, request: Request, sentence: str) -> Response:
    """To the view, with what was wrong."""
    key = desk.notices.keep(f"That was not taken: {sentence}", request.scope["ccsim.seat"])
    return RedirectResponse(place_of(PLACE, notice=key), 303)
