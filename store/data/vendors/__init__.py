"""Whom data are fetched from, each through its own client: ingest only, never in a sweep.

ccxt       candles of a crypto exchange
yfinance   daily and intraday bars of Yahoo Finance
rss        news items of a feed, and how they sound
pages      a download in pages that goes on where it stopped
"""
