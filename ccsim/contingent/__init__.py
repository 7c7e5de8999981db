"""When to call the contingents in: now, by a card, by a rule."""

from __future__ import annotations
