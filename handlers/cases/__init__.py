"""The hotline: confidential reports, by verbs. Everything said here goes by the case lane, sealed."""
