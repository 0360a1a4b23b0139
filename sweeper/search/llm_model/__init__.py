"""What `sweeper.search.llm` talks to a language model with, and does without one."""
