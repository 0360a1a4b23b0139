"""Rollout: stages of capital, a pure decision, acts on record, the gap, null rollouts."""

from operate.rollout.decision import decide

__all__ = ["decide"]
