"""The top of a report as a picture: needs Chromium or Chrome, and Pillow to make the file small.

Run it after a demo: ``python examples/screenshot.py demo-output/plan/report.html docs/images/report.png``
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("report", type=Path, help="report.html that doorstep plan wrote")
    asked.add_argument("picture", type=Path, help="PNG file to write")
    asked.add_argument("--size", default="1440,900", help="width and height in pixels")
    said = asked.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or not said.report.is_file():
        missing = f"none of {', '.join(BROWSERS)} is installed" if browser is None else f"{said.report} is not there"
        print(f"No picture: {missing}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as profile:
        target = f"--screenshot={said.picture.resolve()}"
        page = said.report.resolve().as_uri()
        command = [browser, *QUIET, f"--user-data-dir={profile}", target, f"--window-size={said.size}", page]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    reduce_colours(said.picture)
    print(f"{said.picture}: {said.picture.stat().st_size // 1000} kB")
    return 0


def reduce_colours(picture: Path) -> None:
    try:
        from PIL import Image
    except ImportError:
        return  # the picture is then three times as large
    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3).save(picture, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
