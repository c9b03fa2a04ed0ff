"""Reports: what a result says to a person and, in JSON, to a program."""

from exactnet.report.page import Report, Table

__all__ = ["Report", "Table"]
