"""Campaigns: planned as a calendar of posts, shown in one card, paused, cancelled, and counted."""
