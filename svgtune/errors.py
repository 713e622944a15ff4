"""One error tree; each class is also the standard library's type for that kind of failure.

A message reads ``<where>: <what is wrong, with the value>; <what to do>``.
"""


class SvgtuneError(Exception):
    """Any failure that svgtune foresees and explains."""


class RecipeError(SvgtuneError, ValueError):
    """A recipe or command-line override that cannot be used."""


class InputError(SvgtuneError, ValueError):
    """A file, row or prompt given by the user that cannot be used."""


class MissingInputError(InputError, FileNotFoundError):
    """A file, folder or column that is not there."""


class OutputExistsError(SvgtuneError, FileExistsError):
    """An output folder that already holds a run, without leave to resume or overwrite it."""


class SvgError(SvgtuneError, ValueError):
    """A drawing that cannot be parsed or brought into normal form.

    Attributes:
        reason: A snake_case word that becomes a drop counter, such as ``not_xml`` or ``has_text``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RenderError(SvgtuneError, RuntimeError):
    """A drawing that the renderer could not turn into pixels."""


class SourceError(SvgtuneError, RuntimeError):
    """A data source that could not be collected."""


class MachineError(SvgtuneError, RuntimeError):
    """A recipe that asks for more than this machine has."""


class EngineError(SvgtuneError, RuntimeError):
    """An engine that could not be started, or died at work; one that died can be started again."""


class JudgeError(SvgtuneError, RuntimeError):
    """A judge that raised, or answered with what is no judgement."""


class SubmissionError(SvgtuneError, ValueError):
    """A submission that fails as a whole because of one drawing, as at the competition."""


class TrainingError(SvgtuneError, RuntimeError):
    """A training that has come to where going on would only do harm, or nothing."""


class UploadError(SvgtuneError, RuntimeError):
    """An upload that could not begin, or that the server refused."""
