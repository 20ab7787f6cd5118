"""The bots Birge is measured against: each answers a message with its own words, and does nothing else."""
