"""Which files a strategy is made of: its own, and those of the user's that it imports."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

LIBRARIES = {"kernels", "numba", "numpy", *sys.stdlib_module_names}
"""Packages with a version of their own: the kernels' is in every hash of a configuration."""

STRATEGIES = "kernels.strategies."
"""Modules of `kernels` that change without a new version of it: another may be made of them."""


def source_hash(module: ModuleType) -> str:
    """SHA-256, hex, of an imported module's file and of all the files it is made of."""
    files = sorted(_files(module, {}).items())
    return hashlib.sha256(b"\0".join(content for _, content in files)).hexdigest()


def source_files(module: ModuleType) -> tuple[Path, ...]:
    """The files that an imported module is made of: its own, and those of the user's it imports."""
    return tuple(Path(str(sys.modules[name].__file__)) for name in sorted(_files(module, {})))


def stands_alone(file: Path) -> bool:
    """True when a file imports nothing but NumPy, Numba, the standard library and `kernels`."""
    names = _imports(file.read_bytes(), "")
    return all(name.partition(".")[0] in LIBRARIES for name in names)


def _files(module: ModuleType, read: dict[str, bytes]) -> dict[str, bytes]:
    """Contents by module name: of the module, then of what it imports, and so on."""
    read[module.__name__] = Path(str(module.__file__)).read_bytes()
    for name in _imports(read[module.__name__], module.__package__ or ""):
        other = sys.modules.get(name)
        if name not in read and other is not None and _is_own(other):
            _files(other, read)
    return read


def _is_own(module: ModuleType) -> bool:
    """True when a module is a file of the user's, and no installed library."""
    file = Path(getattr(module, "__file__", None) or "")
    installed = {"site-packages", "dist-packages"} & set(file.parts)
    of_library = module.__name__.partition(".")[0] in LIBRARIES
    library = of_library and not module.__name__.startswith(STRATEGIES)
    return file.suffix == ".py" and not installed and not library


def _imports(source: bytes, package: str) -> Iterator[str]:
    """Dotted names that may be modules; relative ones are resolved within `package`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*(above if node.level else []), *filter(None, [node.module])]
            path = ".".join(parts)
            yield from (path, *(f"{path}.{alias.name}" for alias in node.names))
