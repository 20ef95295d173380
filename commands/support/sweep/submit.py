"""Submits runs to a Dask scheduler, one task each, and tells of each run that ends.

Reads one JSON line, {"scheduler": address, "command": [program, ...], "runs": {name: text}}. A worker performs a run by
starting the command with the run's text as its first line of input; the command answers with a JSON line {"error", …}.

Writes a JSON line {"name", "error", …} as each run ends; "error" is null when all went well. A line without a name says why
nothing could be submitted. When this program's own input ends, runs that have not begun are cancelled and those that have
are stopped.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid

from distributed import Client, Event, Future, as_completed
from distributed.scheduler import KilledWorker


def perform(command: list[str], text: str, stop: str) -> dict:
    """Performs a run on the worker.

    The command's input stays open as long as the run is wanted: should this worker die, it ends too.

    :param stop: name of the event that is set when the sweep is stopped
    :return: the command's answer
    """
    stopped = Event(stop)
    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=answer, stderr=printed, text=True)
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
        while process.poll() is None and not stopped.wait(timeout=1):
            pass
        process.stdin.close()
        process.wait()
        answer.seek(0)
        line = answer.readline()
        if line:
            return json.loads(line)
        printed.seek(0)
        return {"error": printed.read().strip() or f"exit code {process.returncode}"}


def outcome(future: Future) -> dict:
    """The command's answer, or why there is none."""
    if future.cancelled():
        return {"error": "cancelled"}
    error = future.exception()
    if isinstance(error, KilledWorker):
        return {"error": "the workers that had it have died"}
    return {"error": f"{type(error).__name__}: {error}"} if error else future.result()


def main() -> None:
    ending = threading.Event()
    # Ctrl-C reaches every program of the terminal: at the first our input ends, at the second this program.
    signal.signal(signal.SIGINT, lambda *_: os._exit(1) if ending.is_set() else None)
    order = json.loads(sys.stdin.readline())
    try:
        client = Client(order["scheduler"], timeout="10s")
    except (OSError, ValueError) as error:
        print(json.dumps({"error": f"No Dask scheduler answers at {order['scheduler']}: {error}"}), flush=True)
        return
    sweep = f"image-denoiser-{uuid.uuid4()}"
    stop = Event(sweep, client=client)
    names = {
        client.submit(perform, order["command"], text, sweep, key=f"{sweep} {name}", pure=False): name
        for name, text in order["runs"].items()
    }

    def stop_when_input_ends() -> None:
        sys.stdin.read()
        ending.set()
        stop.set()
        at_workers = {key for keys in client.processing().values() for key in keys}  # these see the event
        client.cancel([future for future in names if future.key not in at_workers])

    threading.Thread(target=stop_when_input_ends, daemon=True).start()
    for future in as_completed(names):
        print(json.dumps({"name": names[future], **outcome(future)}), flush=True)


if __name__ == "__main__":
    main()
