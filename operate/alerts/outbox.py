"""Outbox: a message to people is kept before it is sent, once per occasion."""

from operate.records.desk import Place
from store.registry.operation import post

LONGEST = 1_500


def alert(place: Place, key: str, kind: str, subject: str, message: str) -> bool:
    """Put a message in the outbox; False when its occasion has one already."""
    return post(place.registry, key, kind, subject, message[:LONGEST])
