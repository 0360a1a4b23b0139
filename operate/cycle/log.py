"""Lines of the cycle: improvement_cycle_<date>.log; events are in the registry."""

from operate.records.clock import iso
from operate.records.desk import Place
from operate.records.paths import log_file
from store.files import local


def note(place: Place, line: str) -> None:
    """Append a line; several processes may do so at once."""
    path = log_file(place.root, f"{place.now:%Y%m%d}")
    local.make_folder(path.parent)
    with path.open("a") as file:
        file.write(f"{iso(place.now)} {' '.join(line.split())}\n")
