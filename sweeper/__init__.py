"""The engine: config, search space, plan, executors. The only folder that imports Ray or Hydra."""
