"""Versions of a resource as strong validators: ``ETag: "7"`` out, ``If-Match: "7"`` in."""

import re
from dataclasses import dataclass

from doorstep.foundation import ConflictError, InputError

_TAGS = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]{0,64})"\s*(?:,|$)', re.ASCII)
LONGEST = 1_000


class VersionChangedError(ConflictError):
    """Somebody else changed the resource since the caller read it."""

    code = "version_changed"


class VersionNeededError(InputError):
    """The change must name the version that it is made to."""

    code = "version_needed"


class BadVersionError(InputError):
    """A header with versions that cannot be read."""

    code = "bad_version"


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that a change may be made to; None stands for any (``*``)."""

    versions: frozenset[int] | None

    def check(self, version: int) -> None:
        """Go on if the resource still has a wanted version.

        Raises
        ------
        VersionChangedError
            If it has another one.
        """
        if self.versions is not None and version not in self.versions:
            raise VersionChangedError(
                f"the resource is at version {version} now.", hint="Maybe read it again and repeat the change."
            )


def etag_of(version: int) -> str:
    """Return the strong validator of a version."""
    return f'"{version}"'


def parse_if_match(header: str | None) -> IfMatch:
    """Return what an ``If-Match`` header asks for; weak tags never match, as RFC 9110 wants it.

    Raises
    ------
    VersionNeededError
        If there is no header.
    BadVersionError
        If it is not a list of entity tags.
    """
    if header is None or not header.strip():
        raise VersionNeededError(
            "this change needs the header If-Match.", hint='Maybe send the ETag of your last read, such as "7".'
        )
    if header.strip() == "*":
        return IfMatch(None)
    return IfMatch(frozenset(int(tag) for weak, tag in _tags(header, "If-Match") if not weak and _is_number(tag)))


def is_not_modified(if_none_match: str | None, version: int) -> bool:
    """Return whether the caller of a read already has this version (weak comparison, as RFC 9110 wants it).

    Raises
    ------
    BadVersionError
        If the header is not a list of entity tags.
    """
    if if_none_match is None or not if_none_match.strip():
        return False
    return if_none_match.strip() == "*" or str(version) in {tag for _, tag in _tags(if_none_match, "If-None-Match")}


def _tags(header: str, name: str) -> list[tuple[str, str]]:
    tags, place = [], 0
    while place < len(header) <= LONGEST and (found := _TAGS.match(header, place)):
        tags.append((found[1] or "", found[2]))
        place = found.end()
    if place < len(header) or not tags:
        raise BadVersionError(f"the header {name} is not a list of entity tags.", hint='Maybe put quotes: "7".')
    return tags


def _is_number(tag: str) -> bool:
    return tag.isascii() and tag.isdigit() and len(tag) <= 18
