"""ccsim: a workforce staffing and shrinkage simulator for call centres."""

__version__ = "0.1.0"
