"""Where files are dropped: a form of the browser's own, which works without a script and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from ccsim.web.refusals import LOG
from ccsim.web.views.frame import say


def drop_zone(action: str, act: str, title: str, words: str, endings: Sequence[str], largest: int, too_large: str) -> None:
    """A form whose field takes one file with one of the endings, and sends it to the address `action` when `act` is pressed.

    A file of more than `largest` bytes is not sent: its size is told, and `too_large`.
    """
    form = ui.element("form").classes("zone").props(f'method="post" action="{action}" enctype="multipart/form-data"')
    with form:
        with ui.element("label").props('for="file"').style("flex: 1 1 24rem"):
            ui.label(title).style("font-weight: 600")
            say(words, "soft")
        ui.element("input").props(f'type="file" name="file" id="file" required accept="{",".join(endings)}"')
        with ui.element("button").props('type="submit"'):
            ui.label(act)
    fault = say("", "fault")
    fault.set_visibility(False)

    def refuse(size: int) -> None:
        LOG.warning("refused: a file of %d bytes for %s, which the browser did not send", size, action)
        fault.set_text(f"That was not taken: the file has {size / 1e6:.1f} MB. {too_large}")
        fault.set_visibility(True)

    form.on(
        "submit",
        lambda event: refuse(int(event.args)),
        js_handler=f"(e) => {{ const one = document.getElementById('file').files[0]; "
        f"if (one && one.size > {largest}) {{ e.preventDefault(); emit(one.size) }} }}",
    )
