"""Needs of a worker besides a core: resources and labels of the node that it runs on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sweeper.config.schema import RayConfig


@dataclass(frozen=True)
class Needs:
    """Resources and labels of each worker.

    Attributes:
        resources: name -> amount, as Ray counts them; CPU is 1 unless it is among them.
        labels: label of a node -> its value, or `in(a,b)`, `!in(a,b)`, `!a` as Ray selects them.
    """

    resources: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, config: RayConfig) -> "Needs":
        """Resources and labels of a config.

        Raises:
            ValueError: an amount that is not above 0, or less than a core.
        """
        for key, given in (("resources", config.resources), ("labels", config.labels)):
            if not isinstance(given, Mapping):
                raise ValueError(f"ray.{key}: must be a mapping {{NAME: VALUE}}, got {given!r}")
        for name, amount in config.resources.items():
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not amount > 0:
                raise ValueError(
                    f"ray.resources.{name}: must be above 0, got {amount}; 0.01 of a resource "
                    "binds a worker to its nodes and leaves nearly all of it to others"
                )
        if config.resources.get("CPU", 1) < 1:
            raise ValueError(
                f"ray.resources.CPU: a worker keeps a core busy, got {config.resources['CPU']}; "
                "give 1 or more, or leave it out"
            )
        amounts = {str(name): float(amount) for name, amount in config.resources.items()}
        return cls(amounts, {str(name): str(value) for name, value in config.labels.items()})

    @property
    def bundle(self) -> dict[str, float]:
        """Resources of one worker, its core among them."""
        return {"CPU": 1.0, **self.resources}

    def room(self, nodes: Iterable[Mapping[str, Any]], held: float = 0.0) -> int:
        """Number of workers that fit on nodes without other work.

        Args:
            nodes: as `ray.nodes()` has them.
            held: cores that are taken for good.
        """
        places = [self._on(node["Resources"]) for node in nodes if self._suits(node)]
        cores = sum(n["Resources"].get("CPU", 0) for n in nodes if self._suits(n)) - held
        return max(0, min(sum(places), int(cores / self.bundle["CPU"])))

    def __str__(self) -> str:
        """As it is written in a config: `{CPU: 1, gpu_node: 0.01}`, and the labels."""
        parts = [_written(self.bundle)]
        if self.labels:
            parts.append(f"labels {_written(self.labels)}")
        return " and ".join(parts)

    def _on(self, there: Mapping[str, float]) -> int:
        return min(int(there.get(name, 0) / amount + 1e-9) for name, amount in self.bundle.items())

    def _suits(self, node: Mapping[str, Any]) -> bool:
        """True when a node is up and has the labels; operators are left to Ray."""
        labels = node.get("Labels") or {}
        plain = {name: value for name, value in self.labels.items() if not set(value) & set("!(")}
        return bool(node["Alive"]) and all(labels.get(k) == v for k, v in plain.items())


@dataclass(frozen=True)
class Asked:
    """Workers that are asked of Ray, and so of an autoscaler.

    Attributes:
        workers: at once, one per core unless the config says.
        room: more that wait for nodes which join.
    """

    workers: int
    room: int = 0

    @classmethod
    def of(cls, config: RayConfig, places: int, grows: bool) -> "Asked":
        """Workers for a config, never more than its `max_workers`.

        Args:
            config: `workers` and `max_workers` are read.
            places: workers that the nodes have room for now.
            grows: nodes may join.
        """
        workers = config.workers or max(1, places)
        most = 2 * workers if config.max_workers is None else config.max_workers
        workers = min(workers, most)
        return cls(workers, most - workers if grows and config.workers is None else 0)


def check_numbers(config: RayConfig) -> None:
    """Raise ValueError for a number of cores or workers that is none."""
    for name in ("num_cpus", "workers", "max_workers"):
        value = getattr(config, name)
        if value is not None and value < 1:
            raise ValueError(f"ray.{name}: must be >= 1, got {value}")
    workers, most = config.workers, config.max_workers
    if workers is not None and most is not None and workers > most:
        raise ValueError(
            f"ray.workers: must be <= ray.max_workers, got {workers} and {most}; leave one out"
        )


def _written(mapping: Mapping[str, object]) -> str:
    pairs = (f"{k}: {v:g}" if isinstance(v, float) else f"{k}: {v}" for k, v in mapping.items())
    return "{" + ", ".join(pairs) + "}"
