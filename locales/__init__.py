"""The catalogues, and the two tools that keep them whole: strings (extract, update, compile) and check."""
