"""Counts by interval of the days to come, from those of the past: `forecast(read_counts("calls.csv"), first, last)`."""

from ccsim.fitting.forecasting.forecast import Forecast, forecast

__all__ = ["Forecast", "forecast"]
