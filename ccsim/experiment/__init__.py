"""Many days become an estimate: replications, their intervals, and how long to go on."""
