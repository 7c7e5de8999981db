"""What the page will not do for whoever asked."""

from __future__ import annotations

import logging

from ccsim.errors import CcsimError

LOG = logging.getLogger("ccsim.web")


class Refused(CcsimError):
    """What was asked is not done, and that is logged."""

    def __init__(self, sentence: str, why: str = "") -> None:
        super().__init__(sentence)
        LOG.warning("refused: %s", " ".join((why or sentence).split())[:400])
