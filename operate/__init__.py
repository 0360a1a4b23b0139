"""After promotion: shadow, target, intake, monitors, rollout, cycle: `python -m operate --help`."""
