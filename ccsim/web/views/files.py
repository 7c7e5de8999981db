"""What goes in and out as files: drops, downloads, pictures."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from fastapi import Request
from nicegui import app
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from ccsim.errors import CcsimError
from ccsim.web.desk import Desk
from ccsim.web.workspace import LARGEST_UPLOAD

_SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_KINDS = {
    "report": "text/html; charset=utf-8",
    "rules": "text/html; charset=utf-8",
    "workbook": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def add(desk: Desk) -> None:
    """Put the addresses into the page."""

    @app.post("/drop")
    async def drop(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=4, max_part_size=LARGEST_UPLOAD) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                return _back(desk, request, "no file was chosen")
            name, content = file.filename, await file.read(LARGEST_UPLOAD + 1)
        try:
            place = await asyncio.to_thread(desk.dropped, name, content)
        except CcsimError as fault:
            return _back(desk, request, str(fault))
        return RedirectResponse(place, 303)

    @app.get("/files/{name:path}")
    def file(name: str) -> Response:
        try:
            content = desk.workspace.read(name)
        except CcsimError as fault:
            return PlainTextResponse(f"{fault}\n", 404)
        return _attached(content, name.rpartition("/")[2], "application/octet-stream")

    @app.get("/picture/{key}/{place}.svg")
    def picture(key: str, place: int) -> Response:
        try:
            content = desk.shelf.picture(key, place)
        except CcsimError as fault:
            return PlainTextResponse(f"{fault}\n", 404)
        headers = {"content-security-policy": _SEALED, "cache-control": "private, max-age=3600"}
        return Response(content, media_type="image/svg+xml", headers=headers)

    @app.get("/table/{key}/{place}")
    def table(key: str, place: int) -> Response:
        try:
            name, content = desk.shelf.table(key, place)
        except CcsimError as fault:
            return PlainTextResponse(f"{fault}\n", 404)
        return _attached(content, name, "text/csv; charset=utf-8")

    @app.get("/print/{key}")
    def print_page(key: str) -> Response:
        try:
            content = desk.shelf.page(key)
        except CcsimError as fault:
            return PlainTextResponse(f"{fault}\n", 404)
        return Response(content, media_type="text/html; charset=utf-8", headers={"content-security-policy": _SEALED})

    @app.get("/download/{key}/{what}")
    def download(key: str, what: str, look: int = 0) -> Response:
        number = key.removeprefix("run-")
        if not (key.startswith("run-") and number.isascii() and number.isdigit() and len(number) < 10):
            return PlainTextResponse("There is no such run here.\n", 404)
        try:
            if what == "scenario":
                name, content = desk.shelf.scenario_text(int(number))
                return _attached(content, name, "application/octet-stream")
            path = desk.shelf.made(int(number), what) if what in _KINDS else None
        except CcsimError as fault:
            return PlainTextResponse(f"{fault}\n", 404)
        if path is None:
            return PlainTextResponse("This is not made yet; the page of the run makes it.\n", 404)
        headers = {"content-security-policy": _SEALED}
        how = "inline" if look and path.suffix == ".html" else "attachment"
        return FileResponse(path, media_type=_KINDS[what], filename=path.name, content_disposition_type=how, headers=headers)


def _back(desk: Desk, request: Request, sentence: str) -> Response:
    """To the first view, with what was wrong."""
    key = desk.notices.keep(f"That was not taken: {sentence}", request.scope["ccsim.seat"])
    return RedirectResponse(f"/?notice={key}", 303)


def _attached(content: bytes, name: str, media: str) -> Response:
    """A file to be saved, never to be shown."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "content-security-policy": _SEALED}
    return Response(content, media_type=media, headers=headers)
