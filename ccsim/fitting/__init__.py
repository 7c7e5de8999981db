"""History into inputs: records of calls and people are read, checked, and become the numbers of a scenario, each with its interval."""
