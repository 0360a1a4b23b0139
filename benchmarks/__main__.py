"""Run the benchmarks: all of them, or those named; `--list` says what there is.

A benchmark is a module of this folder that runs by itself: `python -m benchmarks.NAME`. Each runs
in a process of its own, so that neither its memory nor its compiled code is another's.
"""

import ast
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """First line of each benchmark's docstring, by name."""
    files = [path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("__")]
    texts = {path.stem: ast.get_docstring(ast.parse(path.read_text())) or "" for path in files}
    return {name: text.partition("\n")[0] for name, text in texts.items()}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; the exit code is that of the last one that failed."""
    known = benchmarks()
    if names == ["--list"]:
        print("\n".join(f"{name:18}{line}" for name, line in known.items()))
        return 0
    for name in names:
        if name not in known:
            print(f"benchmarks: no benchmark {name!r}; there are {', '.join(known)}")
            return 2
    failed = 0
    for name in names or known:
        print(f"\n== {name}: {known[name]}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        failed = subprocess.run(command, cwd=FOLDER.parent, check=False).returncode or failed
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
