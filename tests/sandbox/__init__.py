"""The pretend Telegram, held to what is known of the real one."""
