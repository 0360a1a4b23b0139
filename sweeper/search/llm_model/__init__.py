"""Language model of `sweeper.search.llm`: client, prompt, checks, and the heuristic without one."""
