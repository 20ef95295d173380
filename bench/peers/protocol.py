"""How a peer answers peers.mjs: a JSON line in, a JSON line out. Frameworks may print what they like."""

import json
import os
import resource
import sys
import traceback


def serve(tasks):
    """tasks[name](**settings) prepares, warms up and returns what is measured: a function that gives seconds or bytes.

    A measurement may also give a dict of several numbers.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    prepared = {}
    for line in sys.stdin:
        try:
            if line not in prepared:
                settings = json.loads(line)
                prepared[line] = tasks[settings.pop("task")](**settings)
            value = prepared[line]()
            answer = value if isinstance(value, dict) else {"value": value}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
        print(json.dumps(answer), file=answers, flush=True)


def peak_memory():
    """Bytes: Linux' high-water mark of this process, elsewhere what the system tells of it."""
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on a Mac
