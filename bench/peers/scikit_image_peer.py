"""scikit-image's metrics, as one uses them: a loop over the images."""

import time

from digits import pairs
from protocol import serve


def mean_scores(clean, denoised):
    """Means over [n, 28, 28, 1] in [0, 1], as the Keras original scores."""
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    both = list(zip(clean[..., 0], denoised[..., 0]))
    psnr = [peak_signal_noise_ratio(a, b, data_range=1.0) for a, b in both]
    ssim = [structural_similarity(a, b, win_size=7, data_range=1.0) for a, b in both]
    return {"psnr": float(sum(psnr) / len(psnr)), "ssim": float(sum(ssim) / len(ssim))}


def metrics(images):
    """Seconds a pair."""
    noisy, clean = pairs("t10k", images)
    mean_scores(clean[:100], noisy[:100])

    def measure():
        began = time.perf_counter()
        mean_scores(clean, noisy)
        return (time.perf_counter() - began) / images

    return measure


if __name__ == "__main__":
    serve({"metrics": metrics})
