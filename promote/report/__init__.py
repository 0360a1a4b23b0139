"""Report of a promotion: the gate's judgement, and what to do next."""

from promote.report.collect import report_of
from promote.report.forms import report_writes
from promote.report.report import Report

__all__ = ["Report", "report_of", "report_writes"]
