"""Access: tokens and roles, hosts and origins, limits of every request."""
