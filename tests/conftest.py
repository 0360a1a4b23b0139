"""For every test: Hypothesis without deadlines, for no test of ours is about wall-clock time.

Nothing here for Numba: `kernels` itself names its cache by a hash of the sources, so a second run
compiles nothing and a run after an edit compiles all. Nor may a test write into the registry that
somebody's environment names.
"""

import os

from hypothesis import settings

settings.register_profile("sweeper", deadline=None)
settings.load_profile("sweeper")
os.environ.pop("DATABASE_URL", None)
