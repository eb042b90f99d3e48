"""Reading a file that somebody has put beside the returns: the register, a blank form, answers.

Returns are read file by file in processes of their own.  These few are read in the command itself,
and whatever a reader trips over in a damaged one is an error with a sentence like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import KepuError, MemoryLimitError, ReaderFailureError

_ADVICE = "请用 Excel 或 WPS 打开核对后另存为 .xlsx 再试"


@contextmanager
def reading() -> Iterator[None]:
    """Whatever goes wrong inside the block is an UnreadableFileError, or an error of our own.

    Sheets are taken from the file when their rows are asked for: ask inside the block.
    """
    try:
        yield
    except KepuError:
        raise
    except MemoryError as error:
        raise MemoryLimitError("内容太多，内存放不下", _ADVICE) from error
    except Exception as unexpected:
        problem = f"文件已损坏，读取时出错（{type(unexpected).__name__}）"
        raise ReaderFailureError(problem, _ADVICE) from unexpected
