"""Computes the values that the tests compare with, by scikit-image and Keras. Run once, the JSON files are committed:

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python make.py
"""

import base64
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import skimage
from keras import layers
from scipy import ndimage, stats
from skimage import filters, restoration
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

HERE = Path(__file__).parent


def write(name, content):
    sources = {"scikit-image": skimage.__version__, "keras": keras.__version__, "numpy": np.__version__}
    (HERE / name).write_text(json.dumps({"sources": sources, **content}, indent=1) + "\n")


# --- PSNR and SSIM -----------------------------------------------------------------------------------------------


def gaussian_ssim(clean, denoised, **options):
    """Wang et al.'s settings; None for an image smaller than their 11x11 window."""
    if min(clean.shape[:2]) < 11:
        return None
    return structural_similarity(clean, denoised, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, **options)


def metrics():
    random = np.random.default_rng(42)
    y, x = np.mgrid[0:28, 0:28]
    ring = np.clip(1.6 - np.abs(np.hypot(x - 13.5, y - 13.5) - 8), 0, 1)
    pairs = {
        "a ring, clipped noise of sigma 0.5": (ring, np.clip(ring + 0.5 * random.normal(size=ring.shape), 0, 1)),
        "a ring, haze of 0.02": (ring, np.maximum(ring, 0.02)),
        "a ring, almost the same": (ring, np.clip(ring + 1e-3 * random.normal(size=ring.shape), 0, 1)),
        "black and white": (np.zeros((28, 28)), np.ones((28, 28))),
        "the smallest image, 7x7": (random.random((7, 7)), random.random((7, 7))),
        "not square, 16x41": (random.random((16, 41)), random.random((16, 41))),
        "three channels, 20x24": (random.random((20, 24, 3)), random.random((20, 24, 3))),
        "data range 255": (255 * random.random((32, 32)), 255 * random.random((32, 32))),
    }
    cases = []
    for name, (clean, denoised) in pairs.items():
        clean, denoised = clean.astype(np.float32), denoised.astype(np.float32)
        colour = clean.ndim == 3
        data_range = 255 if clean.max() > 1 else 1
        exact = clean.astype(np.float64), denoised.astype(np.float64)
        cases.append(
            {
                "name": name,
                "shape": [1, *clean.shape, *([] if colour else [1])],
                "dataRange": data_range,
                "clean": base64.b64encode(clean.tobytes()).decode(),
                "denoised": base64.b64encode(denoised.tobytes()).decode(),
                "psnr": peak_signal_noise_ratio(*exact, data_range=data_range),
                "ssim": structural_similarity(*exact, win_size=7, data_range=data_range, channel_axis=2 if colour else None),
                "gaussianSsim": gaussian_ssim(*exact, data_range=data_range, channel_axis=2 if colour else None),
                "mse": mean_squared_error(*exact),
                "mae": float(np.mean(np.abs(exact[0] - exact[1]))),
            }
        )
    write("metrics.json", {"cases": cases})


# --- Noise estimation ---------------------------------------------------------------------------------------------


def noise_estimates():
    random = np.random.default_rng(45)
    y, x = np.mgrid[0:40, 0:33]
    ring = np.clip(3 - np.abs(np.hypot(x - 16, y - 20) - 11), 0, 1)
    ramp = (x + y) / 80
    masked = ramp + 0.1 * random.normal(size=ramp.shape)
    masked[5:22, 4:30] = 0
    images = {
        "a ramp, sigma 0.1": ramp + 0.1 * random.normal(size=ramp.shape),
        "a ring, clipped noise of sigma 0.5": np.clip(ring + 0.5 * random.normal(size=ring.shape), 0, 1),
        "black and white, clipped noise of sigma 0.02": np.clip((ring > 0.5) + 0.02 * random.normal(size=ring.shape), 0, 1),
        "a black rectangle without noise": masked,
        "three channels with noise of their own": ramp[..., None] + [0.02, 0.1, 0.3] * random.normal(size=(*ramp.shape, 3)),
        "data range 255": np.round(255 * ramp + 10 * random.normal(size=ramp.shape)),
        "constant": np.full((9, 12), 0.3),
        "black": np.zeros((8, 8)),
        "one pixel": np.full((1, 1), 0.7),
        **{f"{height} x {width}": random.random((height, width)) for height, width in [(1, 9), (7, 1), (2, 3), (5, 4), (6, 6)]},
    }
    cases = []
    for name, image in images.items():
        image = np.atleast_3d(image).astype(np.float32)
        with np.errstate(all="ignore"):
            sigma = restoration.estimate_sigma(image.astype(np.float64), channel_axis=-1, average_sigmas=True)
        cases.append({"name": name, "shape": [1, *image.shape], "image": base64.b64encode(image.tobytes()).decode(), "sigma": None if np.isnan(sigma) else float(sigma)})
    write("noise.json", {"cases": cases})


