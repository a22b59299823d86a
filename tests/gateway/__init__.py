"""The house's gateway, over real sockets, in front of real apps."""
