"""pyproject.toml, the two locks, environment.yml and course.py must tell the same story."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import course

ROOT = Path(course.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MACHINES = [  # the kinds of machine that the course supports, by their markers
    {"sys_platform": system, "platform_machine": machine, "os_name": os_name}
    for system, machine, os_name in [
        ("linux", "x86_64", "posix"),
        ("linux", "aarch64", "posix"),
        ("darwin", "arm64", "posix"),
        ("win32", "AMD64", "nt"),
    ]
]
PYTHONS = ["3.11", "3.12", "3.13"]


def read_lock(name):
    """{package name: Requirement} of a lock file; every line must be one."""
    lines = (ROOT / name).read_text().splitlines()
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    requirements = [Requirement(line) for line in lines]
    lock = {canonicalize_name(r.name): r for r in requirements}
    assert len(lock) == len(requirements), f"{name} holds a package twice"
    return lock


def applies(requirement, machine, python):
    environment = {**machine, "python_version": python, "python_full_version": f"{python}.7"}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def version_of(locked):
    (specifier,) = locked.specifier
    return Version(specifier.version)


@pytest.mark.parametrize("name", course.LOCKS)
def test_every_line_of_a_lock_is_exact(name):
    lock = read_lock(name)
    assert len(lock) > 50
    for requirement in lock.values():
        assert [s.operator for s in requirement.specifier] == ["=="], str(requirement)
        assert "*" not in str(requirement.specifier), str(requirement)
        assert not requirement.url and not requirement.extras, str(requirement)


@pytest.mark.parametrize("name", course.LOCKS)
def test_a_lock_names_no_place(name):
    assert not re.search(r"://|--index|--find-links|file:|^-e|(^|\s)/", (ROOT / name).read_text())


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m['sys_platform']}-{m['os_name']}")
def test_direct_dependencies_are_locked_where_they_apply(machine, python):
    extra = PROJECT["optional-dependencies"]["test"]
    for name, needs in [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-test.txt", PROJECT["dependencies"] + extra),
    ]:
        lock = read_lock(name)
        for need in map(Requirement, needs):
            locked = lock[canonicalize_name(need.name)]
            assert version_of(locked) in need.specifier, f"{name}: {locked} is not {need}"
            assert applies(locked, machine, python) == applies(need, machine, python), str(need)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m['sys_platform']}-{m['os_name']}")
def test_every_machine_gets_exactly_one_tensorflow(machine, python):
    lock = read_lock("requirements.txt")
    chosen = [n for n in ("tensorflow", "tensorflow-cpu") if applies(lock[n], machine, python)]
    small = machine["sys_platform"] == "linux" and machine["platform_machine"] == "x86_64"
    assert chosen == (["tensorflow-cpu"] if small else ["tensorflow"])


def test_the_test_lock_contains_the_user_lock():
    user, test = read_lock("requirements.txt"), read_lock("requirements-test.txt")
    assert {name: str(test.get(name)) for name in user} == {n: str(r) for n, r in user.items()}


def test_the_lock_holds_the_build_backend():
    """course.py installs the course without build isolation, so that nothing is downloaded."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    lock = read_lock("requirements.txt")
    for need in map(Requirement, build["requires"]):
        assert version_of(lock[canonicalize_name(need.name)]) in need.specifier


def test_environment_yml():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert set(content) == {"name", "channels", "dependencies"}
    assert content["name"] == PROJECT["name"]
    assert content["channels"] == ["conda-forge"]
    python, pip, by_pip = content["dependencies"]
    assert re.fullmatch(r"python=3\.\d+", python)
    assert pip == "pip"
    assert by_pip == {"pip": ["-r requirements.txt", "-e ."]}


def test_one_range_of_pythons():
    supported = SpecifierSet(PROJECT["requires-python"])
    minors = [minor for minor in range(30) if f"3.{minor}" in supported]
    assert minors == list(range(course.OLDEST[1], course.NEWEST[1] + 1))
    assert [f"3.{minor}" for minor in minors] == PYTHONS
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert content["dependencies"][0].split("=")[1] in PYTHONS


def test_ci_runs_the_test_command():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-1] == "python3 course.py test"
