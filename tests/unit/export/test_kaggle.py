from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from svgtune.config.export import CheckSection, ExportRecipe
from svgtune.errors import InputError, UploadError
from svgtune.export import hub, stage
from svgtune.export.kaggle import KaggleHandle, find_hub_licence, find_kaggle_licence, read_handle

MakeRun = Callable[..., Path]
HANDLE = "jane/svg-drawer/transformers/nano"
QUICK = CheckSection(prompts=(), max_new_tokens=1)


class StandIn(ModuleType):
    """Stands in for kagglehub, and keeps what it is called with."""

    def __init__(self, credentials: object = "some", error: Exception | None = None) -> None:
        super().__init__("kagglehub")
        self.config = SimpleNamespace(get_kaggle_credentials=lambda: credentials)
        self.calls: list[dict[str, Any]] = []
        self.error = error

    def model_upload(self, *handle_and_folder: str, **options: Any) -> None:
        handle, folder = handle_and_folder
        self.calls.append({"handle": handle, "folder": folder, **options})
        if self.error is not None:
            raise self.error


def test_handles_are_read_in_any_spelling_of_the_framework() -> None:
    assert read_handle(HANDLE) == KaggleHandle("jane", "svg-drawer", "transformers", "nano")
    assert str(read_handle("jane/qwen2.5/PyTorch/0.5b")) == "jane/qwen2.5/pyTorch/0.5b"
    assert read_handle("jane/x/tensorflow-2/y").framework == "tensorFlow2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jane/svg", "has 2 parts and not four; give OWNER/MODEL/FRAMEWORK/VARIATION"),
        (f"{HANDLE}/3", f"names version 3, and Kaggle numbers versions itself; give {HANDLE}"),
        (f"https://www.kaggle.com/models/{HANDLE}", "parts and not four"),
        ("jane/my svg/transformers/nano", "'my svg' in .* may hold letters, digits"),
        ("jane/svg/transformers/..", "may hold letters"),
        ("jane/svg/transformer/nano", "is no framework of Kaggle's; did you mean transformers"),
        ("jane/svg/fortran/nano", "choose one of transformers, pyTorch"),
        ("", "has 1 parts"),
    ],
)
def test_other_handles_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_handle(text)


def test_licences_have_two_names() -> None:
    assert find_kaggle_licence("Apache-2.0") == find_kaggle_licence("Apache 2.0") == "Apache 2.0"
    assert find_hub_licence("Apache 2.0") == find_hub_licence("apache-2.0") == "apache-2.0"
    with pytest.raises(InputError, match="names none, and Kaggle wants one; give --licence"):
        find_kaggle_licence(None)


def test_a_dry_run_shows_what_would_be_uploaded_and_uploads_nothing(
    tiny_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", StandIn(credentials=None))
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, kaggle=HANDLE, licence="Apache 2.0")
    export = stage.run(recipe, tmp_path / "out", dry_run=True)
    assert not export.uploaded
    assert sys.modules["kagglehub"].calls == []
    for name, size in export.files.items():
        assert f"{size:>13,}  {name}\n" in str(export)
        assert (tmp_path / "out" / name).stat().st_size == size
    assert f"nothing was uploaded; it would go to {HANDLE} under the licence Apache 2.0" in str(export)
    model = json.loads((tmp_path / "out" / "model-metadata.json").read_text())
    assert model.keys() == {
        "ownerSlug", "title", "slug", "subtitle", "isPrivate", "description", "publishTime",
        "provenanceSources",
    }  # fmt: skip
    assert (model["ownerSlug"], model["slug"], model["isPrivate"]) == ("jane", "svg-drawer", True)
    assert model["description"].startswith("# my_run\n")
    instance = json.loads((tmp_path / "out" / "model-instance-metadata.json").read_text())
    assert instance.keys() == {
        "ownerSlug", "modelSlug", "instanceSlug", "framework", "overview", "usage", "licenseName",
        "fineTunable", "trainingData", "modelInstanceType", "baseModelInstance", "externalBaseModelUrl",
    }  # fmt: skip
    assert instance["licenseName"] == "Apache 2.0"
    assert instance["trainingData"] == ["emoji: CC-BY-4.0"]
    assert f'kagglehub.model_download("{HANDLE}")' in instance["usage"]


