"""PyTorch with channels last, its own loop, Adam and MSE: eager, or with torch.compile.

    pytorch_peer.py eager|compiled
"""

import sys
import time

import numpy as np
import torch
from digits import pairs, with_noise
from protocol import peak_memory, serve
from torch import nn

MODE = sys.argv[1]

# --- The two models ----------------------------------------------------------------------------------------------


def block(channels, filters):
    def half(inputs):
        return [nn.Conv2d(inputs, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01)]

    return nn.Sequential(*half(channels), *half(filters))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down28 = block(1, 16)
        self.down14 = block(16, 32)
        self.middle7 = block(32, 64)
        self.back14 = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.up14 = block(64, 32)
        self.back28 = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.up28 = block(32, 16)
        self.denoised = nn.Conv2d(16, 1, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, noisy):
        full = self.down28(noisy)
        half = self.down14(self.pool(full))
        x = self.back14(self.middle7(self.pool(half)))
        x = self.back28(self.up14(torch.cat([x, half], 1)))
        return torch.sigmoid(self.denoised(self.up28(torch.cat([x, full], 1))))


def simple():
    def convolution(inputs, outputs, activation):
        return [nn.Conv2d(inputs, outputs, 3, padding=1), activation]

    return nn.Sequential(
        *convolution(1, 32, nn.ReLU()),
        nn.MaxPool2d(2),
        *convolution(32, 32, nn.ReLU()),
        nn.MaxPool2d(2),
        *convolution(32, 32, nn.ReLU()),
        nn.Upsample(scale_factor=2),
        *convolution(32, 32, nn.ReLU()),
        nn.Upsample(scale_factor=2),
        *convolution(32, 1, nn.Sigmoid()),
    )


MODELS = {"simple": (simple, nn.BCELoss, 28_353), "unet": (UNet, nn.MSELoss, 118_033)}

# --- What a PyTorch user writes ----------------------------------------------------------------------------------


class Trainer:
    def __init__(self, name):
        build, loss, parameters = MODELS[name]
        model = build().to(memory_format=torch.channels_last)
        weights = [*model.parameters(), *(x for x in model.buffers() if x.is_floating_point())]
        assert sum(weight.numel() for weight in weights) == parameters
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = loss()
        # shapes are few and come again: a kernel for each
        self.model = torch.compile(model, dynamic=False) if MODE == "compiled" else model

    def train(self, noisy, clean, batch, steps=None):
        """An epoch, or its first steps. Returns when each step ended."""
        self.model.train()
        order = torch.randperm(len(noisy))
        ends = []
        total = 0.0
        for picked in order.split(batch)[:steps]:
            x, y = noisy[picked], clean[picked]
            self.optimizer.zero_grad()
            loss = self.loss(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(picked)
            ends.append(time.perf_counter())
        return ends

    def denoise(self, noisy, batch):
        self.model.eval()
        with torch.inference_mode():
            return torch.cat([self.model(part) for part in noisy.split(batch)])

    def validate(self, noisy, clean, batch):
        return self.loss(self.denoise(noisy, batch), clean).item()


def tensors(arrays):
    """[n, 28, 28, 1] as [n, 1, 28, 28], channels last."""
    return [torch.from_numpy(array).permute(0, 3, 1, 2) for array in arrays]


# --- The benchmarks ----------------------------------------------------------------------------------------------


def train_step(model, batch, steps):
    """Mean seconds a step, from the end of the first one to the end of the last."""
    trainer = Trainer(model)
    noisy, clean = tensors(pairs("train", (steps + 1) * batch))
    trainer.train(noisy, clean, batch, 3)

    def measure():
        ends = trainer.train(noisy, clean, batch)
        return (ends[-1] - ends[0]) / (len(ends) - 1)

    return measure


def epoch(model, batch, train, validation):
    trainer = Trainer(model)
    noisy, clean = tensors(pairs("train", train + validation))

    def measure(count=train):
        began = time.perf_counter()
        trainer.train(noisy[:count], clean[:count], batch)
        trainer.validate(noisy[train:], clean[train:], batch)
        return time.perf_counter() - began

    for _ in range(2):
        measure(batch + train % batch)
    return measure


def inference(model, batch, images):
    """Seconds an image."""
    trainer = Trainer(model)
    noisy, _ = tensors(pairs("t10k", images))
    trainer.denoise(noisy, batch)

    def measure():
        began = time.perf_counter()
        trainer.denoise(noisy, batch).numpy()
        return (time.perf_counter() - began) / images

    return measure


def start_up():
    def measure():
        clean = np.full((256, 28, 28, 1), 0.5, dtype=np.float32)
        Trainer("unet").train(*tensors((with_noise(clean), clean)), 256)
        return 0  # the time counts from the start of this process

    return measure


def memory(batch, steps, validation):
    """What the original's notebook holds and does, with a short training."""

    def measure():
        noisy, clean = tensors(pairs("train"))
        noisy_test, _ = tensors(pairs("t10k"))
        trainer = Trainer("unet")
        trainer.train(noisy[validation:], clean[validation:], batch, steps)
        trainer.validate(noisy[:validation], clean[:validation], batch)
        trainer.denoise(noisy_test, batch)
        return peak_memory()

    return measure


serve({"train-step": train_step, "epoch": epoch, "inference": inference, "start-up": start_up, "peak-memory": memory})
