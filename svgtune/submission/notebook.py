"""The submission as a notebook for Kaggle: installs from attached wheels, and exports ``class Model``.

Kaggle makes a package of the cells that are marked ``#| export`` (nbdev) and builds ``Model`` from it in a
session without a network; the other cells are run when the notebook is saved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from svgtune import __version__
from svgtune.config import dump_recipe
from svgtune.config.submission import SubmissionRecipe
from svgtune.errors import MachineError
from svgtune.runs import write_text_atomic

WHEELS_FOLDER = "/kaggle/input/svgtune-wheels"

_TITLE = """# Drawing with LLMs: svgtune {version}

Attach the data set of wheels and the folders that the recipe below names, choose a GPU, switch the internet
off, save a version, and submit it. The wheels come from

```
pip wheel --wheel-dir wheels '{here}'
pip download --no-deps --dest wheels rapidocr-onnxruntime
```

in a checkout of svgtune, on a machine with Kaggle's Python and platform."""

_SETTINGS = '''#| export

import os
import subprocess
import sys
import tempfile
from pathlib import Path

WHEELS = {wheels!r}
REQUIREMENT = {requirement!r}
RECIPE = """
{recipe}"""'''

_INSTALL = '''#| export

def install() -> None:
    """Installs svgtune from the attached wheels, unless it is there already."""
    found = subprocess.run([sys.executable, "-c", "import svgtune"], capture_output=True, check=False)
    if found.returncode == 0:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", WHEELS]
    subprocess.run([*pip, REQUIREMENT], check=True)
    # Its OpenCV needs a screen's libraries; the one that is there serves as well.
    subprocess.run([*pip, "--no-deps", "rapidocr-onnxruntime"], check=False)'''

_MODEL = '''#| export

class Model:
    """Draws descriptions; answers with a valid SVG whatever happens, within the limits of the recipe."""

    def __init__(self) -> None:
        install()
        from svgtune.submission.model import Model as Drawer

        recipe = Path(tempfile.mkdtemp()) / "recipe.yaml"
        recipe.write_text(RECIPE, encoding="utf-8")
        # While the notebook is saved, a model that cannot be loaded must be seen; later it is too late.
        is_scored = os.getenv("KAGGLE_IS_COMPETITION_RERUN") is not None
        self._drawer = Drawer(recipe, must_draw=not is_scored)

    def predict(self, prompt: str) -> str:
        """Returns an SVG for a description."""
        return self._drawer.predict(prompt)'''

_TRY = """# A look at one drawing; not part of the package.
model = Model()
svg = model.predict("a lighthouse overlooking the ocean at dusk")
print(model._drawer.answer)
model._drawer.close()
try:
    from IPython.display import SVG, display
    display(SVG(svg))
except ImportError:
    print(svg)"""

_CHECK = """# The competition's own check of the model.
sys.path.append("/kaggle/input/drawing-with-llms")
import kaggle_evaluation

kaggle_evaluation.test(Model)"""


def build_notebook(recipe: SubmissionRecipe, wheels: str = WHEELS_FOLDER) -> Any:
    """Builds the notebook of a recipe; the same recipe always gives the same one.

    Args:
        recipe: Names its model, adapter and judges by the folders where Kaggle mounts them.
        wheels: Folder of the attached wheels.

    Returns:
        A notebook of nbformat 4.

    Raises:
        MachineError: The package nbformat is not there.
    """
    try:
        from nbformat import v4, validate
    except ImportError as error:
        raise MachineError(
            "notebook: the package nbformat is not there; install it with pip install 'svgtune[kaggle]'"
        ) from error

    requirement = _find_requirement(recipe)
    text = dump_recipe(recipe.model_copy(update={"descriptions": None}))
    sources = (
        "#| default_exp core",
        _SETTINGS.format(wheels=wheels, requirement=requirement, recipe=text),
        _INSTALL,
        _MODEL,
        _TRY,
        _CHECK,
    )
    here = requirement.replace("svgtune", ".", 1).partition("==")[0]
    title = _TITLE.format(version=__version__, here=here)
    cells = [v4.new_markdown_cell(title, id="title")]
    cells += [v4.new_code_cell(source, id=f"cell-{place}") for place, source in enumerate(sources, start=1)]
    notebook = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "kaggle": {
                "accelerator": "nvidiaTeslaT4",
                "isGpuEnabled": True,
                "isInternetEnabled": False,
                "language": "python",
                "sourceType": "notebook",
            },
        },
    )
    validate(notebook)
    return notebook


def write_notebook(notebook: Any, path: Path) -> None:
    """Writes a notebook."""
    from nbformat import writes

    write_text_atomic(path, writes(notebook) + "\n")


def _find_requirement(recipe: SubmissionRecipe) -> str:
    """Returns what pip is to install: svgtune with the extras that the recipe needs."""
    extras = []
    if recipe.engine == "vllm":
        extras.append("gpu")
    if recipe.quantisation != "none":
        extras.append("qlora")
    if recipe.select.by == "judges" and recipe.select.judges == "embedded":
        extras.append("judges")
    return f"svgtune[{','.join(extras)}]=={__version__}" if extras else f"svgtune=={__version__}"
