"""The command `audan`: one file per verb, and one place where errors become exit codes.

Exit codes: 0 fine, 1 the input is at fault, 2 the call is at fault, 3 the system is at fault.
"""

from __future__ import annotations

import os
import sys

from ..errors import AudanError

_INTERRUPTED = 130


def main() -> None:
    """Run `audan`; an error is one paragraph on stderr and an exit code, never a traceback."""
    try:
        from .app import app

        app()
    except AudanError as error:
        if os.environ.get("AUDAN_DEBUG"):
            raise
        print(f"audan: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as ended:
        # typer itself turns Ctrl-C into an exit code, without a word.
        if isinstance(ended, SystemExit) and ended.code != _INTERRUPTED:
            raise
        print("audan: interrupted; nothing half-done is left", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("AUDAN_DEBUG"):
            raise
        kind = type(error).__name__
        print(
            f"audan: an unforeseen fault: {kind}: {error}. Set AUDAN_DEBUG=1, run it again and report what it prints.",
            file=sys.stderr,
        )
        sys.exit(3)
