"""Thirty days of a city's hotline, played in minutes: 400 reports a day, and one day with ten times as many.

Everything of the bot but the messenger itself: pipeline, jobs, outbox and sender are the real ones; phones take the
place of the network, and the clock is moved by the minute. `python -m tests.month` plays the whole month.
"""
