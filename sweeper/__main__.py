"""`python -m sweeper`."""

from store.files.memory_limit import require_memory

if __name__ == "__main__":
    require_memory()
    from sweeper.app import main  # late: the libraries behind it need the memory

    main()
