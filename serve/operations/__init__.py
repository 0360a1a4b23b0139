"""Operations: rollouts, targets, tasks and alerts, by the functions behind `python -m operate`."""
