"""`make bench`: how fast Birge is, side by side with bots that only echo, against a stand-in Bot API.

python -m tests.bench [--quick] [--only PART] [--seed N] [--profile FILE]
"""