# --- EarlyStopping and ReduceLROnPlateau -------------------------------------------------------------------------

SEQUENCES = {
    "falls all the way": [1.0, 0.8, 0.6, 0.5, 0.41, 0.35, 0.29, 0.28],
    "falls, then rises": [1.0, 0.7, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2],
    "a plateau": [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    "improves by less than the plateau's minimum": [1.0, 0.5, 0.49995, 0.4999, 0.49985, 0.4998, 0.49975, 0.4997],
    "up and down": [0.9, 1.0, 0.8, 0.9, 0.85, 0.7, 0.9, 0.95, 0.69, 0.9, 0.9, 0.9, 0.9, 0.9],
    "worse from the start": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    "one epoch": [0.5],
}


def drive(sequence, early, plateau):
    """Feeds validation losses to Keras' callbacks; the model's only weight is the number of the epoch."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
    callbacks = [keras.callbacks.EarlyStopping(monitor="val_loss", restore_best_weights=True, **early), keras.callbacks.ReduceLROnPlateau(monitor="val_loss", **plateau)]
    for callback in callbacks:
        callback.set_model(model)
        callback.on_train_begin()
    rates = []
    model.stop_training = False
    for epoch, loss in enumerate(sequence):
        rates.append(float(model.optimizer.learning_rate))
        model.set_weights([np.array([[epoch + 1.0]])])
        for callback in callbacks:
            callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    for callback in callbacks:
        callback.on_train_end()
    return {"epochs": len(rates), "learningRates": rates, "rateAfter": float(model.optimizer.learning_rate), "weightsOfEpoch": int(model.get_weights()[0].item())}


def callbacks():
    cases = []
    for patience, plateau_patience, factor, min_lr in [(10, 5, 0.2, 1e-5), (3, 2, 0.5, 2e-4), (1, 1, 0.1, 0.0)]:
        for name, losses in SEQUENCES.items():
            for min_delta in (0.0, 0.03):
                early = {"patience": patience, "min_delta": min_delta}
                plateau = {"patience": plateau_patience, "factor": factor, "min_lr": min_lr}
                options = {"earlyStopping": {"patience": patience, "minDelta": min_delta}, "reduceLROnPlateau": {"patience": plateau_patience, "factor": factor, "minLearningRate": min_lr}}
                cases.append({"name": name, "losses": losses, **options, "expected": drive(losses, early, plateau)})
    write("callbacks.json", {"cases": cases})


# --- The two models ----------------------------------------------------------------------------------------------


def simple_autoencoder():
    conv = lambda filters, activation: layers.Conv2D(filters, 3, padding="same", activation=activation)
    parts = [conv(32, "relu"), layers.MaxPooling2D(2, padding="same"), conv(32, "relu"), layers.MaxPooling2D(2, padding="same")]
    parts += [conv(32, "relu"), layers.UpSampling2D(2), conv(32, "relu"), layers.UpSampling2D(2), conv(1, "sigmoid")]
    return keras.Sequential([keras.Input((28, 28, 1)), *parts])


def unet():
    def block(x, filters):
        for _ in range(2):
            x = layers.BatchNormalization()(layers.Conv2D(filters, 3, activation="relu", padding="same")(x))
        return x

    image = keras.Input((28, 28, 1))
    full = block(image, 16)
    half = block(layers.MaxPooling2D(2)(full), 32)
    bottleneck = block(layers.MaxPooling2D(2)(half), 64)
    x = layers.Conv2DTranspose(32, 2, strides=2, padding="same")(bottleneck)
    x = block(layers.concatenate([x, half]), 32)
    x = layers.Conv2DTranspose(16, 2, strides=2, padding="same")(x)
    x = block(layers.concatenate([x, full]), 16)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))


def wave(n, phase):
    """Numbers in [0, 1) that TypeScript can make too, to far more digits than are compared."""
    value = np.sin(np.arange(n) * 12.9898 + phase) * 437.5453
    return value - np.floor(value)


def set_weights(model):
    """Small, different weights for every layer, in the order of the layers."""
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        values = []
        for part, weight in enumerate(layer.weights):
            shape = tuple(weight.shape)
            noise = wave(int(np.prod(shape)), number + 10 * part) - 0.5
            is_norm = layer.__class__.__name__ == "BatchNormalization"
            scale = 0.2 if is_norm or len(shape) == 1 else 2 * np.sqrt(3 / np.prod(shape[:-1]))
            offset = 1 if is_norm and part in (0, 3) else 0
            values.append((offset + scale * noise).reshape(shape))
        layer.set_weights(values)


def train_step(model, noisy, clean):
    model.reset_metrics()  # else Keras gives the mean over all steps so far
    return float(model.train_on_batch(noisy, clean))


def models():
    n = 6
    noisy = wave(n * 784, 1).reshape(n, 28, 28, 1).astype(np.float32)
    clean = np.round(wave(n * 784, 2)).reshape(n, 28, 28, 1).astype(np.float32)
    cases = []
    for name, build, loss in [("simpleAutoencoder", simple_autoencoder, "binary_crossentropy"), ("unet", unet, "mse")]:
        model = build()
        set_weights(model)
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
        first = model.predict(noisy, verbose=0)
        losses = [train_step(model, noisy, clean) for _ in range(5)]
        last = model.predict(noisy, verbose=0)
        picked = list(range(0, n * 784, 97))
        cases.append(
            {
                "name": name,
                "parameters": model.count_params(),
                "outputShapes": [list(layer.output.shape)[1:] for layer in model.layers],
                "images": n,
                "pickedPixels": picked,
                "outputBefore": first.ravel()[picked].astype(float).tolist(),
                "losses": losses,
                "outputAfter": last.ravel()[picked].astype(float).tolist(),
            }
        )
    write("models.json", {"cases": cases})


# --- Classical filters -------------------------------------------------------------------------------------------

def each_channel(apply):
    """A filter of grey pictures, on each channel of [height, width, channels]."""
    return lambda image, **options: np.stack([apply(plane, **options) for plane in np.moveaxis(image, -1, 0)], axis=-1)


def vectorial_tv(image, weight, eps=2e-4, max_num_iter=200):
    """Chambolle's steps with one gradient for all channels: scikit-image denoises each channel by itself, which is the same in grey."""
    dual = np.zeros((2, *image.shape))
    first = previous = None
    for _ in range(max_num_iter):
        divergence = sum(np.diff(dual[axis], axis=axis, prepend=0) for axis in (0, 1))
        u = image + divergence
        gradient = np.stack([np.diff(u, axis=axis, append=np.take(u, [-1], axis=axis)) for axis in (0, 1)])
        length = np.sqrt((gradient**2).sum(axis=(0, -1)))[..., None]
        energy = (divergence**2).sum() + weight * length.sum()
        dual = (dual + gradient / 4) / (1 + length / 4 / weight)
        if first is None:
            first = energy
        elif abs(previous - energy) < eps * first:
            break
        previous = energy
    if image.shape[-1] == 1:
        np.testing.assert_allclose(u, restoration.denoise_tv_chambolle(image, weight, eps, max_num_iter, channel_axis=-1), atol=1e-9)
    return u


FILTERS = {
    "meanFilter": each_channel(lambda plane, size: ndimage.uniform_filter(plane, size, mode="reflect")),
    "gaussianFilter": each_channel(lambda plane, sigma: filters.gaussian(plane, sigma, mode="nearest", truncate=4)),
    "medianFilter": each_channel(lambda plane, size: filters.median(plane, np.ones((size, size)), mode="nearest")),
    "totalVariation": vectorial_tv,
    "nonLocalMeans": lambda image, h, patchSize, patchDistance, sigma=0: restoration.denoise_nl_means(image, patchSize, patchDistance, h, fast_mode=True, sigma=sigma, channel_axis=-1),
}
OPTIONS = {
    "meanFilter": [{"size": 3}, {"size": 7}],
    "gaussianFilter": [{"sigma": 0.6}, {"sigma": 1.7}],
    "medianFilter": [{"size": 3}, {"size": 5}],
    "totalVariation": [{"weight": 0.05}, {"weight": 0.8}],
    "nonLocalMeans": [{"h": 0.4, "patchSize": 5, "patchDistance": 4}, {"h": 0.25, "patchSize": 3, "patchDistance": 6}, {"h": 0.08, "patchSize": 5, "patchDistance": 4, "sigma": 0.1}],
}


def classical():
    random = np.random.default_rng(43)
    y, x = np.mgrid[0:20, 0:20]
    ring = np.clip(1.6 - np.abs(np.hypot(x - 9.5, y - 9.5) - 6), 0, 1)
    images = {
        "a ring, clipped noise of sigma 0.5": np.clip(ring + 0.5 * random.normal(size=ring.shape), 0, 1),
        "a ring, little noise": ring + 0.02 * random.normal(size=ring.shape),
        "not square, 9x31": random.random((9, 31)),
        "smaller than the margins, 3x4": random.random((3, 4)),
        "one row, 1x12": random.random((1, 12)),
        "three channels, 10x12": random.random((10, 12, 3)),
        "a coloured ring, noise of sigma 0.1": ring[..., None] * [0.9, 0.5, 0.2] + 0.1 * random.normal(size=(*ring.shape, 3)),
    }
    cases = []
    for name, image in images.items():
        image = np.atleast_3d(image).astype(np.float32)
        expected = []
        for function, apply in FILTERS.items():
            for options in OPTIONS[function]:
                denoised = apply(image.astype(np.float64), **options).astype(np.float32)
                expected.append({"filter": function, "options": options, "denoised": base64.b64encode(denoised.tobytes()).decode()})
        cases.append({"name": name, "shape": [1, *image.shape], "noisy": base64.b64encode(image.tobytes()).decode(), "expected": expected})
    write("classical.json", {"cases": cases})


# --- Bootstrap intervals -----------------------------------------------------------------------------------------


def studentized_bootstrap(values, resamples=400_000, chunk=4_000):
    """The 95 % interval of the mean whose bounds are quantiles of the resamples' t statistics."""
    random = np.random.default_rng(44)
    statistics = []
    for _ in range(resamples // chunk):
        drawn = random.choice(values, (chunk, len(values)))
        statistics.append((drawn.mean(axis=1) - values.mean()) / stats.sem(drawn, axis=1))
    low, high = np.quantile(np.concatenate(statistics), [0.025, 0.975])
    return values.mean() - high * stats.sem(values), values.mean() - low * stats.sem(values)


def intervals():
    middles = (np.arange(40) + 0.5) / 40
    samples = {
        "normal": stats.norm.ppf(middles),
        "exponential": stats.expon.ppf(middles),
        "lognormal": stats.lognorm.ppf(middles, 1),
        "an outlier": np.append(stats.norm.ppf(middles), 12),
    }
    cases = []
    for name, values in samples.items():
        low, high = studentized_bootstrap(values)
        cases.append({"name": name, "values": values.tolist(), "low": low, "high": high})
    write("intervals.json", {"cases": cases})


metrics()
noise_estimates()
callbacks()
models()
classical()
intervals()
