"""Starts our kernel as VS Code's Jupyter extension does, tries what it does with a kernel, and prints what came of it.

    .setup/python/bin/python start_as_vscode.py NOTEBOOK_FOLDER

The extension starts kernels itself, without jupyter_client's KernelManager: it reads the kernelspecs of the Python
environment, writes a connection file, starts `argv` in the notebook's folder with its own environment, asks on both
channels for kernel_info, interrupts by SIGINT, and restarts by SIGTERM and a new process.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from jupyter_client import BlockingKernelClient

# As after a start from the desktop: no npm, no JUPYTER_PATH, and neither Node nor our Python on PATH.
ENVIRONMENT = {"HOME": tempfile.mkdtemp(), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "VSCODE_PID": "1"}
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def kernelspec():
    for file in Path(sys.prefix, "share", "jupyter", "kernels").glob("**/kernel.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["language"] == "typescript":
            return content
    sys.exit("no TypeScript kernel in this Python environment")


def connection_file():
    sockets = [socket.socket() for _ in PORTS]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = {name: each.getsockname()[1] for name, each in zip(PORTS, sockets)}
    for each in sockets:
        each.close()
    content = {"key": str(uuid.uuid4()), "signature_scheme": "hmac-sha256", "transport": "tcp", "ip": "127.0.0.1"}
    file = Path(tempfile.mkdtemp(), "kernel-v2-1 2.json")
    file.write_text(json.dumps({**content, **ports, "kernel_name": "python3jvsc74a57bd0"}), encoding="utf-8")
    return str(file)


class Kernel:
    def __init__(self):
        file = connection_file()
        argv = [part.replace("{connection_file}", file) for part in kernelspec()["argv"]]
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        self.process = subprocess.Popen(argv, cwd=sys.argv[1], env=ENVIRONMENT, **pipes)
        self.client = BlockingKernelClient(connection_file=file)
        self.client.load_connection_file()
        self.client.start_channels(hb=False)
        self.client.wait_for_ready(timeout=180)

    def ask(self, channel, kind, content):
        """The answer to a request on that channel."""
        message = self.client.session.msg(kind, content)
        at = getattr(self.client, f"{channel}_channel")
        at.send(message)
        while True:
            reply = at.get_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return {"type": reply["header"]["msg_type"], **reply["content"]}

    def run(self, code, once_busy=lambda: None):
        """What a cell prints and how it ends."""
        printed = []

        def collect(message):
            if message["header"]["msg_type"] == "execute_input":
                once_busy()
            elif message["header"]["msg_type"] == "stream":
                printed.append(message["content"]["text"])
            elif message["header"]["msg_type"] == "error":
                printed.append(message["content"]["evalue"])

        reply = self.client.execute_interactive(code, timeout=180, output_hook=collect)
        return [reply["content"]["status"], "".join(printed)]

    def end(self):
        """The exit code."""
        self.process.communicate(timeout=120)
        self.client.stop_channels()
        return self.process.returncode


kernel = Kernel()
try:
    result = {"language": kernel.ask("shell", "kernel_info_request", {})["language_info"]["name"]}
    result["onControl"] = kernel.ask("control", "kernel_info_request", {})["type"]
    result["comms"] = kernel.ask("shell", "comm_info_request", {})["comms"]
    result["imports"] = kernel.run('import { gaussian } from "../lib";\nlet sigma = 0.5;\nconsole.log(typeof gaussian)')
    code = "gaussian.na"
    result["completion"] = kernel.ask("shell", "complete_request", {"code": code, "cursor_pos": len(code)})["matches"]
    hover = {"code": "sigma", "cursor_pos": 2, "detail_level": 0}
    result["hover"] = kernel.ask("shell", "inspect_request", hover)["data"]["text/plain"]

    def interrupt():
        time.sleep(0.5)
        os.kill(kernel.process.pid, signal.SIGINT)

    result["interrupted"] = kernel.run("await new Promise(() => {});", once_busy=interrupt)[0]
    time.sleep(0.4)  # the kernel drops what was queued behind an error
    result["loop"] = kernel.run("await null; for (;;) {}", once_busy=interrupt)[0]
    time.sleep(0.4)
    result["afterwards"] = kernel.run("console.log(sigma)")

    kernel.process.terminate()
    result["terminated"] = kernel.end()
    kernel = Kernel()
    result["restarted"] = kernel.run("sigma")
    time.sleep(0.4)
    kernel.run("const left = setInterval(() => {}, 100);")
    result["shutdown"] = kernel.ask("control", "shutdown_request", {"restart": False})["type"]
    result["ended"] = kernel.end()
finally:
    kernel.process.kill()
print(json.dumps(result))
