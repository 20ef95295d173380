"""Writes images.json: small picture files of all kinds, and the values that Pillow, tifffile and NumPy find in them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python images.py
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import tifffile
from PIL import Image, ImageCms, ImageOps

random = np.random.default_rng(42)
height, width = 5, 7


def text(data):
    return base64.b64encode(data).decode()


def noise(*channels, depth=8):
    return random.integers(0, 2**depth, (height, width, *channels), dtype=f"uint{depth}")


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(pixels, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def png(pixels, color_type):
    """A PNG of 16 bit, which Pillow does not write in colour."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_orientation(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A maker of cameras"
    return exif


profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
cases = []


def case(name, file, pixels=None, **properties):
    """`pixels` are what is expected, upright, without alpha; left out where Pillow reads the file."""
    if pixels is None:
        pixels = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))))
    most = 65535 if pixels.dtype == np.uint16 else 255
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    alpha = None
    if pixels.shape[2] in (2, 4):
        pixels, alpha = pixels[..., :-1], pixels[..., -1]
    cases.append(
        {
            "name": name,
            "file": text(file),
            "shape": [1, *pixels.shape],
            "data": text((pixels / most).astype("<f4").tobytes()),
            "bitDepth": 16 if most == 65535 else 8,
            "alpha": None if alpha is None else text((alpha / most).astype("<f4").tobytes()),
            **properties,
        }
    )


grey, colour, four = noise(), noise(3), noise(4)
case("grey.png", saved(Image.fromarray(grey), "PNG"))
case("one bit.png", saved(Image.fromarray(grey > 127), "PNG"), np.where(grey > 127, 255, 0).astype(np.uint8))
case(
    "colour, profile, 300 dpi, lying on its side.png",
    saved(Image.fromarray(colour), "PNG", icc_profile=profile, exif=with_orientation(6), dpi=(300, 300)),
    orientation=6,
    density=300,
    profile=text(profile),
)
case("colour with alpha.png", saved(Image.fromarray(four), "PNG"))
case("grey with alpha.png", saved(Image.fromarray(noise(2)), "PNG"))
palette = Image.fromarray(colour).quantize(16)
case("palette.png", saved(palette, "PNG"), np.asarray(palette.convert("RGB")))
case("palette with alpha.png", saved(palette, "PNG", transparency=3), np.asarray(Image.open(io.BytesIO(saved(palette, "PNG", transparency=3))).convert("RGBA")))
deep = noise(depth=16)
case("grey, 16 bit.png", saved(Image.fromarray(deep), "PNG"), deep)
deep = noise(3, depth=16)
case("colour, 16 bit.png", png(deep, 2), deep)
deep = noise(4, depth=16)
case("colour with alpha, 16 bit.png", png(deep, 6), deep)
deep = noise(2, depth=16)
case("grey with alpha, 16 bit.png", png(deep, 4), deep)

case("grey.tif", tiff(grey), grey)
case("colour, profile.tif", tiff(colour, photometric="rgb", iccprofile=profile), colour, profile=text(profile))
case("colour, upside down.tif", saved(Image.fromarray(colour), "TIFF", tiffinfo={0x0112: 3}), colour[::-1, ::-1], orientation=3)
deep = noise(3, depth=16)
case("colour, 16 bit.tif", tiff(deep, photometric="rgb", compression="zlib", resolution=(200, 200)), deep, density=200)
deep = noise(4, depth=16)
case("colour with alpha, 16 bit.tif", tiff(deep, photometric="rgb", extrasamples=["unassalpha"]), deep)
deep = noise(depth=16)
case("grey, 16 bit, planes of tiles.tif", tiff(np.tile(deep, (4, 4)), tile=(16, 16)), np.tile(deep, (4, 4)))
deep = noise(3, depth=16)
case("colour, 16 bit, other byte order, planes.tif", tiff(np.moveaxis(deep, 2, 0), photometric="rgb", planarconfig="separate", byteorder=">"), deep)

smooth = Image.fromarray(colour).resize((40, 30), Image.Resampling.BICUBIC)
case("grey.jpg", saved(smooth.convert("L"), "JPEG", quality=90))
case("colour, all of its colour.jpg", saved(smooth, "JPEG", quality=90, subsampling="4:4:4"))
case(
    "colour, half of its colour, profile, 240 dpi, lying on its side.jpg",
    saved(smooth, "JPEG", quality=90, subsampling="4:2:0", icc_profile=profile, exif=with_orientation(8), dpi=(240, 240)),
    orientation=8,
    density=240,
    profile=text(profile),
)
case("colour, progressive.jpg", saved(smooth, "JPEG", quality=90, progressive=True, subsampling="4:4:4"))
case("colour, lossless, profile.webp", saved(smooth, "WEBP", lossless=True, icc_profile=profile), profile=text(profile))
case("colour.webp", saved(smooth, "WEBP", quality=90))
case("colour with alpha, lossless.webp", saved(Image.fromarray(four), "WEBP", lossless=True, exact=True))
for orientation in range(1, 9):
    name = f"orientation {orientation}.png"
    case(name, saved(Image.fromarray(colour), "PNG", exif=with_orientation(orientation)), orientation=orientation)

frames = [Image.fromarray(noise(3)) for _ in range(3)]
refused = {
    "float.tif": tiff(random.random((height, width)).astype(np.float32)),
    "32 bit.tif": tiff(noise(depth=32)),
    "signed.tif": tiff(noise(depth=16).astype(np.int16)),
    "five channels.tif": tiff(noise(5), photometric="minisblack", planarconfig="contig"),
    "three pages.tif": saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
    "animated.webp": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True),
    "animated.png": saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
    "animated.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
    "bitmap.bmp": saved(frames[0], "BMP"),
    "lab.tif": tiff(colour, photometric="cielab"),
}
black_and_white = np.zeros((height, width, 4), np.uint8)
black_and_white[:, :3, 3] = 255
cmyk = saved(Image.fromarray(black_and_white, "CMYK"), "JPEG", quality=95)
sources = {"pillow": PIL.__version__, "tifffile": tifffile.__version__, "numpy": np.__version__}
content = {
    "sources": sources,
    "cases": cases,
    "cmyk": text(cmyk),
    "refused": [{"name": name, "file": text(file)} for name, file in refused.items()],
}
(Path(__file__).parent / "images.json").write_text(json.dumps(content, indent=1) + "\n")
