"""The U-Net for photographs in PyTorch with channels last: begins with our weights and trains on the batches that we do.

    pytorch_photos.py eager|compiled
"""

import sys
import time

import numpy as np
import torch
from protocol import serve
from torch import nn

MODE = sys.argv[1]


class Block(nn.Module):
    def __init__(self, channels, filters):
        super().__init__()
        for number, inputs in ((1, channels), (2, filters)):
            self.add_module(f"conv{number}", nn.Conv2d(inputs, filters, 3, padding=1))
            self.add_module(f"norm{number}", nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01))

    def forward(self, x):
        x = self.norm1(torch.relu(self.conv1(x)))
        return self.norm2(torch.relu(self.conv2(x)))


class UNet(nn.Module):
    """Modules have the names of our layers."""

    def __init__(self, channels, filters):
        super().__init__()
        self.down_full = Block(channels, filters)
        self.down_half = Block(filters, 2 * filters)
        self.middle_quarter = Block(2 * filters, 4 * filters)
        self.back_half = nn.ConvTranspose2d(4 * filters, 2 * filters, 2, stride=2)
        self.up_half = Block(4 * filters, 2 * filters)
        self.back_full = nn.ConvTranspose2d(2 * filters, filters, 2, stride=2)
        self.up_full = Block(2 * filters, filters)
        self.negative_noise = nn.Conv2d(filters, channels, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, noisy):
        full = self.down_full(noisy)
        half = self.down_half(self.pool(full))
        x = self.back_half(self.middle_quarter(self.pool(half)))
        x = self.back_full(self.up_half(torch.cat([x, half], 1)))
        return noisy + self.negative_noise(self.up_full(torch.cat([x, full], 1)))


PARTS = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def set_weights(model, file, weights):
    """Ours, one after the other: [name, shape] with names such as down_full_conv1/kernel."""
    values = np.fromfile(file, np.float32)
    state = model.state_dict()
    start = 0
    for name, shape in weights:
        layer, part = name.split("/")
        block, _, number = layer.rpartition("_")
        key = f"{block}.{number}" if hasattr(model, block) else layer
        size = int(np.prod(shape))
        value = values[start : start + size].reshape(shape)
        start += size
        if part == "kernel":  # [height, width, inputs, outputs], of a transposed convolution [height, width, outputs, inputs]
            value = value.transpose(3, 2, 0, 1)
        tensor = state[f"{key}.{PARTS[part]}"]
        assert tensor.shape == value.shape, name
        tensor.copy_(torch.from_numpy(value.copy()))
    assert start == len(values) and len(weights) == sum(x.is_floating_point() for x in state.values())


def as_tensor(array):
    """[n, height, width, channels] as [n, channels, height, width], channels last, without a copy."""
    return torch.from_numpy(array).permute(0, 3, 1, 2)


trained = {}


def build(channels, filters, weights, file, adam_epsilon):
    def measure():
        model = UNet(channels, filters)
        set_weights(model, file, weights)
        model.to(memory_format=torch.channels_last)
        trained["network"] = model
        trained["optimizer"] = torch.optim.Adam(model.parameters(), eps=adam_epsilon)
        trained["model"] = torch.compile(model, dynamic=False) if MODE == "compiled" else model
        return 0

    return measure


def train(file, shape, rates, margin):
    """Steps on noisy and clean batches from a file, [steps, 2, *shape]. Returns each step's loss and seconds."""

    def measure():
        model, optimizer = trained["model"], trained["optimizer"]
        model.train()
        batches = np.fromfile(file, np.float32).reshape(len(rates), 2, *shape)
        losses, seconds = [], []
        for pair, rate in zip(batches, rates):
            began = time.perf_counter()
            noisy, clean = as_tensor(pair[0]), as_tensor(pair[1])
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            loss = (((model(noisy) - clean) ** 2).mean(dim=(1, 2, 3)) + margin).log().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            seconds.append(time.perf_counter() - began)
        return {"losses": losses, "seconds": seconds}

    return measure


def denoise(file, shape):
    """Replaces the noisy picture in the file, [1, height, width, channels], by the denoised one."""

    def measure():
        network = trained["network"].eval()
        noisy = np.fromfile(file, np.float32).reshape(shape)
        _, height, width, _ = shape
        padded = np.pad(noisy, ((0, 0), (0, -height % 4), (0, -width % 4), (0, 0)), "symmetric")
        with torch.inference_mode():
            denoised = network(as_tensor(padded)).permute(0, 2, 3, 1)[:, :height, :width]
        denoised.contiguous().numpy().tofile(file)
        return 0

    return measure


serve({"build": build, "train": train, "denoise": denoise})
