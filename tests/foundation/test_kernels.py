"""Kernels on disk: machine code never outlives the sources that it was made from."""

import subprocess
import sys

ASK = "import shop.till.kernels as k; print(k.price(2))"
KERNEL = """
from doorstep.foundation.kernels import kernel
from shop.till.rate import RATE

@kernel
def price(count):
    return count * RATE
"""


def test_a_kernel_is_compiled_anew_when_a_constant_of_its_room_changes(tmp_path):
    room = tmp_path / "shop" / "till"
    room.mkdir(parents=True)
    (room / "kernels.py").write_text(KERNEL)
    for rate in (3, 4):
        (room / "rate.py").write_text(f"RATE = {rate}\n")
        run = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert run.stdout.split() == [str(2 * rate)]


def test_a_kernel_is_read_from_disk_when_nothing_has_changed(tmp_path):
    room = tmp_path / "shop" / "till"
    room.mkdir(parents=True)
    (room / "kernels.py").write_text(KERNEL)
    (room / "rate.py").write_text("RATE = 3\n")
    ask = f"{ASK}; print(sum(k.price.stats.cache_hits.values()))"
    runs = [
        subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [run.split() for run in runs] == [["6", "0"], ["6", "1"]]
