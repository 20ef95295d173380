"""Runs cells, one after the other, in our kernel and writes what came back: a JSON list in a file.

    python run_cells.py FOLDER ANSWERS < cells.json

cells.json is a list of sources; {"write": file, "text": content} edits a file, and {"interrupt": seconds} presses Stop
that long after the next cell has begun; {"atOnce": [...]} sends several cells without waiting, as Run All does.
"""

import json
import sys
import threading
import time
from pathlib import Path

from jupyter_client import KernelManager

manager = KernelManager(kernel_name="image-denoiser")
manager.start_kernel(cwd=sys.argv[1])
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=180)
answers = []


def run(sources):
    """Sends the cells, and collects each one's output until it has ended."""
    sent = {client.execute(source, stop_on_error=False): new_answer() for source in sources}
    unfinished = set(sent)
    while unfinished:
        message = client.get_iopub_msg(timeout=180)
        request = message["parent_header"].get("msg_id")
        kind, content = message["header"]["msg_type"], message["content"]
        if request not in sent:
            continue
        answer = sent[request]
        if kind == "stream":
            answer[content["name"]] += content["text"]
        elif kind in ("display_data", "update_display_data"):
            answer["displays"].append(content["data"])
        elif kind == "error":
            answer["error"] = {key: content[key] for key in ("ename", "evalue", "traceback")}
        elif kind == "status" and content["execution_state"] == "idle":
            unfinished.discard(request)
    unanswered = set(sent)
    while unanswered:
        reply = client.get_shell_msg(timeout=180)
        request, content = reply["parent_header"].get("msg_id"), reply["content"]
        if request not in sent:
            continue
        unanswered.discard(request)
        sent[request].update(status=content["status"], count=content.get("execution_count"))
        if content["status"] == "error":
            time.sleep(0.4)  # the kernel drops what was queued behind an error
    return list(sent.values())


def new_answer():
    return {"stdout": "", "stderr": "", "displays": []}


try:
    for cell in json.load(sys.stdin):
        if isinstance(cell, dict) and "interrupt" in cell:
            threading.Timer(cell["interrupt"], manager.interrupt_kernel).start()
            continue
        if isinstance(cell, dict) and "write" in cell:
            Path(cell["write"]).write_text(cell["text"], encoding="utf-8")
            time.sleep(1.2)  # the compiler looks at files now and then
            continue
        sources = cell["atOnce"] if isinstance(cell, dict) else [cell]
        answers.extend(run(sources))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
Path(sys.argv[2]).write_text(json.dumps(answers), encoding="utf-8")
