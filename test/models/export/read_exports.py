"""Computes what exported models make of given images: python read_exports.py FORMAT FOLDER...

In each folder are an exported model and case-*.npz, with noisy and denoised images [n, height, width, channels]. Prints
the largest differences from the denoised images as JSON: {folder: {case: difference}}, "test" for the export's own.
"""
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np


def onnx(folder):
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    (name,) = [value.name for value in session.get_inputs()]
    return lambda noisy: session.run(None, {name: noisy})[0]


def keras(folder):
    import keras

    model = keras.models.load_model(folder / "model.keras")
    return model.predict_on_batch  # compiles the model once for each shape; a call would compile each operation


def safetensors(folder):
    import torch

    spec = importlib.util.spec_from_file_location("denoiser", folder / "denoiser.py")
    denoiser = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(denoiser)
    model = denoiser.load()

    def run(noisy):
        with torch.inference_mode():
            return model(torch.from_numpy(noisy).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()

    return run


def test_images(folder):
    if (folder / "test.npz").exists():
        return np.load(folder / "test.npz")
    from safetensors.numpy import load_file

    images = load_file(folder / "test.safetensors")
    return {name: value.transpose(0, 2, 3, 1) for name, value in images.items()}


def largest_difference(model, images):
    result = model(np.ascontiguousarray(images["noisy"]))
    assert result.shape == images["denoised"].shape, f"{result.shape}, not {images['denoised'].shape}"
    assert result.dtype == np.float32, result.dtype
    return float(np.abs(result - images["denoised"]).max())


differences = {}
for name in sys.argv[2:]:
    folder = Path(name)
    model = {"onnx": onnx, "keras": keras, "safetensors": safetensors}[sys.argv[1]](folder)
    cases = {"test": test_images(folder), **{file.stem: np.load(file) for file in sorted(folder.glob("case-*.npz"))}}
    differences[name] = {case: largest_difference(model, images) for case, images in cases.items()}
print(json.dumps(differences))
