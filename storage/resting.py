"""Cards that count rest for some seconds after each look, however much is tapped; `refresh_at`: until when."""

# No card rests for ten minutes: a later time was written before the clock was set back.
RESTED = "(refresh_at <= :now OR refresh_at > :now + 600000000)"
