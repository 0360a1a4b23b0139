"""Shadow: the profile re-run on fresh bars, compared with what it did before."""
