"""Pictures of docs/figures.md: figures of the run of config/experiments/gallery.yaml, small enough for the repository.

`python docs/gallery.py` lists the figures that the run has to make, `python docs/gallery.py FOLDER` takes them from
there; `make gallery` does both.
"""

import sys
from pathlib import Path

from PIL import Image

FIGURES = "results/gallery/figures"
PICTURES = Path(__file__).parent / "pictures"
WIDTH, COLOURS = 1081, 96  # pixels, half of a figure of 183 mm, and colours of the palette: half of the bytes
TAKEN = (
    "description__two_step",
    "performance__group",
    "dimensionality",
    "advantage__group",
    "data_requirement__two_step__s0",
    "portrait__two_step__s0__sgru",
    "setpoints__two_step__s0__sgru",
    "variants__two_step__s0__sgru",
    "signatures__two_step__s0__sgru",
    "cloud__group__s0__gru__d2",
    "field__group__s0__gru__d2",
    "trajectories__group__s0__gru__d2",
    "drift__group__s0__MB0__d2",
    "regression__two_step__s0__sgru__d1",
    "equations__two_step__s0__sgru__d1",
    "formulas__two_step",
    "behaviour__two_step__s0",
    "agreement__two_step__s0",
    "strategy__two_step__s0",
    "strategies__group",
    "recovery__two_step__MB0s",
    "model_recovery",
    "distillation__group",
)


def small(source: Path, target: Path) -> None:
    """A copy of a PNG of at most `WIDTH` pixels and `COLOURS` colours."""
    with Image.open(source) as image:
        image = image.convert("RGB")
        image.thumbnail((WIDTH, image.height), Image.Resampling.LANCZOS)
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        PICTURES.mkdir(exist_ok=True)
        for name in TAKEN:
            small(Path(sys.argv[1]) / f"{name}.png", PICTURES / f"{name}.png")
    else:
        print(*(f"{FIGURES}/{name}.png" for name in TAKEN))
