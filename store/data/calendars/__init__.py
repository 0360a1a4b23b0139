"""Calendars and times of bars: timeframes, zones, trading days, bars a year, coverage."""
