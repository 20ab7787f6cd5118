"""Stories: told by a member, decided on by those who lead, taken back by their writer."""
