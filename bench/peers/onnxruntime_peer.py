"""ONNX Runtime with the model that ours.ts has exported, on the whole picture at once."""

import time
from pathlib import Path

from protocol import serve


def large_picture(height, width, folder):
    """Seconds a picture."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(Path(folder) / "model.onnx", providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(42).normal(0, 0.1, (1, height, width, 3))
    noisy = (0.5 + noise).astype(np.float32)
    session.run(None, {"noisy": noisy[:, :256, :256]})

    def measure():
        began = time.perf_counter()
        session.run(None, {"noisy": noisy})
        return time.perf_counter() - began

    return measure


if __name__ == "__main__":
    serve({"large-picture": large_picture})
