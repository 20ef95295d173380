"""Runs cells, one after the other, in our kernel and writes what came back: a JSON list in a file.

    python run_cells.py FOLDER ANSWERS < cells.json

cells.json is a list of sources, or of {"code": source, ...} with "cellId" and the fields of an execute_request;
{"write": file, "text": content} edits a file, and {"interrupt": seconds} presses Stop that long after the next cell has
begun, or with "shown" after its first output; {"atOnce": [...]} sends several cells without waiting, as Run All does; {"message": type, "content": ...} sends
another message, on "channel"; {"wait": seconds} waits; {"code": source, "after": text} in "atOnce" is sent when the cell
before it has shown that text, whether it has ended or not.
"""

import json
import queue
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
by_request = {}
stop_at = []  # texts in the next cell's output
interrupts = []  # that wait for the next output


def send(cell):
    """Sends one cell; its answer is filled in by `receive` and `run`."""
    fields = {"code": cell} if isinstance(cell, str) else dict(cell)
    cell_id = fields.pop("cellId", None)
    content = {"silent": False, "store_history": True, "stop_on_error": True, "user_expressions": {}, **fields}
    message = client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
    client.shell_channel.send(message)
    by_request[message["header"]["msg_id"]] = {"stdout": "", "stderr": "", "displays": [], "inputs": []}
    return message["header"]["msg_id"]


def receive(timeout):
    """Adds one message of the kernel to the answer that it belongs to, also when its cell has ended."""
    message = client.get_iopub_msg(timeout=timeout)
    request = message["parent_header"].get("msg_id")
    kind, content = message["header"]["msg_type"], message["content"]
    answer = by_request.get(request)
    if answer is None:
        return
    if kind in ("stream", "display_data"):
        while interrupts:
            interrupt(interrupts.pop())
    if kind == "stream":
        answer[content["name"]] += content["text"]
        if stop_at and stop_at[0] in answer["stdout"]:
            stop_at.pop(0)
            manager.interrupt_kernel()
    elif kind in ("display_data", "update_display_data"):
        answer["displays"].append(content["data"])
    elif kind == "execute_result":
        answer["result"] = {"count": content["execution_count"], "data": content["data"]}
    elif kind == "execute_input":
        answer["inputs"].append(content["execution_count"])
    elif kind == "error":
        answer["error"] = {key: content[key] for key in ("ename", "evalue", "traceback")}
    elif kind == "status" and content["execution_state"] == "idle":
        answer["idle"] = True
    elif kind != "status":
        answer.setdefault("others", []).append({"type": kind, "content": content})


def interrupt(seconds):
    threading.Timer(seconds, manager.interrupt_kernel).start()


def run(cells):
    """Sends the cells, and collects each one's output until it has ended."""
    sent = []
    for cell in cells:
        fields = {"code": cell} if isinstance(cell, str) else dict(cell)
        text = fields.pop("after", None)
        while text and text not in json.dumps(by_request[sent[-1]]):
            receive(180)
        sent.append(send(fields))
    while not all("idle" in by_request[request] for request in sent):
        receive(180)
    unanswered = set(sent)
    while unanswered:
        reply = client.get_shell_msg(timeout=180)
        request, content = reply["parent_header"].get("msg_id"), reply["content"]
        if request not in unanswered:
            continue
        unanswered.discard(request)
        by_request[request].update(status=content["status"], count=content.get("execution_count"))
    return [by_request[request] for request in sent]


def exchange(cell):
    """Sends a message that is not a cell. Its answer has the reply, if one comes."""
    channel = client.control_channel if cell.get("channel") == "control" else client.shell_channel
    message = client.session.msg(cell["message"], cell["content"])
    channel.send(message)
    answer = by_request[message["header"]["msg_id"]] = {"stdout": "", "stderr": "", "displays": [], "inputs": []}
    while "idle" not in answer:
        receive(180)
    try:
        reply = channel.get_msg(timeout=0.3)
        answer["reply"] = {"type": reply["header"]["msg_type"], "content": reply["content"]}
    except queue.Empty:
        pass
    return answer


def wait(seconds):
    """Receives what earlier cells still send."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            receive(left)
        except queue.Empty:
            return


try:
    for cell in json.load(sys.stdin):
        if isinstance(cell, str) or "code" in cell:
            answers.extend(run([cell]))
        elif "interrupt" in cell:
            if cell.get("shown"):
                interrupts.append(cell["interrupt"])
            else:
                interrupt(cell["interrupt"])
        elif "stopAt" in cell:
            stop_at.append(cell["stopAt"])
        elif "write" in cell:
            Path(cell["write"]).write_text(cell["text"], encoding="utf-8")
            time.sleep(1.2)  # the compiler looks at files now and then
        elif "wait" in cell:
            wait(cell["wait"])
        elif "message" in cell:
            answers.append(exchange(cell))
        else:
            answers.extend(run(cell["atOnce"]))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
Path(sys.argv[2]).write_text(json.dumps(answers), encoding="utf-8")
