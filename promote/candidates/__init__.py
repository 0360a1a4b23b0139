"""The configurations that a choice was made among, and statistics over all of them."""
