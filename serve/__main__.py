"""`python -m serve`: see `serve.start`."""

from serve.start import main

main()
