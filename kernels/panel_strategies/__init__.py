"""One file per strategy of a panel: each ranks the symbols of a universe."""
