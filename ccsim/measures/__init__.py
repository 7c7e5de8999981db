"""What a played day means to a planner: every measure defined once, as sums over sums that are read off a day."""
