"""One HTML page that shows what a sweep found, and what it is worth."""

from store.report.write_report import write_report

__all__ = ["write_report"]
