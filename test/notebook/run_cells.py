"""Runs cells, one after the other, in our kernel and writes what came back: a JSON list in a file.

    python run_cells.py FOLDER ANSWERS < cells.json

cells.json is a list of sources; {"write": file, "text": content} edits a file, and {"interrupt": seconds} presses Stop
that long after the next cell has begun.
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
client.wait_for_ready(timeout=60)
answers = []
try:
    for cell in json.load(sys.stdin):
        if isinstance(cell, dict) and "interrupt" in cell:
            threading.Timer(cell["interrupt"], manager.interrupt_kernel).start()
            continue
        if isinstance(cell, dict):
            Path(cell["write"]).write_text(cell["text"], encoding="utf-8")
            time.sleep(1.2)  # the compiler looks at files now and then
            continue
        answer = {"stdout": "", "stderr": "", "displays": []}

        def collect(message):
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                answer[content["name"]] += content["text"]
            elif kind in ("display_data", "update_display_data"):
                answer["displays"].append(content["data"])
            elif kind == "error":
                answer["error"] = {key: content[key] for key in ("ename", "evalue", "traceback")}

        reply = client.execute_interactive(cell, timeout=60, stop_on_error=False, output_hook=collect)
        if reply["content"]["status"] != "ok":
            time.sleep(0.4)  # the kernel drops what was queued behind an error
        answers.append({**answer, "status": reply["content"]["status"], "count": reply["content"].get("execution_count")})
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
Path(sys.argv[2]).write_text(json.dumps(answers), encoding="utf-8")
