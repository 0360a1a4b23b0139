"""`python -m sweeper`."""

from store.files.memory_limit import require_memory
from store.files.required_packages import require_packages

if __name__ == "__main__":
    require_memory()
    require_packages("hydra", "omegaconf", "ray")
    from sweeper.app import main  # late: the libraries behind it need the memory

    main()
