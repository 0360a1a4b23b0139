"""The same evaluations by other tools of the field, each as its users write it."""
