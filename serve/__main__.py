"""`python -m serve`: see `serve.start`."""

from store.files.memory_limit import require_memory

if __name__ == "__main__":
    require_memory()
    from serve.start import main

    main()
