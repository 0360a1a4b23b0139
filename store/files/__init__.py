"""Files of a store: folders and buckets, atomic writes, locks, hash chains, paths."""
