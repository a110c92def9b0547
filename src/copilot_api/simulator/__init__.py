"""A strict, deterministic GitHub + Copilot look-alike on one port.

Owns: everything demo mode, tests, self-test and benchmarks need instead of the real upstream.
Must never know: any other room of copilot_api; it shares no code with what it judges.
Manual: docs/simulator.md.
"""

from copilot_api.simulator.app import create_app, running_simulator, start
from copilot_api.simulator.world.universe import Options, Simulator

__all__ = ["Options", "Simulator", "create_app", "running_simulator", "start"]
