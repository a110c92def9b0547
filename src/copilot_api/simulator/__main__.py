"""`python -m copilot_api.simulator --port N [--host H]`: run the simulator until interrupted."""

import argparse
import asyncio
import contextlib
import importlib.util
import signal
import sys

from copilot_api.simulator.app import start
from copilot_api.simulator.world.accounts import PLANS
from copilot_api.simulator.world.universe import Options, Simulator


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m copilot_api.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free port and prints it")
    parser.add_argument("--account", choices=PLANS, default="individual", help="who the device flow logs in")
    parser.add_argument("--interval", type=float, default=5, help="poll interval of the device flow, seconds")
    parser.add_argument("--no-record", action="store_true", help="keep no requests (benchmarks)")
    return parser.parse_args(argv)


async def _serve(arguments: argparse.Namespace) -> None:
    options = Options(
        account=arguments.account,
        device_interval_s=arguments.interval,
        records=not arguments.no_record,
    )
    simulator = Simulator(options)
    runner = await start(simulator, arguments.host, arguments.port)
    print(f"simulator listening on {simulator.url}", flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    try:
        await stopped.wait()
    finally:
        await runner.cleanup()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    arguments = _arguments(argv)
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop  # noqa: PLC0415  absent on Windows

        uvloop.run(_serve(arguments))
    else:
        asyncio.run(_serve(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
