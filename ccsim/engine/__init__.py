"""One day played: luck drawn first (`draws`), then a floor that has none (`reference`, `kernel`)."""
