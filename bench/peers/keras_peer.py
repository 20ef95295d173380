"""Keras on TensorFlow, used as its users do: `fit` and `predict` on arrays, at their defaults."""

import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from digits import images, pairs, with_noise
from keras import layers
from protocol import peak_memory, serve

# --- The two models ----------------------------------------------------------------------------------------------


def simple():
    def convolution(filters, activation):
        return layers.Conv2D(filters, 3, padding="same", activation=activation)

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            convolution(32, "relu"),
            layers.MaxPooling2D(2, padding="same"),
            convolution(32, "relu"),
            layers.MaxPooling2D(2, padding="same"),
            convolution(32, "relu"),
            layers.UpSampling2D(2),
            convolution(32, "relu"),
            layers.UpSampling2D(2),
            convolution(1, "sigmoid"),
        ]
    )
    assert model.count_params() == 28_353
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy")
    return model


def unet():
    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = layers.BatchNormalization()(x)
        return x

    image = keras.Input((28, 28, 1))
    full = block(image, 16)
    half = block(layers.MaxPooling2D(2)(full), 32)
    bottleneck = block(layers.MaxPooling2D(2)(half), 64)
    x = layers.Conv2DTranspose(32, 2, strides=2, padding="same")(bottleneck)
    x = block(layers.concatenate([x, half]), 32)
    x = layers.Conv2DTranspose(16, 2, strides=2, padding="same")(x)
    x = block(layers.concatenate([x, full]), 16)
    model = keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))
    assert model.count_params() == 118_033
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
    return model


MODELS = {"simple": simple, "unet": unet}

# --- The benchmarks ----------------------------------------------------------------------------------------------


class StepEnds(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(time.perf_counter())


def train_step(model, batch, steps):
    """Mean seconds a step, from the end of the first one to the end of the last."""
    network = MODELS[model]()
    noisy, clean = pairs("train", (steps + 1) * batch)
    clock = StepEnds()

    def measure(count=len(clean)):
        network.fit(noisy[:count], clean[:count], batch_size=batch, verbose=0, callbacks=[clock])
        return (clock.ends[-1] - clock.ends[0]) / (len(clock.ends) - 1)

    measure(3 * batch)
    return measure


def epoch(model, batch, train, validation):
    network = MODELS[model]()
    noisy, clean = pairs("train", train + validation)
    held = noisy[train:], clean[train:]

    def measure(count=train):
        began = time.perf_counter()
        network.fit(noisy[:count], clean[:count], batch_size=batch, validation_data=held, verbose=0)
        return time.perf_counter() - began

    measure(batch + train % batch)
    return measure


def inference(model, batch, images):
    """Seconds an image, by whichever of Keras' ways is fastest."""
    network = MODELS[model]()
    noisy, _ = pairs("t10k", images)
    batches = [noisy[start : start + batch] for start in range(0, images, batch)]
    graph = tf.function(lambda x: network(x, training=False), input_signature=[tf.TensorSpec([None, 28, 28, 1])])
    ways = [
        lambda: network.predict(noisy, batch_size=batch, verbose=0),
        lambda: np.concatenate([network.predict_on_batch(part) for part in batches]),
        lambda: np.concatenate([graph(part).numpy() for part in batches]),
    ]

    def seconds(way):
        began = time.perf_counter()
        way()
        return (time.perf_counter() - began) / images

    for way in ways:
        way()
    fastest = min(ways, key=lambda way: min(seconds(way), seconds(way)))
    return lambda: seconds(fastest)


def start_up():
    def measure():
        clean = np.full((256, 28, 28, 1), 0.5, dtype=np.float32)
        unet().fit(with_noise(clean), clean, batch_size=256, verbose=0)
        return 0  # the time counts from the start of this process

    return measure


def memory(batch, steps, validation):
    """What the original's notebook holds and does, with a short training."""

    def measure():
        noisy, clean = pairs("train")
        held = noisy[:validation], clean[:validation]
        noisy_test, _ = pairs("t10k")
        model = unet()
        model.fit(noisy[validation:], clean[validation:], batch_size=batch, steps_per_epoch=steps, validation_data=held, verbose=0)
        model.predict(noisy_test, batch_size=batch, verbose=0)
        return peak_memory()

    return measure


# --- The original's recipe ---------------------------------------------------------------------------------------

finished = {}


def time_to_quality(epochs=10):
    """As in the original's notebook: noise drawn once with seed 42, validation and best weights on the test digits."""

    def measure():
        np.random.seed(42)
        clean, clean_test = images("train"), images("t10k")
        noisy, noisy_test = (np.clip(x + 0.5 * np.random.normal(size=x.shape), 0, 1).astype(np.float32) for x in (clean, clean_test))
        model = unet()
        callbacks = [
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5, min_lr=1e-5),
        ]
        held = noisy_test, clean_test
        model.fit(noisy, clean, epochs=epochs, batch_size=256, shuffle=True, validation_data=held, callbacks=callbacks, verbose=0)
        finished.update(clean=clean_test, denoised=model.predict(noisy_test, batch_size=256, verbose=0))
        return 0  # the time counts from the start of this process

    return measure


def score():
    from scikit_image_peer import mean_scores

    return lambda: mean_scores(**finished)


serve(
    {
        "train-step": train_step,
        "epoch": epoch,
        "inference": inference,
        "start-up": start_up,
        "peak-memory": memory,
        "time-to-quality": time_to_quality,
        "score": score,
    }
)
