"""The state of the simulated world: accounts, models, what was billed, what was received."""
