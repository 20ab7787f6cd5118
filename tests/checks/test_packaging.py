"""What a fresh machine needs is there: locked requirements, the image's files, the make targets."""

import ast
import fnmatch
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "handlers", "jobs", "storage", "domain", "locales", "sandbox")
CHECKS_ONLY = {"locales/check.py"}  # never imported by the running bot
TARGETS = ("help", "demo", "test", "check", "bench", "torture", "strings", "image", "lock", "clean")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, str]:
    """Package → its version and hashes."""
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", read(f"requirements/{name}.txt"))
    return {plain(block.split("==")[0]): block for block in blocks if "==" in block.partition("\n")[0]}


def wanted(name: str) -> set[str]:
    lines = [line.partition("#")[0].strip() for line in read(f"requirements/{name}.in").splitlines()]
    return {plain(re.split(r"[<>=;\[]", line)[0].strip()) for line in lines if line and not line.startswith("-")}


# --- requirements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "dev"])
def test_each_requirement_is_locked_with_hashes(name: str) -> None:
    assert wanted(name) <= set(locked(name))
    assert [package for package, block in locked(name).items() if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["run", "dev"])
def test_locks_come_from_the_public_index_only(name: str) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", read(f"requirements/{name}.txt"))


def test_tests_run_with_the_versions_that_run() -> None:
    def versions(name: str) -> dict[str, str]:
        return {package: block.partition(" ")[0].partition("==")[2] for package, block in locked(name).items()}

    assert versions("run").items() <= versions("dev").items()


def test_the_program_imports_only_what_it_requires() -> None:
    """A package that happens to be in .venv would be missing on a fresh machine."""
    distributions = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in _program()
        for module in _imports(path) - set(OURS) - sys.stdlib_module_names
        if not {plain(name) for name in distributions.get(module, [])} & set(locked("run"))
    }
    assert sorted(missing) == []


def _program() -> list[Path]:
    paths = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in paths if path.relative_to(ROOT).as_posix() not in CHECKS_ONLY]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


# --- the image --------------------------------------------------------------------------------------------------------


def copied() -> list[str]:
    lines = [line.split()[1:-1] for line in read("Dockerfile").splitlines() if line.startswith("COPY ")]
    return [source for sources in lines if not sources[0].startswith("--from") for source in sources]


def sent_to_the_builder(path: str) -> bool:
    """The last line of .dockerignore that matches the path, or a folder above it, decides."""
    sent = True
    for line in read(".dockerignore").splitlines():
        pattern = line.removeprefix("!")
        above = [path, *(str(parent) for parent in Path(path).parents)]
        if line and not line.startswith("#") and any(fnmatch.fnmatch(each, pattern) for each in above):
            sent = line.startswith("!")
    return sent


def test_everything_the_image_copies_is_there() -> None:
    assert copied()
    assert [source for source in copied() if not (ROOT / source).exists() or not sent_to_the_builder(source)] == []


def test_the_image_holds_every_package() -> None:
    assert set(OURS) <= set(copied())


@pytest.mark.parametrize("path", [".env", ".git/config", "birge.sqlite3", "bot/.env", "birge.keys", "tests/cast.py"])
def test_secrets_and_ballast_stay_out_of_the_image(path: str) -> None:
    assert not sent_to_the_builder(path)


def test_the_image_does_not_run_as_root() -> None:
    final_stage = read("Dockerfile").rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0)\w+$", final_stage, re.MULTILINE)


# --- make and CI ------------------------------------------------------------------------------------------------------


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--file", str(ROOT / "Makefile"), *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_make_alone_lists_the_targets() -> None:
    listed = [line.split()[1] for line in make(ROOT).stdout.splitlines()]
    assert listed == list(TARGETS)


@pytest.mark.parametrize("python", ["", "false", "/no/such/python"])
def test_without_a_new_enough_python_make_says_so(tmp_path: Path, python: str) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").touch()
    done = make(tmp_path, "demo", f"PYTHON={python}")
    assert done.returncode != 0
    assert "Birge needs Python 3.11 or newer" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_both_commands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert {"make check", "make test"} <= set(script.read_text(encoding="utf-8").splitlines())
