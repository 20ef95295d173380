"""Computes what scikit-image's J-invariant calibration chooses; in the environment of make.py:

    /tmp/golden/bin/python calibration.py
"""

import base64
import json
from pathlib import Path

import numpy as np
import skimage
from skimage import data, filters, restoration
from skimage.restoration import calibrate_denoiser, denoise_invariant

FILTERS = {
    "gaussianFilter": (lambda image, sigma: filters.gaussian(image, sigma=sigma, mode="nearest", truncate=4), {"sigma": [0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0]}),
    "medianFilter": (lambda image, size: filters.median(image, np.ones((size, size)), mode="nearest"), {"size": [3, 5, 7]}),
    "totalVariation": (lambda image, weight: restoration.denoise_tv_chambolle(image, weight), {"weight": [0.02, 0.05, 0.1, 0.2, 0.4, 0.8]}),
}

cases = []
for name, (apply, grid) in FILTERS.items():
    for sigma in (0.05, 0.15, 0.4):
        picture = skimage.util.img_as_float32(data.camera()[150:198, 200:256])
        image = picture + sigma * np.random.default_rng(7).standard_normal(picture.shape).astype(np.float32)
        _, (tested, losses) = calibrate_denoiser(image, apply, grid, extra_output=True)
        best = tested[int(np.argmin(losses))]
        cases.append({
            "filter": name, "sigma": sigma, "shape": [1, *image.shape, 1],
            "image": base64.b64encode(image.tobytes()).decode(),
            "parameters": [{key: float(value) for key, value in each.items()} for each in tested],
            "losses": [float(loss) for loss in losses],
            "best": {key: float(value) for key, value in best.items()},
            "invariant": base64.b64encode(denoise_invariant(image, apply, denoiser_kwargs=best).astype(np.float32).tobytes()).decode(),
        })

sources = {"scikit-image": skimage.__version__, "numpy": np.__version__}
(Path(__file__).parent / "calibration.json").write_text(json.dumps({"sources": sources, "cases": cases}, indent=1) + "\n")
