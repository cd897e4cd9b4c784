"""Pictures of docs/figures.md: figures of two runs of config/experiments, small enough for the repository.

`python docs/gallery.py RUN` lists the figures that a run has to make, `python docs/gallery.py` takes those of all runs;
`make gallery` does both.
"""

import sys
from pathlib import Path

from PIL import Image

RESULTS, PICTURES = Path("results"), Path(__file__).parent / "pictures"
WIDTH, COLOURS = 1081, 96  # pixels, half of a figure of 183 mm, and colours of the palette: half of the bytes
TAKEN = {
    "gallery": (
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
        "regression_group__group__MB0__d2",
        "equations__two_step__s0__sgru__d1",
        "formulas__two_step",
        "behaviour__two_step__s0",
        "agreement__two_step__s0",
        "strategy__two_step__s0",
        "strategies__group",
        "recovery__two_step__MB0s",
        "model_recovery",
        "distillation__group",
    ),
    "gallery-tasks": (
        "dimensionality_power",
        "indifference__mice__sgru",
        "values_R1__arms__s0__diagonal__d3",
        "quiver__stages__s0__three__d3",
        "zero_shot__people",
        "covariates__mice",
    ),
}


def figure(run: str, name: str) -> Path:
    return RESULTS / run / "figures" / f"{name}.png"


def small(source: Path, target: Path) -> None:
    """A copy of a PNG of at most `WIDTH` pixels and `COLOURS` colours."""
    with Image.open(source) as image:
        image = image.convert("RGB")
        image.thumbnail((WIDTH, image.height), Image.Resampling.LANCZOS)
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(*(figure(sys.argv[1], name) for name in TAKEN[sys.argv[1]]))
    else:
        PICTURES.mkdir(exist_ok=True)
        for run, names in TAKEN.items():
            for name in names:
                small(figure(run, name), PICTURES / f"{name}.png")
