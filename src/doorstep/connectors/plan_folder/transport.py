"""Moving a whole folder into place at once, so that nobody ever finds half a plan."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from doorstep.connectors.plan_folder.layout import IGNORED, OURS, is_plan
from doorstep.foundation import ConflictError


def replace_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder beside ``folder``, then give it that name; on any failure what was there stays.

    Raises
    ------
    ConflictError
        If something stands at ``folder`` that is not a plan of ours.
    """
    target = folder.absolute()
    refuse_what_is_not_ours(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    fresh = target.with_name(f".{target.name}.new-{token}")
    former = target.with_name(f".{target.name}.old-{token}")
    fresh.mkdir()
    try:
        fill(fresh)
        refuse_what_is_not_ours(target)
        swap(fresh, target, former)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(former, ignore_errors=True)


def swap(fresh: Path, target: Path, former: Path) -> None:
    """Put ``fresh`` where ``target`` is; the earlier folder waits at ``former`` and returns if that fails."""
    if target.exists():
        target.rename(former)
    try:
        fresh.rename(target)
    except BaseException:
        if former.exists() and not target.exists():
            former.rename(target)
        raise


def refuse_what_is_not_ours(folder: Path) -> None:
    """Check that nothing of somebody else's would be lost by replacing ``folder``.

    Raises
    ------
    ConflictError
        If it is a file or a link, a filled folder without our marker, or a plan with foreign files in it.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ConflictError(
            f"{folder} is not a folder, so no plan is written there.", hint="Maybe give another name to --out."
        )
    names = {entry.name for entry in folder.iterdir()} - IGNORED if folder.is_dir() else set()
    if names and not is_plan(folder):
        raise ConflictError(
            f"{folder} holds files and is not a plan that doorstep wrote, so it is left as it is.",
            hint="Maybe give --out a new or an empty folder.",
        )
    foreign = sorted(names - OURS)
    if foreign:
        raise ConflictError(
            f"{folder} holds {', '.join(foreign[:5])} beside a plan, and replacing the plan would lose that.",
            hint="Maybe move it elsewhere, or give --out a new folder.",
        )
