"""Newsletters: drafted from what happened, edited, then sent to everybody or printed."""
