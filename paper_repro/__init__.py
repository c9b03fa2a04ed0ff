"""Statements of papers, reproduced exactly."""