def test_an_upload_gets_the_folder_without_the_notes_of_the_run(
    tiny_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kagglehub = StandIn()
    monkeypatch.setitem(sys.modules, "kagglehub", kagglehub)
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, kaggle=HANDLE, licence="mit", notes="second go")
    export = stage.run(recipe, tmp_path / "out")
    assert export.uploaded
    (call,) = kagglehub.calls
    left_out = call.pop("ignore_patterns")
    assert call == {
        "handle": HANDLE,
        "folder": str(tmp_path / "out"),
        "license_name": "MIT",
        "version_notes": "second go",
    }
    kept = {p.name for p in (tmp_path / "out").iterdir() if not any(p.match(one) for one in left_out)}
    assert kept == set(export.files)
    assert not kept & {"recipe.yaml", "versions.json", "export.json", "model-metadata.json"}


def test_a_refused_upload_keeps_the_export_for_another_try(
    tiny_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, kaggle=HANDLE, licence="mit")
    monkeypatch.setitem(sys.modules, "kagglehub", StandIn(error=RuntimeError("403 Forbidden\nlong story")))
    with pytest.raises(UploadError, match=r"was not uploaded \(403 Forbidden\); mend that"):
        stage.run(recipe, tmp_path / "out")
    made = (tmp_path / "out" / "adapter_model.safetensors").stat().st_mtime_ns
    monkeypatch.setitem(sys.modules, "kagglehub", StandIn())
    assert stage.run(recipe, tmp_path / "out", resume=True).uploaded
    assert (tmp_path / "out" / "adapter_model.safetensors").stat().st_mtime_ns == made


def test_nothing_is_made_where_an_upload_cannot_begin(
    tiny_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, kaggle=HANDLE, licence="mit")
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(UploadError, match="kagglehub is not installed; pip install 'svgtune"):
        stage.run(recipe, tmp_path / "out")
    monkeypatch.setitem(sys.modules, "kagglehub", StandIn(credentials=None))
    with pytest.raises(UploadError, match="there are no credentials; set KAGGLE_API_TOKEN"):
        stage.run(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_kagglehub_takes_these_arguments() -> None:
    kagglehub = pytest.importorskip("kagglehub", reason="kagglehub is not installed")
    options = {"license_name": "MIT", "version_notes": "", "ignore_patterns": ["recipe.*.yaml"]}
    inspect.signature(kagglehub.model_upload).bind(HANDLE, "folder", **options)
    for name in ("transformers", "pyTorch", "tensorFlow2", "scikitLearn", "gguf", "vllm"):
        handle = kagglehub.handle.parse_model_handle(f"jane/svg/{name}/nano")
        assert handle.framework_enum() is not None


@pytest.mark.parametrize("text", ["nano", "a/b/c", "me/my model", "me/.git", ""])
def test_hub_ids_are_checked(text: str) -> None:
    with pytest.raises(InputError, match="give OWNER/NAME"):
        hub.check_hub_id(text)


def test_the_hub_gets_the_files_and_no_others(
    tiny_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    class Api:
        def create_repo(self, repo_id: str, **options: Any) -> None:
            calls.append(("create", {"repo_id": repo_id, **options}))

        def upload_folder(self, **options: Any) -> None:
            inspect.signature(real.upload_folder).bind(None, **options)
            calls.append(("upload", options))

    real = hub.huggingface_hub.HfApi
    recipe = ExportRecipe(adapter=tiny_run(), check=QUICK, hub="me/mine", private=False)
    monkeypatch.setattr(hub.huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UploadError, match="HF_HUB_OFFLINE is set"):
        stage.run(recipe, tmp_path / "out")
    monkeypatch.setattr(hub.huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub.huggingface_hub, "get_token", lambda: None)
    with pytest.raises(UploadError, match="there is no token; run hf auth login or set HF_TOKEN"):
        stage.run(recipe, tmp_path / "out")
    monkeypatch.setattr(hub.huggingface_hub, "get_token", lambda: "hf_x")
    monkeypatch.setattr(hub.huggingface_hub, "HfApi", Api)
    export = stage.run(recipe, tmp_path / "out")
    assert export.uploaded
    assert calls == [
        ("create", {"repo_id": "me/mine", "private": False, "exist_ok": True}),
        (
            "upload",
            {
                "repo_id": "me/mine",
                "folder_path": str(tmp_path / "out"),
                "allow_patterns": list(export.files),
                "commit_message": "Upload by svgtune",
            },
        ),
    ]
