"""See the sub-modules."""
